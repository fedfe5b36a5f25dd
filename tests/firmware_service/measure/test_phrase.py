from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.measure.phrase import INDEX_OF, PHONES, SILENCE, Scores, Word, align
from firmware_service.measure.pronunciation import (
    edges_of,
    free_alignment,
    log_softmax,
    movement,
    phone_errors,
    phone_evidence,
)
from firmware_service.measure.timing import syllables, timing
from firmware_service.measure.words import removal_gains

FLAT = np.zeros(len(PHONES))


def word(text: str, phones: str) -> Word:
    return Word(text, tuple(INDEX_OF[p] for p in phones.split()))


SKY = (word("the", "DH AH"), word("sky", "S K AY"), word("is", "IH Z"), word("blue", "B L UW"))


def said(script: list[tuple[str, int]], sure: float = 6.0, blur: float = 0.0) -> Scores:
    """Logits of a script of (phone, steps); with blur the phones run into each other."""
    rows = []
    for phone, steps in script:
        row = np.zeros(len(PHONES))
        row[INDEX_OF[phone]] = sure
        rows += [row] * steps
    logits = np.array(rows)
    if blur:
        kernel = np.exp(-0.5 * (np.arange(-8, 9) / blur) ** 2)
        kernel /= kernel.sum()
        logits = np.stack([np.convolve(c, kernel, "same") for c in logits.T], axis=1)
    return logits


def spoken(words: tuple[Word, ...], steps: int = 4, pause: int = 0) -> list[tuple[str, int]]:
    out = [("SIL", 5)]
    for one in words:
        out += [(PHONES[p], steps) for p in one.phones]
        out += [("SIL", pause)] if pause else []
    return [*out, ("SIL", 5)]


def test_every_phone_is_found_where_it_was_said() -> None:
    found = align(log_softmax(said(spoken(SKY))), SKY)
    assert found is not None
    starts = [s.start for s in found.segments]
    assert starts == list(range(5, 5 + 4 * len(starts), 4))
    assert [s.phone for s in found.segments] == [p for w in SKY for p in w.phones]


def test_pauses_between_words_belong_to_no_phone() -> None:
    found = align(log_softmax(said(spoken(SKY, pause=20))), SKY)
    assert found is not None
    assert all(s.end - s.start == 4 for s in found.segments)
    told = timing(found, min_pause_s=0.25)
    assert told.pauses_s == pytest.approx((0.4, 0.4, 0.4))
    assert told.phones_per_s == pytest.approx(1 / 0.08)


def test_sound_shorter_than_the_phrase_is_not_aligned() -> None:
    assert align(log_softmax(said([("S", 3)])), SKY) is None
    assert removal_gains(log_softmax(said([("S", 3)])), FLAT, SKY) == ()


@pytest.mark.parametrize("missing", range(len(SKY)))
def test_a_word_left_out_is_the_one_whose_removal_gains(missing: int) -> None:
    rest = SKY[:missing] + SKY[missing + 1 :]
    gains = removal_gains(log_softmax(said(spoken(rest))), FLAT, SKY)
    assert int(np.argmax(gains)) == missing
    assert gains[missing] > 0
    assert all(g < 0 for at, g in enumerate(gains) if at != missing)


def test_removing_a_word_that_was_said_costs() -> None:
    assert max(removal_gains(log_softmax(said(spoken(SKY, pause=10))), FLAT, SKY)) < -2


def test_a_wrong_phone_has_the_least_margin_and_is_named() -> None:
    script = spoken(SKY)
    script[3] = ("TH", 4)  # "thky": the /s/ of sky
    logits = said(script)
    found = align(log_softmax(logits), SKY)
    assert found is not None
    evidence = phone_evidence(logits, found, FLAT)
    worst = min(evidence, key=lambda e: e.margin)
    assert (PHONES[worst.segment.phone], PHONES[worst.heard]) == ("S", "TH")
    assert worst.margin < 0 < min(e.margin for e in evidence if e is not worst)


def test_gliding_speech_moves_less_at_its_edges() -> None:
    clear, slurred = said(spoken(SKY)), said(spoken(SKY), blur=3.0)
    found = align(log_softmax(clear), SKY)
    assert found is not None
    speaking = np.ones(len(clear), np.bool_)
    a, b = (movement(x, speaking, edges_of(found)) for x in (clear, slurred))
    assert b.edge_flux < 0.6 * a.edge_flux
    assert b.entropy > a.entropy
    assert b.certainty < a.certainty


def test_slow_but_clear_speech_has_the_same_edges() -> None:
    quick, slow = said(spoken(SKY, steps=3)), said(spoken(SKY, steps=9))
    flux = []
    for logits in (quick, slow):
        found = align(log_softmax(logits), SKY)
        assert found is not None
        flux.append(movement(logits, np.ones(len(logits), np.bool_), edges_of(found)).edge_flux)
    assert flux[0] == pytest.approx(flux[1], abs=0.02)


def test_free_listening_hears_what_was_said() -> None:
    found = free_alignment(log_softmax(said(spoken(SKY))))
    assert found is not None
    assert found.words[0].phones == tuple(p for w in SKY for p in w.phones)
    assert free_alignment(log_softmax(said([("SIL", 30)]))) is None


def edits(a: list[int], b: list[int]) -> int:
    """Levenshtein's distance by its definition."""
    if not a or not b:
        return len(a) + len(b)
    return min(
        edits(a[1:], b) + 1, edits(a, b[1:]) + 1, edits(a[1:], b[1:]) + int(a[0] != b[0])
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3), max_size=5), st.lists(st.integers(1, 3), max_size=5))
def test_phone_errors_are_levenshteins(due: list[int], heard: list[int]) -> None:
    assert phone_errors(tuple(due), tuple(heard)) == edits(due, heard)


@pytest.mark.parametrize("per_s", [3.0, 5.0, 6.5])
def test_syllables_are_counted(per_s: float) -> None:
    gap = round(1 / per_s / 0.02) // 2
    script = [("SIL", 10), *[pair for _ in range(10) for pair in (("P", gap), ("AA", gap))]]
    found = syllables(np.exp(log_softmax(said([*script, ("SIL", 10)]))))
    assert found is not None
    assert found.count == 10
    assert found.per_s == pytest.approx(1 / (2 * gap * 0.02), rel=0.02)
    assert found.unevenness < 0.02


def test_two_syllables_have_no_rate() -> None:
    assert syllables(np.exp(log_softmax(said([("P", 4), ("AA", 4), ("T", 4), ("AA", 4)])))) is None


def test_silence_is_the_first_class() -> None:
    assert PHONES[SILENCE] == "SIL"
    assert len(PHONES) == len(set(PHONES)) == 40
