"""From the evidence of every phone to one number: how clearly a known phrase was spoken.

Noise changes what the network says of the clearest speech, and so do the phrase's own sounds. So
every measure is compared with what healthy people reach with these phones in this much noise:
z = (x − μ) / σ, oriented so that more is worse. The rate of speech is part of the norm, never of
the score: slow but clear is not slurred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.articulators import Articulators, articulators
from firmware_service.measure.phrase import PHONES, STEP_S, VOWELS, Alignment, Scores
from firmware_service.measure.pronunciation import (
    PhoneEvidence,
    edges_of,
    free_alignment,
    log_softmax,
    movement,
    phone_errors,
    phone_evidence,
)
from firmware_service.types import PhoneHearing

MEASURES: Final = (
    "logit", "margin", "bad_phones", "consonants", "vowels", "obstruents",
    "edge_flux", "flux", "entropy", "certainty", "phone_errors",
    "modulation", "glide", "edges", "contrast", "hiss", "vowel_space",
)  # fmt: skip
WORSE_IS_MORE: Final = frozenset({"bad_phones", "entropy", "phone_errors"})
OBSTRUENTS: Final = frozenset(
    ["B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "P", "S", "SH", "T", "TH", "V", "Z", "ZH"]
)
SNR_RANGE_DB: Final = (-5.0, 30.0)
BAND_EDGES: Final = (13, 26)
"""Bands below 0.9 kHz, up to 2.6 kHz, and above: what a siren drowns an engine does not."""
WEAK: Final = -1.5
"""A phone this many healthy standard deviations below its norm is named weak."""
Z_LIMIT: Final = 6.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What one take of a phrase gave before any norm was applied."""

    alignment: Alignment
    phones: tuple[PhoneEvidence, ...]
    snr_db: float
    phones_per_s: float
    flux: float
    edge_flux: float
    entropy: float
    certainty: float
    errors: float
    drowned: tuple[float, ...]
    moved: Articulators


def hear(hearing: PhoneHearing, alignment: Alignment, snr_db: float, prior: Scores) -> Heard:
    """Take the evidence of a take.

    Args:
        hearing: what the phone model made of it.
        alignment: the phrase along its steps.
        snr_db: speech over noise, 100–7600 Hz.
        prior: [40], natural logarithm of how often each phone is spoken.
    """
    logits = hearing.logits
    phones = phone_evidence(logits, alignment, prior)
    within = np.zeros(len(logits), np.bool_)
    for segment in alignment.segments:
        within[segment.start : segment.end] = True
    moved = movement(logits, within, edges_of(alignment))
    first, last = alignment.segments[0].start, alignment.segments[-1].end
    free = free_alignment(log_softmax(logits[first:last]))
    heard = () if free is None else free.words[0].phones
    due = tuple(s.phone for s in alignment.segments)
    return Heard(
        alignment=alignment,
        phones=phones,
        snr_db=float(np.clip(snr_db, *SNR_RANGE_DB)),
        phones_per_s=len(due) / (float(within.sum()) * STEP_S),
        flux=moved.flux,
        edge_flux=moved.edge_flux,
        entropy=moved.entropy,
        certainty=moved.certainty,
        errors=min(phone_errors(due, heard) / len(due), 1.5),
        drowned=tuple(1.0 - float(a.mean()) for a in np.split(hearing.audible, BAND_EDGES)),
        moved=articulators(hearing.mels, alignment),
    )


