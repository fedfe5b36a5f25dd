"""One table: every fault against every noise, ours beside the simple methods, split by speaker."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from evaluation.speech.figures import Scored, area, interval, share, told
from evaluation.speech.simple import SphinxGop, mfcc
from evaluation.speech.tasks import phone_error_rates, syllable_rates
from numpy.typing import NDArray

from firmware_service.measure.clarity import MEASURES, ClarityNorms
from firmware_service.measure.phrase import Word
from firmware_service.measure.speech_judgement import GOP, MOVEMENT
from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.phones import OnnxPhones
from firmware_service.perceive.registry import Registry
from firmware_service.screen.thresholds import SLURRED_MOVEMENT, SLURRED_PRONUNCIATION
from models.phone_network.cases import KINDS, Ear, Noises, Phrase, Taken, in_noise, phrases
from models.phone_network.changes import smeared, without
from models.phone_network.corpora import load
from models.phone_network.norms import RATES, SNRS_DB, Take, fit_both, log_prior, takes

FOLDS = 5
RIDGE = 30.0
HEARD_BY_SPHINX = {(dose, snr) for dose in (0.0, 0.25) for snr in (None, 10.0, 0.0)}
NAMES = {None: "clean", 20.0: "20 dB", 10.0: "10 dB", 5.0: "5 dB", 0.0: "0 dB"}


@dataclass(frozen=True, slots=True)
class Row:
    """One take with what every method says of it; NaN where a method does not hear it."""

    take: Take
    kind: str
    score: float
    limit: float
    inside: float
    free: float
    free_limit: float
    free_inside: float
    movement: float
    pronunciation: float
    slowness: float
    words: float
    word_limit: float
    mfcc: NDArray[np.float64]
    sphinx: float


class BenchEar(Ear):
    """Hears as the instrument does, and for the simple methods too."""

    def __init__(self, registry: Registry, prior: NDArray[np.float64]) -> None:
        super().__init__(SileroVad(registry), OnnxPhones(registry), prior)
        self.simple: list[tuple[NDArray[np.float64], NDArray[np.float32]]] = []

    def take(self, samples: NDArray[np.float32], words: tuple[Word, ...]) -> Taken | None:
        """The instrument's evidence; keeps the MFCC and the sound."""
        _, on = self.speaking(samples)
        blank = np.zeros(39)
        self.simple.append((mfcc(samples, on) if on.any() else blank, samples))
        return super().take(samples, words)


