"""One take of a phrase, judged on three axes that never mix: articulation, timing, words."""

from __future__ import annotations

from typing import Final

import numpy as np

from firmware_service.measure.clarity import MEASURES, WEAK, ClarityNorms, Heard, hear
from firmware_service.measure.phrase import PHONES, Alignment, Scores, Word, align
from firmware_service.measure.pronunciation import free_alignment, log_softmax
from firmware_service.measure.words import removal_gains
from firmware_service.types import PhoneHearing, SpeechClarity, WordHeard

GOP: Final = ("logit", "margin", "bad_phones", "consonants", "vowels", "phone_errors")
MOVEMENT: Final = ("flux", "edge_flux", "modulation", "glide", "edges")
SLOW_FROM: Final = 2.5
"""Healthy standard deviations of rate from which on slowness counts."""
SLOW_SPAN: Final = 5.0
OTHER_PHRASE: Final = 2.0
"""From this mean of the measures of pronunciation on, something else was said: measured, the wrong
phrase 2.2 to 3.1, the right one slurred as much as can be 0.3."""
UNLIKE: Final = -1.0
"""Then a word whose phones lie on average this far below their norm was not said: chosen."""
MOST_TIMING: Final = 0.5
"""Timing alone never says more than this of an impairment: slow but clear is not slurred."""


def judge_known(
    hearing: PhoneHearing, ways: tuple[tuple[Word, ...], ...], snr_db: float, norms: ClarityNorms
) -> SpeechClarity | None:
    """Judge a take of a known phrase; None when the sound is too short to hold it.

    Args:
        hearing: what the phone model made of the window.
        ways: for each word, how it may be spoken.
        snr_db: speech over noise.
        norms: those of known phrases.
    """
    logs = log_softmax(hearing.logits)
    alignment = best_alignment(logs, ways)
    if alignment is None:
        return None
    heard = hear(hearing, alignment, snr_db, norms.log_prior)
    gains = removal_gains(logs, norms.log_prior, alignment.words)
    said = [gain <= norms.word_limit(snr_db) for gain in gains]
    return _judged(heard, norms, _words(heard, norms, said))


def judge_unknown(
    hearing: PhoneHearing, snr_db: float, norms: ClarityNorms
) -> SpeechClarity | None:
    """Judge speech of which nothing is known, at a wider interval; None without any phone."""
    alignment = free_alignment(log_softmax(hearing.logits))
    if alignment is None:
        return None
    return _judged(hear(hearing, alignment, snr_db, norms.log_prior), norms, None)


def best_alignment(logs: Scores, ways: tuple[tuple[Word, ...], ...]) -> Alignment | None:
    """The phrase along the sound, each word in the way that fits best, one word after the other."""
    words = [choice[0] for choice in ways]
    best = align(logs, tuple(words))
    for at, choice in enumerate(ways):
        for other in choice[1:]:
            tried = align(logs, (*words[:at], other, *words[at + 1 :]))
            if tried is not None and (best is None or tried.fit > best.fit):
                best, words[at] = tried, other
    return best


def _judged(
    heard: Heard, norms: ClarityNorms, words: tuple[WordHeard, ...] | None
) -> SpeechClarity:
    z = dict(zip(MEASURES, norms.z(heard).tolist(), strict=True))
    articulation = norms.articulation(heard)
    slowness = norms.slowness(heard)
    timing = float(np.clip((slowness - SLOW_FROM) / SLOW_SPAN, 0.0, MOST_TIMING))
    impairment = max(articulation, timing)
    half = norms.half_width(heard.snr_db)
    return SpeechClarity(
        clarity=100.0 * (1.0 - articulation),
        impairment=impairment,
        interval=(max(impairment - half, 0.0), min(impairment + half, 1.0)),
        articulation=articulation,
        suspicion=norms.suspicion(heard),
        suspicion_limit=norms.limit(heard.snr_db),
        timing=timing,
        phones_per_s=heard.phones_per_s,
        pronunciation_z=float(np.mean([z[name] for name in GOP])),
        movement_z=float(np.mean([z[name] for name in MOVEMENT])),
        words=words,
    )


def _words(heard: Heard, norms: ClarityNorms, said: list[bool]) -> tuple[WordHeard, ...]:
    """Each word, whether it was said, and its phones that lie far below the norm."""
    _, margin = norms.phone_z(heard)
    z = dict(zip(MEASURES, norms.z(heard).tolist(), strict=True))
    other = float(np.mean([z[name] for name in GOP])) >= OTHER_PHRASE
    out = []
    for number, word in enumerate(heard.alignment.words):
        weak = tuple(
            PHONES[p.segment.phone]
            for p, z in zip(heard.phones, margin.tolist(), strict=True)
            if p.segment.word == number and z < 2 * WEAK
        )
        own = [
            z
            for p, z in zip(heard.phones, margin.tolist(), strict=True)
            if p.segment.word == number
        ]
        unlike = other and float(np.mean(own)) < UNLIKE
        known = said[number] and not unlike if number < len(said) else None
        out.append(WordHeard(word.text, known, weak if known else ()))
    return tuple(out)
