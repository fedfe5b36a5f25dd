"""Phrases of people whom the network never heard, spoken clearly or slurred, in known noise.

From these the norms are fitted and the benchmark is made; both split by speaker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware_service.measure.clarity import Heard, hear
from firmware_service.measure.phrase import INDEX_OF, Scores, Word, align
from firmware_service.measure.pronunciation import free_alignment, log_softmax
from firmware_service.measure.speech import CHUNK, speaking_chunks, window_snr_db
from firmware_service.measure.words import removal_gains
from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.phones import OnnxPhones
from firmware_service.screen.thresholds import SPEECH_GATES
from firmware_service.simulate.voice import Cabin
from firmware_service.types import AudioBlock, PhoneHearing
from models.phone_network import noise
from models.phone_network.corpora import Utterance

RATE_HZ = 16_000
LEAD_S = 0.8
SHORTEST_S, WANTED_S, LONGEST_S = 1.0, 2.2, 4.5
FEWEST_PHONES = 6
Sound = noise.Sound


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as somebody said it: float32 at 16 kHz, its words' phones and (start, end) in s."""

    name: str
    speaker: str
    samples: Sound
    words: tuple[Word, ...]
    spans: tuple[tuple[float, float], ...]


def phrases(utterances: list[Utterance], *, each: int, rng: np.random.Generator) -> list[Phrase]:
    """At most `each` phrases of every speaker who is kept out of training."""
    by: dict[str, list[Phrase]] = {}
    for utterance in utterances:
        if not utterance.training:
            by.setdefault(utterance.speaker, []).extend(_cut(utterance))
    chosen = []
    for _, found in sorted(by.items()):
        order = rng.permutation(len(found))[:each]
        chosen += [found[i] for i in sorted(order)]
    return chosen


def _cut(utterance: Utterance) -> Iterator[Phrase]:
    """Stretches of whole words, about as long as a phrase that a patient repeats."""
    words = list(utterance.aligned.words)
    number = 0
    while words:
        many = 1
        while many < len(words) and words[many - 1][3] - words[0][2] < WANTED_S:
            many += 1
        part, words = words[:many], words[many:]
        after = words[0][2] if words else len(utterance.samples) / RATE_HZ
        start = max(part[0][2] - 0.05, 0.0)
        end = min(part[-1][3] + 0.05, after)
        spoken = tuple(Word(w, tuple(INDEX_OF[p] for p in ps)) for w, ps, _, _ in part)
        length = end - start
        if (
            SHORTEST_S <= length <= LONGEST_S
            and sum(len(w.phones) for w in spoken) >= FEWEST_PHONES
        ):
            cut = utterance.samples[int(start * RATE_HZ) : int(end * RATE_HZ)]
            sound = cut.astype(np.float32) / 32768
            spans = tuple((a - start, b - start) for _, _, a, b in part)
            edge = np.linspace(0, 1, 160, dtype=np.float32)
            sound[:160] *= edge
            sound[-160:] *= edge[::-1]
            sound *= np.float32(0.08 / (np.sqrt(np.mean(sound**2)) + 1e-9))
            yield Phrase(f"{utterance.name} {number}", utterance.speaker, sound, spoken, spans)
        number += 1