def snr_terms(snr_db: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """1, s, s² with s about −1…1 over the range of the norms; [3] or [3, n]."""
    s = (np.asarray(snr_db, np.float64) - 12.5) / 17.5
    return np.stack([np.ones_like(s), s, s * s])


@dataclass(frozen=True, slots=True)
class ClarityNorms:
    """What healthy people reach, and how far from it means what dose of slurring.

    phone_mean, phone_spread: [kind, 40, 3], quadratics in SNR for `logit` and `margin`.
    centre, spread: [measure, terms] of `phrase_terms` and `spread_terms`.
    weights: [2, measures] on z and on z in noise, `offset` [3] in SNR: they give the dose.
    mild, mild_offset: likewise, where small doses count most: they give the dose's root.
    errors: rows of (SNR, half width): 90 % of doses lie this close.
    limits: rows of (SNR, suspicion): 96 % of healthy takes lie below.
    word_limits: rows of (SNR, gain): in 98 % of healthy takes no word's removal gains more.
    rate: mean and spread of the logarithm of phones a second.
    """

    log_prior: NDArray[np.float64]
    phone_mean: NDArray[np.float64]
    phone_spread: NDArray[np.float64]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]
    offset: NDArray[np.float64]
    mild: NDArray[np.float64]
    mild_offset: NDArray[np.float64]
    errors: NDArray[np.float64]
    limits: NDArray[np.float64]
    word_limits: NDArray[np.float64]
    rate: NDArray[np.float64]
    provenance: str

    @classmethod
    def from_mapping(cls, parsed: Mapping[str, Any]) -> ClarityNorms:
        """The norms as they stand in the norms file."""
        arrays = {
            name: np.asarray(parsed[name], np.float64)
            for name in cls.__dataclass_fields__
            if name != "provenance"
        }
        return cls(**arrays, provenance=str(parsed["provenance"]))

    def phone_z(self, heard: Heard) -> NDArray[np.float64]:
        """[2, phones]: logit and margin of every phone in healthy standard deviations."""
        at = np.array([p.segment.phone for p in heard.phones], np.intp)
        raw = np.array([[p.logit for p in heard.phones], [p.margin for p in heard.phones]])
        terms = snr_terms(heard.snr_db)
        mean, spread = self.phone_mean[:, at] @ terms, self.phone_spread[:, at] @ terms
        z: NDArray[np.float64] = (raw - mean) / np.maximum(spread, 0.2)
        return np.clip(z, -Z_LIMIT, Z_LIMIT)

    def raw(self, heard: Heard) -> NDArray[np.float64]:
        """[measures] in the order of `MEASURES`."""
        return phrase_measures(heard, self.phone_z(heard))

    def z(self, heard: Heard) -> NDArray[np.float64]:
        """[measures] in healthy standard deviations, more is worse; 0 without such sounds."""
        centre = self.centre @ phrase_terms(heard)
        spread = np.exp(self.spread @ spread_terms(heard))
        z = np.clip((self.raw(heard) - centre) / spread * SIGN, -Z_LIMIT, Z_LIMIT)
        return np.where(np.isnan(z), 0.0, z)

    def articulation(self, heard: Heard) -> float:
        """The dose of slurring, 0…1, as far as the measures tell it."""
        terms = weighted_terms(self.z(heard), heard.snr_db)
        guess = float(self.weights.ravel() @ terms + self.offset @ snr_terms(heard.snr_db))
        return float(np.clip(guess, 0.0, 1.0))

    def suspicion(self, heard: Heard) -> float:
        """How far from healthy, 0…1: fitted to tell mild slurring from none, not to grade it."""
        terms = weighted_terms(self.z(heard), heard.snr_db)
        guess = float(self.mild.ravel() @ terms + self.mild_offset @ snr_terms(heard.snr_db))
        return float(np.clip(guess, 0.0, 1.0)) ** 2

    def half_width(self, snr_db: float) -> float:
        """Half the 90 % conformal interval at this SNR."""
        return float(np.interp(snr_db, self.errors[:, 0], self.errors[:, 1]))

    def limit(self, snr_db: float) -> float:
        """The suspicion that 96 % of healthy takes stay below at this SNR."""
        return float(np.interp(snr_db, self.limits[:, 0], self.limits[:, 1]))

    def word_limit(self, snr_db: float) -> float:
        """The gain of a word's removal from which on the word counts as not said."""
        return float(np.interp(snr_db, self.word_limits[:, 0], self.word_limits[:, 1]))

    def slowness(self, heard: Heard) -> float:
        """How many healthy standard deviations slower than usual; negative is faster."""
        mean, spread = self.rate.tolist()
        return float((mean - np.log(heard.phones_per_s)) / spread)


SIGN: Final = np.array([1.0 if name in WORSE_IS_MORE else -1.0 for name in MEASURES])


def phrase_measures(heard: Heard, phone_z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The measures of one take, [measures]; NaN where the phrase has no such sounds."""
    logit, margin = phone_z
    names = [PHONES[p.segment.phone] for p in heard.phones]
    vowel = np.array([n in VOWELS for n in names])
    obstruent = np.array([n in OBSTRUENTS for n in names])
    return np.array(
        [
            logit.mean(),
            margin.mean(),
            (margin < WEAK).mean(),
            _mean(margin[~vowel]),
            _mean(margin[vowel]),
            _mean(logit[obstruent]),
            heard.edge_flux,
            heard.flux,
            heard.entropy,
            heard.certainty,
            heard.errors,
            heard.moved.modulation,
            heard.moved.glide,
            heard.moved.edges,
            heard.moved.contrast,
            heard.moved.hiss,
            heard.moved.vowels,
        ]
    )


def phrase_terms(heard: Heard) -> NDArray[np.float64]:
    """What the norm of a phrase depends on: SNR, rate, its sounds, its length."""
    names = [PHONES[p.segment.phone] for p in heard.phones]
    vowels = sum(n in VOWELS for n in names) / len(names)
    obstruents = sum(n in OBSTRUENTS for n in names) / len(names)
    rate = np.log(heard.phones_per_s / 11.0)
    linear = [rate, rate * rate, vowels - 0.4, obstruents - 0.4, 1 / len(names) - 0.05]
    low, middle, high = heard.drowned
    drowned = [low, middle, high, middle * middle, high * high]
    return np.concatenate([snr_terms(heard.snr_db), linear, drowned])


def spread_terms(heard: Heard) -> NDArray[np.float64]:
    """What the spread of healthy people depends on; its logarithm is linear in these."""
    return np.concatenate(
        [snr_terms(heard.snr_db), heard.drowned, [np.log(len(heard.phones) / 20.0)]]
    )


def weighted_terms(z: NDArray[np.float64], snr_db: float) -> NDArray[np.float64]:
    """Z and z weighed by the noise: which measures matter depends on it. [2 · measures]."""
    noisy = float(np.clip((15.0 - snr_db) / 15.0, -1.0, 1.0))
    return np.concatenate([z, z * noisy])


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")
