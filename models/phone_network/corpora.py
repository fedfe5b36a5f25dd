"""The recordings that train the network, and the people who are kept out of it.

Identities are split: a speaker who is heard in training is never heard in a figure or a norm.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from models.phone_network.align import RATE_HZ, Aligned, Teacher

AN4_KEPT_OUT = (
    # phone error rate is quoted on the first ten
    "fbbh", "fnsv", "fsaf2", "fwxs", "mblw", "mcen", "mgah", "mmap", "msct", "mtxj",
    "fash", "fclc", "fjam", "flmm2", "fsrb", "mdcs", "mewl", "mjhp", "mmkw", "mrab",
)  # fmt: skip
AN4_TEST = AN4_KEPT_OUT[:10]
OCEAN_TRAINING = (
    "0024", "0560", "0736", "1029", "1228", "2170", "2427", "2897", "9600", "9609",
)  # fmt: skip
GUESSED_S = 8.0
"""Of an utterance whose words must be guessed; listening is slow."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording: 16 kHz int16, who speaks, whether it may train, and its phones in time."""

    name: str
    speaker: str
    training: bool
    samples: NDArray[np.int16]
    aligned: Aligned


def speaker_of(folder: str, stem: str) -> tuple[str, bool]:
    """Who speaks in a file, and whether the network may learn from it."""
    if folder.startswith("speech_an4"):
        who = stem.split("-", 2)[1]
        return f"an4 {who}", who not in AN4_KEPT_OUT
    if folder == "speech_speechocean762":
        who = stem[1:5]
        return f"ocean {who}", who in OCEAN_TRAINING
    if folder == "speech_librispeech_train":
        return f"libri {stem.partition('-')[0]}", True
    if folder == "speech_librispeech_testother":
        return f"test-other {stem.partition('-')[0]}", False
    return f"{folder} {stem.partition('_')[0]}", False


def sound(path: Path) -> NDArray[np.int16]:
    """A file as 16 kHz mono int16."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate_hz != RATE_HZ:
        mono = soxr.resample(mono, rate_hz, RATE_HZ)
    return np.rint(np.clip(mono, -1, 1) * 32767).astype(np.int16)


def aligned_folder(data: Path, folder: str, teacher: Teacher) -> Iterator[Utterance]:
    """Every utterance of a folder whose words fit its sound."""
    texts = json.loads((data / "transcripts.json").read_text())
    for path in sorted((data / folder).iterdir()):
        if path.suffix not in {".flac", ".wav"}:
            continue
        samples = sound(path)
        text = texts.get(f"{folder}/{path.name}")
        if text is None:
            samples = samples[: int(GUESSED_S * RATE_HZ)]
        words = teacher.words_of(teacher.guess(samples) if text is None else text)
        aligned = None if words is None else teacher.align(samples, words)
        if aligned is None:
            print(f"{path.name}: left out ({text})", file=sys.stderr)
            continue
        speaker, training = speaker_of(folder, path.stem)
        yield Utterance(f"{folder}/{path.name}", speaker, training, samples, aligned)


def save(utterances: Iterator[Utterance], out: Path) -> None:
    """Keep aligned utterances as a scratch file: numpy arrays and one JSON text, no objects."""
    kept = list(utterances)
    about = [[u.name, u.speaker, u.training, u.aligned.words] for u in kept]
    arrays = {f"samples{i}": u.samples for i, u in enumerate(kept)}
    arrays |= {f"labels{i}": u.aligned.labels for i, u in enumerate(kept)}
    np.savez(out, about=np.array(json.dumps(about)), **arrays)
    seconds = sum(len(u.samples) for u in kept) / RATE_HZ
    print(f"{out.name}: {len(kept)} utterances, {seconds / 60:.1f} min", flush=True)


def load(folder: Path) -> list[Utterance]:
    """All aligned utterances made so far."""
    return [u for path in sorted(folder.glob("*.npz")) for u in _read(path)]


def _read(path: Path) -> Iterator[Utterance]:
    with np.load(path, allow_pickle=False) as file:
        for at, (name, speaker, training, words) in enumerate(json.loads(str(file["about"]))):
            spoken = tuple((w, tuple(phones), start, end) for w, phones, start, end in words)
            aligned = Aligned(file[f"labels{at}"], spoken)
            yield Utterance(name, speaker, training, file[f"samples{at}"], aligned)


def main() -> None:
    """Align the recordings of the named folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("folders", nargs="+")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    teacher = Teacher()
    for folder in chosen.folders:
        save(aligned_folder(chosen.data, folder, teacher), chosen.out / f"{folder}.npz")


if __name__ == "__main__":
    main()