class Noises:
    """The half of the noises that the network was not trained with, by kind."""

    def __init__(self, data: Path) -> None:
        self._recorded = noise.recorded(data, training=False)
        self._rooms = noise.rooms(data, training=False)
        self._cabins = [Cabin(0.0, siren=s, seed=90 + n) for n in range(3) for s in (False, True)]

    def of(self, kind: str, count: int, rng: np.random.Generator) -> Sound:
        """Noise of a kind (`KINDS`), mean power 1."""
        at = int(rng.integers(0, 15 * RATE_HZ))
        if kind in {"cabin", "cabin+siren"}:
            cabin = self._cabins[2 * int(rng.integers(3)) + (kind == "cabin+siren")]
            out = cabin.heard(at, count)
        elif kind == "siren":
            out = noise.cut(self._recorded[int(rng.integers(len(self._recorded) - 2))], count, rng)
        elif kind == "ambient":
            out = noise.cut(self._recorded[-1 - int(rng.integers(2))], count, rng)
        else:
            out = noise.engine(count, rng)
        return np.asarray(out / (np.std(out) + 1e-9), np.float32)

    def in_room(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """The sound with the echoes of a room."""
        room = self._rooms[int(rng.integers(len(self._rooms)))]
        return np.convolve(sound, room)[: len(sound)].astype(np.float32)


KINDS = ("cabin", "cabin+siren", "siren", "ambient", "engine")


def in_noise(
    sound: Sound, snr_db: float | None, kind: str, noises: Noises, rng: np.random.Generator
) -> Sound:
    """The sound with 0.8 s before and after, in noise; None: hardly any noise (45 dB).

    The signal-to-noise ratio is that of the 100–7600 Hz band, speech while speaking.
    """
    lead = int(LEAD_S * RATE_HZ)
    out = np.pad(sound, lead)
    if snr_db is None:
        return np.asarray(out + 0.08 * 10 ** (-45 / 20) * rng.standard_normal(len(out)), np.float32)
    added = noises.of(kind, len(out), rng)
    power = band_power(added)
    level = np.sqrt(active_power(sound) / power) * 10 ** (-snr_db / 20)
    return np.asarray(out + level * added, np.float32)


def band_power(sound: Sound) -> float:
    """Mean power between 100 and 7600 Hz."""
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return float(2 * spectrum[(hertz >= 100) & (hertz <= 7600)].sum() / len(sound) ** 2)


def active_power(sound: Sound) -> float:
    """Mean power of the blocks of 32 ms within 30 dB of the loudest."""
    blocks = sound[: len(sound) // CHUNK * CHUNK].reshape(-1, CHUNK)
    power = (blocks.astype(np.float64) ** 2).mean(axis=1)
    return float(power[power > 1e-3 * power.max()].mean())


@dataclass(frozen=True, slots=True)
class Taken:
    """One take: the evidence with the phrase known, without, and what each word's removal gains."""

    prompted: Heard
    unprompted: Heard
    gains: tuple[float, ...]


class Ear:
    """The instrument's own path from samples to evidence."""

    def __init__(self, vad: SileroVad, phones: OnnxPhones, log_prior: Scores) -> None:
        self._vad, self.phones, self.log_prior = vad, phones, log_prior

    def speaking(self, samples: Sound) -> tuple[list[float], np.ndarray]:
        """Probabilities of speech, and the chunks that count as speech."""
        self._vad.reset()
        heard = list(self._vad.hear(AudioBlock(0, 0.0, samples, RATE_HZ)))
        return heard, speaking_chunks(heard, SPEECH_GATES)

    def hearing(self, samples: Sound) -> tuple[PhoneHearing, float] | None:
        """What the phone model makes of it, and the SNR in dB; None when nobody is heard."""
        heard, on = self.speaking(samples)
        if not on.any():
            return None
        snr = window_snr_db(heard, samples, SPEECH_GATES)
        return self.phones.listen(samples, RATE_HZ, on), 30.0 if snr is None else snr

    def take(self, samples: Sound, words: tuple[Word, ...]) -> Taken | None:
        """The evidence of one take, with the phrase known and without."""
        found = self.hearing(samples)
        if found is None:
            return None
        hearing, snr_db = found
        logs = log_softmax(hearing.logits)
        alignment, free = align(logs, words), free_alignment(logs)
        if alignment is None or free is None:
            return None
        prompted, unprompted = (hear(hearing, a, snr_db, self.log_prior) for a in (alignment, free))
        return Taken(prompted, unprompted, removal_gains(logs, self.log_prior, words))
