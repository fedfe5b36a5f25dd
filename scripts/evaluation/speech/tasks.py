"""Phone error rates on people kept out of training, and syllable rates of known truth."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.phrase import INDEX_OF
from firmware_service.measure.pronunciation import free_alignment, log_softmax, phone_errors
from firmware_service.measure.timing import syllables
from models.phone_network.cases import Ear, Noises, in_noise
from models.phone_network.corpora import AN4_TEST, Utterance, sound

RATE_HZ = 16_000
TRAINS = 24


def phone_error_rates(voices: Sequence[Utterance], ear: Ear, noises: Noises) -> None:
    """Substitutions, insertions and deletions over phones; the teacher's phones are the truth."""
    rng = np.random.default_rng(4)
    print("\nphone error rate")
    groups = {
        "AN4, ten people": [u for u in voices if u.speaker.split()[-1] in AN4_TEST],
        "LibriSpeech test-other": [u for u in voices if u.speaker.startswith("test-other")],
    }
    for name, some in groups.items():
        line = []
        for snr_db in (None, 10.0):
            errors = spoken = 0
            for u in some:
                samples = u.samples.astype(np.float32) / 32768
                samples *= np.float32(0.08 / (np.std(samples) + 1e-9))
                found = ear.hearing(in_noise(samples, snr_db, "cabin", noises, rng))
                due = tuple(INDEX_OF[p] for _, ps, _, _ in u.aligned.words for p in ps)
                free = None if found is None else free_alignment(log_softmax(found[0].logits))
                errors += phone_errors(due, () if free is None else free.words[0].phones)
                spoken += len(due)
            line.append(f"{'clean' if snr_db is None else '10 dB'} {errors / spoken:.3f}")
        print(f"{name:24s} {'  '.join(line)}  ({len(some)} utterances)")


def syllable_rates(ear: Ear, noises: Noises) -> None:
    """Pa-ta-ka by espeak-ng's voices on a known grid."""
    rng = np.random.default_rng(6)
    print("\npa-ta-ka within 0.5 syllables a second of the truth (synthetic voices)")
    trains = [_train(rng) for _ in range(TRAINS)]
    for snr_db in (None, 10.0, 0.0):
        near = []
        for samples, rate in trains:
            found = ear.hearing(in_noise(samples, snr_db, "cabin", noises, rng))
            heard = None if found is None else syllables(np.exp(log_softmax(found[0].logits)))
            near.append(heard is not None and abs(heard.per_s - rate) <= 0.5)
        print(f"{'clean' if snr_db is None else f'{snr_db:.0f} dB':6s} {np.mean(near):.2f}")


def _train(rng: np.random.Generator) -> tuple[NDArray[np.float32], float]:
    """Fifteen syllables, evenly spaced within 4 %, and how many there are a second."""
    voice = ("en-us+m1", "en-us+f2", "en-us+m3", "en-gb+f3")[int(rng.integers(4))]
    rate = float(rng.uniform(3.0, 6.5))
    parts = [_syllable(voice, s) for s in ("pah", "tah", "kah")]
    out = np.zeros(int(RATE_HZ * (15 / rate + 0.5)), np.float32)
    for number in range(15):
        at = int(RATE_HZ * (number + rng.normal(0, 0.04)) / rate)
        part = parts[number % 3][: int(0.9 * RATE_HZ / rate)].copy()
        part[-200:] *= np.linspace(1, 0, 200, dtype=np.float32)
        at = max(at, 0)
        out[at : at + len(part)] += part[: len(out) - at]
    return out * np.float32(0.08 / np.std(out)), rate


def _syllable(voice: str, text: str) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        subprocess.run(
            ["espeak-ng", "-v", voice, "-s", "240", "-w", str(file), text],
            check=True, capture_output=True,
        )  # fmt: skip
        samples = sound(file).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[loud[0] : loud[-1]]