def other_takes(
    found: Sequence[Phrase], ear: Ear, noises: Noises, seed: int
) -> Iterator[tuple[str, Take]]:
    """The faults and circumstances that no norm was fitted on."""
    rng = np.random.default_rng(seed)
    for number, phrase in enumerate(found):
        kind = KINDS[int(rng.integers(len(KINDS)))]

        def heard(  # noqa: PLR0917
            name: str, sound: NDArray[np.float32], dose: float, snr_db: float | None,
            kind: str = kind, phrase: Phrase = phrase,
        ) -> tuple[str, Take]:  # fmt: skip
            samples = in_noise(sound, snr_db, kind, noises, rng)
            return name, Take(phrase, dose, snr_db, kind, 1.0, ear.take(samples, phrase.words))

        for dose in (0.25, 0.5):
            for snr_db in (None, 10.0):
                yield heard("smeared", smeared(phrase.samples, dose), dose, snr_db)
        if len(phrase.words) > 2:
            at = int(rng.integers(1, len(phrase.words) - 1))
            start, end = phrase.spans[at]
            cut = without(phrase.samples, start, end)
            for snr_db in (None, 5.0):
                yield heard("word dropped", cut, 0.0, snr_db)
        yield heard("room", noises.in_room(phrase.samples, rng), 0.0, None)
        other = found[(number + len(found) // 2) % len(found)].samples
        talk = np.resize(other, len(phrase.samples)) * np.float32(10 ** (-6 / 20))
        yield heard("talker at 6 dB", phrase.samples + talk, 0.0, None)


def fold_of(speaker: str) -> int:
    """Which fifth of the speakers somebody belongs to."""
    return zlib.crc32(speaker.encode()) % FOLDS


def run(data: Path, work: Path, models: Path, *, each: int) -> int:
    """Take, fit, judge, print; 0, or 1 where the recordings were not prepared."""
    if not (work / "speech_an4_train.npz").exists():
        print(f"{work}: no alignments; run scripts/train-speech --data {data} --norms")
        return 1
    voices = load(work)
    registry = Registry.load(models)
    prior = log_prior(voices)
    ear, noises = BenchEar(registry, prior), Noises(data)
    found = phrases(voices, each=each, rng=np.random.default_rng(3))
    people = len({p.speaker for p in found})
    print(f"{len(found)} phrases of {people} people whom the network never heard; noises neither")
    made = [("main", t) for t in takes(found, ear, noises, 11)]
    made += list(other_takes(found, ear, noises, 12))
    rows = judged(made, ear, prior)
    lost = sum(t.taken is None for _, t in made)
    print(f"{len(made)} takes, {lost} in which nobody was heard or the phrase did not fit")
    main_table(rows)
    method_table(rows)
    circumstances(rows)
    axes(rows)
    phone_error_rates([u for u in voices if not u.training], ear, noises)
    syllable_rates(ear, noises)
    return 0


def judged(
    made: Sequence[tuple[str, Take]], ear: BenchEar, prior: NDArray[np.float64]
) -> list[Row]:
    """Every take by norms of the other four fifths of the speakers."""
    sphinx = SphinxGop()
    rows = []
    for fold in range(FOLDS):
        fitted = [t for k, t in made if k == "main" and fold_of(t.phrase.speaker) != fold]
        known, free = fit_both(fitted, prior, "")
        for (kind, take), (cepstra, samples) in zip(made, ear.simple, strict=True):
            if take.taken is None or fold_of(take.phrase.speaker) != fold:
                continue
            plain = kind == "main" and take.rate == 1.0
            wanted = plain and (take.dose, take.snr_db) in HEARD_BY_SPHINX
            wanted = wanted and zlib.crc32(take.phrase.name.encode()) % 2 == 0
            score = sphinx.score(samples, take.phrase.words) if wanted else None
            rows.append(row_of(kind, take, known, free, cepstra, score))
    return rows


def row_of(  # noqa: PLR0917 - a row has this many sources
    kind: str,
    take: Take,
    known: ClarityNorms,
    free: ClarityNorms,
    cepstra: NDArray[np.float64],
    sphinx: float | None,
) -> Row:
    """One take by all methods."""
    if take.taken is None:
        raise ValueError(f"{take.phrase.name}: was not heard")
    heard, unprompted = take.taken.prompted, take.taken.unprompted
    z = dict(zip(MEASURES, known.z(heard).tolist(), strict=True))
    score, other = known.suspicion(heard), free.suspicion(unprompted)
    dose, free_dose = known.articulation(heard), free.articulation(unprompted)
    return Row(
        take=take,
        kind=kind,
        score=score,
        limit=known.limit(heard.snr_db),
        inside=float(abs(dose - take.dose) <= known.half_width(heard.snr_db)),
        free=other,
        free_limit=free.limit(unprompted.snr_db),
        free_inside=float(abs(free_dose - take.dose) <= free.half_width(unprompted.snr_db)),
        movement=float(np.mean([z[n] for n in MOVEMENT])),
        pronunciation=float(np.mean([z[n] for n in GOP])),
        slowness=known.slowness(heard),
        words=max(take.taken.gains),
        word_limit=known.word_limit(heard.snr_db),
        mfcc=cepstra,
        sphinx=float("nan") if sphinx is None else -sphinx,
    )


def pick(rows: Sequence[Row], dose: float, snr_db: float | None, rate: float = 1.0) -> list[Row]:
    """The rows of the main experiment under one condition."""
    return [
        r
        for r in rows
        if r.kind == "main"
        and r.take.dose == dose
        and r.take.snr_db == snr_db
        and r.take.rate == rate
    ]


def over(rows: Sequence[Row]) -> Scored:
    """1 where a take is flagged."""
    return [(r.take.phrase.speaker, float(r.score > r.limit)) for r in rows]


def both(rows: Sequence[Row]) -> Scored:
    """1 where a take is flagged as the screen does it: over the limit, by movement and by GOP."""
    return [
        (
            r.take.phrase.speaker,
            float(
                r.score > r.limit
                and r.movement >= SLURRED_MOVEMENT.value
                and r.pronunciation >= SLURRED_PRONUNCIATION.value
            ),
        )
        for r in rows
    ]


def margin(rows: Sequence[Row]) -> Scored:
    """How far a take lies over its limit."""
    return [(r.take.phrase.speaker, r.score - r.limit) for r in rows]


def main_table(rows: Sequence[Row]) -> None:
    """False positives, sensitivity, area and coverage by noise."""
    print("\nours, phrase known (95 % interval over speakers)")
    for snr_db in SNRS_DB:
        healthy = pick(rows, 0.0, snr_db)
        false = told(interval([over(healthy)], share))
        print(f"{NAMES[snr_db]:6s} false positives {false}, as screened {share(both(healthy)):.2f}")
        for dose in (0.125, 0.25, 0.5, 1.0):
            ill = pick(rows, dose, snr_db)
            curve = told(interval([margin(ill), margin(healthy)], area))
            print(
                f"       dose {dose:5.3f}: found {told(interval([over(ill)], share))}  AUC {curve}"
            )
        every = [r for d in (0.0, 0.125, 0.25, 0.5, 1.0) for r in pick(rows, d, snr_db)]
        known, free = (np.mean([getattr(r, n) for r in every]) for n in ("inside", "free_inside"))
        print(f"       the 90 % interval covers {known:.2f}; without the phrase {free:.2f}")
        flagged = [(r.take.phrase.speaker, float(r.free > r.free_limit)) for r in healthy]
        ill = pick(rows, 0.25, snr_db)
        found = [(r.take.phrase.speaker, float(r.free > r.free_limit)) for r in ill]
        print(f"       without the phrase: false {share(flagged):.2f}, dose .25 {share(found):.2f}")


def method_table(rows: Sequence[Row]) -> None:
    """The simple methods with fixed limits: 95 % of healthy clean takes, other people's."""
    print("\nfalse positives / sensitivity at dose .25, limits fixed on clean healthy speech")
    ridge = mfcc_scores(rows)
    methods = {
        "rate only": {id(r): r.slowness for r in rows},
        "MFCC + ridge": ridge,
        "pocketsphinx GOP": {id(r): r.sphinx for r in rows},
    }
    for name, score in methods.items():
        line = []
        for snr_db in (None, 10.0, 0.0):
            rates = []
            for dose in (0.0, 0.25):
                flags = []
                for fold in range(FOLDS):
                    clean = [
                        score[id(r)]
                        for r in pick(rows, 0.0, None)
                        if fold_of(r.take.phrase.speaker) != fold
                    ]
                    limit = np.nanquantile(clean, 0.95)
                    flags += [
                        score[id(r)] > limit
                        for r in pick(rows, dose, snr_db)
                        if fold_of(r.take.phrase.speaker) == fold
                    ]
                rates.append(np.mean(flags))
            line.append(f"{NAMES[snr_db]} {rates[0]:.2f}/{rates[1]:.2f}")
        print(f"{name:18s} {'  '.join(line)}")
    line = [
        f"{NAMES[s]} {share(over(pick(rows, 0.0, s))):.2f}/{share(over(pick(rows, 0.25, s))):.2f}"
        for s in (None, 10.0, 0.0)
    ]
    print(f"{'ours':18s} {'  '.join(line)}")


def mfcc_scores(rows: Sequence[Row]) -> dict[int, float]:
    """Ridge from cepstra to dose, fitted on clean takes of the other speakers."""
    out = {}
    for fold in range(FOLDS):
        train = [
            r
            for d in (0.0, 0.125, 0.25, 0.5, 1.0)
            for r in pick(rows, d, None)
            if fold_of(r.take.phrase.speaker) != fold
        ]
        x = np.array([r.mfcc for r in train])
        mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
        x = np.column_stack([(x - mean) / spread, np.ones(len(x))])
        y = np.array([r.take.dose for r in train])
        weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
        for r in rows:
            if fold_of(r.take.phrase.speaker) == fold:
                out[id(r)] = float(np.append((r.mfcc - mean) / spread, 1.0) @ weights)
    return out


def flags(rows: Sequence[Row]) -> str:
    """The share flagged, with its interval, and as the screen flags."""
    return f"{told(interval([over(rows)], share))}, as screened {share(both(rows)):.2f}"


def circumstances(rows: Sequence[Row]) -> None:
    """Everything else: accents, rates, rooms, another talker, other slurring, dropped words."""
    print("\nhealthy, flagged")
    groups = ("an4", "ocean", "test-other")
    for group in groups:
        some = [r for s in SNRS_DB for r in pick(rows, 0.0, s)]
        some = [r for r in some if r.take.phrase.speaker.startswith(group)]
        print(f"{group:26s} {flags(some)}")
    for rate in RATES:
        for snr_db in (None, 10.0):
            some = pick(rows, 0.0, snr_db, rate)
            print(f"{rate:4.2f} × as long, {NAMES[snr_db]:13s} {flags(some)}")
    for name in ("room", "talker at 6 dB"):
        some = [r for r in rows if r.kind == name]
        print(f"{name:26s} {flags(some)}")
    for kind in KINDS:
        some = [r for s in (10.0, 0.0) for r in pick(rows, 0.0, s) if r.take.kind == kind]
        print(f"{kind:26s} {flags(some)}")
    print("\na second simulator (smeared), never fitted on")
    for snr_db in (None, 10.0):
        for dose in (0.25, 0.5):
            some = [
                r
                for r in rows
                if r.kind == "smeared" and r.take.dose == dose and r.take.snr_db == snr_db
            ]
            curve = interval([margin(some), margin(pick(rows, 0.0, snr_db))], area)
            found = told(interval([over(some)], share))
            print(f"{NAMES[snr_db]:6s} dose {dose:4.2f}: found {found}  AUC {told(curve)}")
    print("\none word dropped")
    for snr_db in (None, 5.0):
        ill = [r for r in rows if r.kind == "word dropped" and r.take.snr_db == snr_db]
        sets = [
            [(r.take.phrase.speaker, r.words - r.word_limit) for r in some]
            for some in (ill, pick(rows, 0.0, snr_db))
        ]
        raised = [[(who, float(v > 0)) for who, v in some] for some in sets]
        found, false = (share(some) for some in raised)
        curve = told(interval(sets, area))
        print(f"{NAMES[snr_db]:6s} AUC {curve}, false {false:.2f}, found {found:.2f}")


def axes(rows: Sequence[Row]) -> None:
    """Each fault against each axis: the share flagged, clean."""
    print("\nshare flagged by    articulation  timing  words")
    faults = {
        "healthy": pick(rows, 0.0, None),
        "slurred .25": pick(rows, 0.25, None),
        "slurred .5": pick(rows, 0.5, None),
        "slow, 1.35 ×": pick(rows, 0.0, None, RATES[0]),
        "word dropped": [
            r for r in rows if r.kind == "word dropped" and r.take.snr_db is None
        ],
    }  # fmt: skip
    for name, some in faults.items():
        articulation = share(over(some))
        timing = np.mean([r.slowness > 2.5 for r in some])
        words = np.mean([r.words > r.word_limit for r in some])
        print(f"{name:20s} {articulation:11.2f} {timing:7.2f} {words:6.2f}")
