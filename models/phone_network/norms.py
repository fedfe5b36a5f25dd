"""Fits the norms: what healthy people reach by phone, phrase and noise, and what slurring does.

Usage: scripts/train-env -m models.phone_network.norms --data DIR --work DIR
Writes norms.json. The people are those whom the network never heard.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.clarity import (
    MEASURES,
    ClarityNorms,
    Heard,
    phrase_measures,
    phrase_terms,
    snr_terms,
    spread_terms,
    weighted_terms,
)
from firmware_service.measure.phrase import PHONES
from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.phones import OnnxPhones
from firmware_service.perceive.registry import Registry
from firmware_service.simulate.slur import slurred
from models.phone_network.cases import KINDS, Ear, Noises, Phrase, Taken, in_noise, phrases
from models.phone_network.changes import stretched
from models.phone_network.corpora import Utterance, load
from models.phone_network.digest import record

SNRS_DB = (None, 20.0, 10.0, 5.0, 0.0)
DOSES = (0.125, 0.25, 0.5, 1.0)
RATES = (1.35, 0.82)
EVEN_WEIGHT = {0.0: 1.5, 0.125: 1.0, 0.25: 1.0, 0.5: 1.0, 1.0: 1.0}
MILD_WEIGHT = {0.0: 3.0, 0.125: 1.5, 0.25: 2.0, 0.5: 1.0, 1.0: 0.4}
"""The question at the roadside is whether there is any slurring, not how grave a grave one is."""
RIDGE = 3.0
BINS_DB = (0.0, 5.0, 10.0, 20.0, 30.0)
COVERED = 0.90
SPECIFIC = 0.96
WORDS_SPECIFIC = 0.98
RATE_HZ = 16_000
MODELS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Take:
    """One take of a phrase under known conditions. `taken` is None where nobody was heard."""

    phrase: Phrase
    dose: float
    snr_db: float | None
    kind: str
    rate: float
    taken: Taken | None
    prompted: bool = True

    @property
    def heard(self) -> Heard | None:
        """The evidence of the kind that is being fitted."""
        if self.taken is None:
            return None
        return self.taken.prompted if self.prompted else self.taken.unprompted


def takes(found: Sequence[Phrase], ear: Ear, noises: Noises, seed: int) -> Iterator[Take]:
    """Every phrase healthy, faster, slower and slurred, each in several noises."""
    rng = np.random.default_rng(seed)
    for phrase in found:
        changed = [(0.0, 1.0, phrase.samples)]
        changed += [(0.0, r, stretched(phrase.samples, r)) for r in RATES]
        changed += [(d, 1.0, slurred(phrase.samples, RATE_HZ, d)) for d in DOSES]
        for dose, rate, sound in changed:
            if rate != 1.0:
                levels: list[float | None] = [None, 10.0]
            elif dose == 0.0:
                levels = list(SNRS_DB)
            else:
                levels = [None, 10.0, 0.0, float(rng.choice((20.0, 5.0)))]
            for snr_db in levels:
                kind = KINDS[int(rng.integers(len(KINDS)))]
                samples = in_noise(sound, snr_db, kind, noises, rng)
                yield Take(phrase, dose, snr_db, kind, rate, ear.take(samples, phrase.words))


def log_prior(utterances: Sequence[Utterance]) -> NDArray[np.float64]:
    """How often each phone is spoken in the training recordings, natural logarithm."""
    counts = np.bincount(
        np.concatenate([u.aligned.labels for u in utterances if u.training]), minlength=len(PHONES)
    )
    return np.asarray(np.log((counts + 100.0) / (counts + 100.0).sum()))


def fit(made: Sequence[Take], prior: NDArray[np.float64], provenance: str) -> ClarityNorms:
    """The norms of these takes."""
    heard = [t for t in made if t.heard is not None]
    healthy = [t.heard for t in heard if t.dose == 0.0]
    mean, spread = _phone_norms([h for h in healthy if h is not None])
    blank = ClarityNorms(
        prior, mean, spread,
        centre=np.zeros((len(MEASURES), 1)), spread=np.zeros((len(MEASURES), 1)),
        weights=np.zeros((2, len(MEASURES))), offset=np.zeros(3),
        mild=np.zeros((2, len(MEASURES))), mild_offset=np.zeros(3),
        errors=np.zeros((1, 2)), limits=np.zeros((1, 2)), word_limits=_word_limits(heard),
        rate=_rate(heard), provenance=provenance,
    )  # fmt: skip
    centre, width = _phrase_norms(blank, healthy)
    norms = _with(blank, centre=centre, spread=width)
    weights, offset = _weights(norms, heard, mild=False)
    mild, mild_offset = _weights(norms, heard, mild=True)
    norms = _with(norms, weights=weights, offset=offset, mild=mild, mild_offset=mild_offset)
    return _with(norms, errors=_errors(norms, heard), limits=_limits(norms, heard))


def _with(norms: ClarityNorms, **changed: NDArray[np.float64]) -> ClarityNorms:
    values = {n: getattr(norms, n) for n in ClarityNorms.__dataclass_fields__}
    return ClarityNorms(**{**values, **changed})


def _ridge(x: NDArray[np.float64], y: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    return np.asarray(np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y))


def _phone_norms(healthy: Sequence[Heard]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quadratics in SNR for each phone, drawn towards those of all phones together."""
    rows = [(p, h.snr_db) for h in healthy for p in h.phones]
    phone = np.array([p.segment.phone for p, _ in rows])
    terms = snr_terms(np.array([s for _, s in rows])).T
    mean, spread = np.zeros((2, len(PHONES), 3)), np.zeros((2, len(PHONES), 3))
    for kind, name in enumerate(("logit", "margin")):
        value = np.array([getattr(p, name) for p, _ in rows])
        common = _ridge(terms, value, 1e-6)
        left = value - terms @ common
        for at in range(len(PHONES)):
            own = phone == at
            mean[kind, at] = common + _ridge(terms[own], left[own], 20.0)
        far = np.abs(value - np.einsum("ij,ij->i", terms, mean[kind, phone])) * 1.2533
        wide = _ridge(terms, far, 1e-6)
        for at in range(len(PHONES)):
            own = phone == at
            spread[kind, at] = wide + _ridge(terms[own], (far - terms @ wide)[own], 50.0)
    return mean, spread


