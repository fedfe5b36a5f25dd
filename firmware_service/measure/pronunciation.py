"""How well each phone of a known phrase was formed, from the phone network's logits.

Goodness of pronunciation (GOP) compares the phone that was due with all others; its logit form over
the phone's prior was the best of several on dysarthric speech (arXiv 2305.18392). Flux is how far
the posteriors move from one step to the next: slurred speech glides where clear speech switches.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.phrase import PHONES, SILENCE, Alignment, Scores, Segment, Word

MARGIN_LIMIT: Final = 6.0
"""A margin beyond this says no more: natural logarithms."""
SWITCH_COST: Final = 1.5
"""Cost of a change of phone in free listening, in natural logarithms: chosen on training voices."""
_EDGE_STEPS: Final = 2


@dataclass(frozen=True, slots=True)
class PhoneEvidence:
    """One phone of the phrase. `logit` is over its prior, `margin` over the best other phone."""

    segment: Segment
    log_posterior: float
    margin: float
    logit: float
    heard: int


@dataclass(frozen=True, slots=True)
class Movement:
    """How the posteriors move while somebody speaks; see `movement`."""

    flux: float
    edge_flux: float
    entropy: float
    certainty: float


def log_softmax(logits: Scores) -> Scores:
    """Natural logarithms of the posteriors, [steps, 40]."""
    top = logits.max(axis=1, keepdims=True)
    out: Scores = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return out


def phone_evidence(
    logits: Scores, alignment: Alignment, log_prior: Scores
) -> tuple[PhoneEvidence, ...]:
    """The evidence for every phone of the phrase.

    Args:
        logits: [steps, 40] of the phone network.
        alignment: the phrase along the same steps.
        log_prior: [40], natural logarithm of how often each phone is spoken.
    """
    logs = log_softmax(logits)
    lifted = logits - logits.mean(axis=1, keepdims=True) - log_prior
    out = []
    for segment in alignment.segments:
        here = logs[segment.start : segment.end]
        due = here[:, segment.phone]
        others = np.delete(here, segment.phone, axis=1)
        margin = np.clip(due - others.max(axis=1), -MARGIN_LIMIT, MARGIN_LIMIT)
        out.append(
            PhoneEvidence(
                segment=segment,
                log_posterior=float(np.maximum(due, -2 * MARGIN_LIMIT).mean()),
                margin=float(margin.mean()),
                logit=float(lifted[segment.start : segment.end, segment.phone].mean()),
                heard=int(here.mean(axis=0).argmax()),
            )
        )
    return tuple(out)


def movement(logits: Scores, speaking: NDArray[np.bool_], edges: NDArray[np.intp]) -> Movement:
    """Flux and certainty of the posteriors.

    Args:
        logits: [steps, 40].
        speaking: [steps], where somebody speaks; at least one step.
        edges: steps at which the phrase goes from one phone to the next; empty without a phrase.

    `flux` is the mean ½Σ|Δp| a step of 20 ms; `edge_flux` the mean of its greatest value within
    40 ms of each edge, which does not depend on how fast somebody speaks (NaN without edges);
    `entropy` in nats and `certainty`, the largest posterior, are means over spoken steps.
    """
    posteriors = np.exp(log_softmax(logits))
    moved = np.zeros(len(posteriors))
    moved[1:] = 0.5 * np.abs(np.diff(posteriors, axis=0)).sum(axis=1)
    near = [moved[max(e - _EDGE_STEPS, 0) : e + _EDGE_STEPS + 1].max() for e in edges.tolist()]
    spoken = posteriors[speaking]
    return Movement(
        flux=float(moved[speaking].mean()),
        edge_flux=float(np.mean(near)) if near else float("nan"),
        entropy=float(-(spoken * np.log(spoken + 1e-9)).sum(axis=1).mean()),
        certainty=float(spoken.max(axis=1).mean()),
    )


def edges_of(alignment: Alignment) -> NDArray[np.intp]:
    """The steps at which one phone gives way to the next without a silence between."""
    pairs = pairwise(alignment.segments)
    return np.array([b.start for a, b in pairs if a.end == b.start], np.intp)


def free_alignment(log_posteriors: Scores, switch_cost: float = SWITCH_COST) -> Alignment | None:
    """The phones heard when no phrase is known (Viterbi over a phone loop), as one nameless word.

    None when nothing but silence is heard.
    """
    steps, count = log_posteriors.shape
    if steps == 0:
        return None
    came = np.zeros((steps, count), np.intp)
    score = log_posteriors[0].copy()
    stay = np.arange(count)
    for t in range(1, steps):
        best = int(score.argmax())
        switch = score[best] - switch_cost > score
        came[t] = np.where(switch, best, stay)
        score = np.where(switch, score[best] - switch_cost, score) + log_posteriors[t]
    path = np.empty(steps, np.intp)
    path[-1] = int(score.argmax())
    fit = float(score[path[-1]]) / steps
    for t in range(steps - 1, 0, -1):
        path[t - 1] = came[t, path[t]]
    cuts = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), steps]
    segments = tuple(
        Segment(int(path[start]), 0, start, end)
        for start, end in pairwise(cuts)
        if path[start] != SILENCE
    )
    if not segments:
        return None
    return Alignment((Word("", tuple(s.phone for s in segments)),), segments, fit)


def phone_errors(due: tuple[int, ...], heard: tuple[int, ...]) -> int:
    """Substitutions, insertions and deletions between two strings of phones (Levenshtein)."""
    row = np.arange(len(heard) + 1)
    said = np.array(heard, np.intp)
    ahead = np.arange(len(heard) + 1)
    for number, phone in enumerate(due, start=1):
        new = np.empty_like(row)
        new[0] = number
        new[1:] = np.minimum(row[1:] + 1, row[:-1] + (said != phone))
        row = np.minimum.accumulate(new - ahead) + ahead
    return int(row[-1])


def name_of(phone: int) -> str:
    """The phone's ARPAbet name."""
    return PHONES[phone]