def _phrase_norms(
    blank: ClarityNorms, healthy: Sequence[Heard | None]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = [h for h in healthy if h is not None]
    raw = np.array([phrase_measures(h, blank.phone_z(h)) for h in known])
    x = np.array([phrase_terms(h) for h in known])
    s = np.array([spread_terms(h) for h in known])
    centre, width = [], []
    for column in raw.T:
        has = ~np.isnan(column)
        found = _ridge(x[has], column[has], 0.3)
        far = np.log(np.abs(column[has] - x[has] @ found) + 1e-3)
        centre.append(found)
        fitted = _ridge(s[has], far, 1.0)
        # The mean of log|x| of a normal deviate lies 0.635 below log σ.
        fitted[0] += 0.635
        width.append(fitted)
    return np.array(centre), np.array(width)


def _weights(
    norms: ClarityNorms, heard: Sequence[Take], *, mild: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ridge from z to the dose or, to tell mild from none, to its root: else large doses decide."""
    rows, dose, weight = [], [], []
    for t in heard:
        if t.heard is None:
            continue
        terms = weighted_terms(norms.z(t.heard), t.heard.snr_db)
        rows.append(np.concatenate([terms, snr_terms(t.heard.snr_db)]))
        dose.append(np.sqrt(t.dose) if mild else t.dose)
        weight.append((MILD_WEIGHT if mild else EVEN_WEIGHT)[t.dose])
    x, y = np.array(rows), np.array(dose)
    root = np.sqrt(np.array(weight))[:, None]
    found = _ridge(x * root, y * root[:, 0], RIDGE * len(rows) / 100)
    many = len(MEASURES)
    return found[: 2 * many].reshape(2, many), found[2 * many :]


def _bins(snr_db: float, edge_db: float) -> bool:
    return abs(min(max(snr_db, 0.0), 30.0) - edge_db) <= 4.0


def _errors(norms: ClarityNorms, heard: Sequence[Take]) -> NDArray[np.float64]:
    """Half widths of the 90 % interval by SNR: split conformal, finite-sample corrected."""
    rows = []
    for edge in BINS_DB:
        far = [
            abs(norms.articulation(t.heard) - t.dose)
            for t in heard
            if t.heard is not None and t.rate == 1.0 and _bins(t.heard.snr_db, edge)
        ]
        level = min(1.0, COVERED * (1 + 1 / max(len(far), 1)))
        rows.append((edge, float(np.quantile(far, level)) if far else 1.0))
    return np.array(rows)


def _limits(norms: ClarityNorms, heard: Sequence[Take]) -> NDArray[np.float64]:
    """What 96 % of healthy takes stay below, by SNR."""
    rows = []
    for edge in BINS_DB:
        score = [
            norms.suspicion(t.heard)
            for t in heard
            if t.heard is not None and t.dose == 0.0 and _bins(t.heard.snr_db, edge)
        ]
        level = min(1.0, SPECIFIC * (1 + 1 / max(len(score), 1)))
        rows.append((edge, float(np.quantile(score, level)) if score else 1.0))
    return np.array(rows)


def _word_limits(heard: Sequence[Take]) -> NDArray[np.float64]:
    """The largest gain by a word's removal that 98 % of healthy takes stay below, by SNR."""
    rows = []
    for edge in BINS_DB:
        most = [
            max(t.taken.gains)
            for t in heard
            if t.taken is not None and t.dose == 0.0 and _bins(t.taken.prompted.snr_db, edge)
        ]
        rows.append((edge, float(np.quantile(most, WORDS_SPECIFIC)) if most else 99.0))
    return np.array(rows)


def _rate(heard: Sequence[Take]) -> NDArray[np.float64]:
    """Mean and spread of the logarithm of healthy people's own rates."""
    rates = [
        np.log(t.heard.phones_per_s)
        for t in heard
        if t.heard is not None and t.dose == 0.0 and t.rate == 1.0 and t.snr_db is None
    ]
    return np.array([np.mean(rates), np.std(rates)])


def fit_both(
    made: Sequence[Take], prior: NDArray[np.float64], provenance: str
) -> tuple[ClarityNorms, ClarityNorms]:
    """The norms for a known phrase, and those for speech of which nothing is known."""
    free = [replace(t, prompted=False) for t in made]
    return fit(made, prior, provenance), fit(free, prior, provenance)


def as_json(prompted: ClarityNorms, prompt_free: ClarityNorms) -> str:
    """The norms file's text."""
    parts = {"prompted": _rounded(prompted), "prompt_free": _rounded(prompt_free)}
    return json.dumps(parts, separators=(",", ":")) + "\n"


def _rounded(norms: ClarityNorms) -> dict[str, object]:
    """Five significant digits."""
    out: dict[str, object] = {"provenance": norms.provenance}
    for name in ClarityNorms.__dataclass_fields__:
        if name != "provenance":
            array = getattr(norms, name)
            out[name] = (
                np.array([float(f"{v:.5g}") for v in array.ravel()]).reshape(array.shape).tolist()
            )
    return out


def main() -> None:
    """Take, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--each", type=int, default=3, help="phrases of every speaker")
    chosen = parser.parse_args()
    voices = load(chosen.work)
    registry = Registry.load(MODELS)
    prior = log_prior(voices)
    ear = Ear(SileroVad(registry), OnnxPhones(registry), prior)
    found = phrases(voices, each=chosen.each, rng=np.random.default_rng(3))
    made = list(takes(found, ear, Noises(chosen.data), 11))
    people = len({p.speaker for p in found})
    told = (
        f"{len(found)} phrases of {people} people whom the network never heard (AN4, LibriSpeech "
        "test-other, speechocean762 adults, LibriVox, LJSpeech); cabin, engine, siren noise"
    )
    out = Path(__file__).parent / "norms.json"
    out.write_text(as_json(*fit_both(made, prior, told)), encoding="utf-8")
    record(out)
    print(f"norms.json: {told}; {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
