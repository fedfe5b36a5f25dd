"""Contacts in, presses out: bouncing, slow hands in gloves, a button that is stuck."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_service.panel.presses import STUCK_S, Contact, look, next_look
from firmware_service.ports import Press

Edges = list[tuple[float, bool]]


def presses(edges: Edges, until: float, *, held_at_start: bool = False) -> list[Press]:
    """What a button that changes like this tells, looked at whenever `look` asks to be."""
    return [press for _, press in timed(edges, until, held_at_start=held_at_start)[0]]


def timed(
    edges: Edges, until: float, *, held_at_start: bool = False
) -> tuple[list[tuple[float, Press]], Contact]:
    contact, raw, now = Contact.at_start(held_at_start, 0.0), held_at_start, 0.0
    told: list[tuple[float, Press]] = []
    ends: list[tuple[float, bool | None]] = [*edges, (until, None)]
    for at, level in ends:
        while (due := next_look(contact)) is not None and due < at:
            now = max(due, now)
            contact, found = look(contact, raw, now)
            told += [(now, press) for press in found]
            assert next_look(contact) != due  # it would be asked for ever
        raw = raw if level is None else level
        contact, found = look(contact, raw, at)
        told += [(at, press) for press in found]
    return told, contact


def tap(at: float, seconds: float = 0.12) -> Edges:
    return [(at, True), (at + seconds, False)]


def bouncing(at: float, *, level: bool) -> Edges:
    """Ten changes within 10 ms before it rests."""
    return [(at + i * 0.001, level if i % 2 == 0 else not level) for i in range(11)]


def test_a_tap_is_short_once_no_second_tap_can_follow() -> None:
    told, _ = timed(tap(1.0), 5.0)
    assert [press for _, press in told] == [Press.SHORT]
    assert 1.52 <= told[0][0] < 1.55


def test_two_taps_are_a_double_at_the_second_release() -> None:
    assert presses(tap(1.0) + tap(1.4), 5.0) == [Press.DOUBLE]


def test_a_second_tap_that_begins_just_in_time_still_makes_a_double() -> None:
    assert presses(tap(1.0) + tap(1.51), 5.0) == [Press.DOUBLE]


def test_two_slow_taps_are_two_short_presses() -> None:
    assert presses(tap(1.0) + tap(2.0), 5.0) == [Press.SHORT, Press.SHORT]


def test_five_quick_taps_are_five_steps() -> None:
    edges = [edge for i in range(5) for edge in tap(1.0 + 0.25 * i)]
    assert presses(edges, 5.0) == [Press.DOUBLE, Press.DOUBLE, Press.SHORT]


def test_a_hold_is_long_while_still_held_and_only_once() -> None:
    told, _ = timed(tap(1.0, 4.0), 9.0)
    assert [press for _, press in told] == [Press.LONG]
    assert 2.2 <= told[0][0] < 2.25


def test_a_tap_then_a_hold_is_long_alone() -> None:
    assert presses([*tap(1.0), *tap(1.3, 2.0)], 9.0) == [Press.LONG]


def test_a_bouncing_contact_is_one_press() -> None:
    assert presses([*bouncing(1.0, level=True), *bouncing(1.2, level=False)], 5.0) == [Press.SHORT]


def test_interference_is_no_press() -> None:
    glitches = [edge for i in range(50) for edge in tap(1.0 + 0.1 * i, 0.01)]
    assert presses(glitches, 9.0) == []


def test_a_stuck_button_is_told_as_stuck_and_works_again_after_its_release() -> None:
    held, contact = timed([(1.0, True)], 1.0 + STUCK_S + 1.0)
    assert [press for _, press in held] == [Press.LONG]
    assert contact.stuck
    assert next_look(contact) is None  # nothing to wake for
    again, contact = timed([(1.0, True), (30.0, False), *tap(31.0)], 40.0)
    assert [press for _, press in again] == [Press.LONG, Press.SHORT]
    assert not contact.stuck


def test_a_button_held_at_the_start_means_nothing_until_it_is_released() -> None:
    assert presses([], 60.0, held_at_start=True) == []
    assert timed([], 60.0, held_at_start=True)[1].stuck
    assert presses([(5.0, False), *tap(6.0)], 60.0, held_at_start=True) == [Press.SHORT]


@given(st.lists(st.floats(0.001, 3.0), max_size=30))
def test_no_contact_however_odd_makes_more_presses_than_it_was_closed(gaps: list[float]) -> None:
    at, edges = 0.5, []
    for i, gap in enumerate(gaps):
        edges.append((at, i % 2 == 0))
        at += gap
    closings = sum(level for _, level in edges)
    counted = sum(2 if press is Press.DOUBLE else 1 for press in presses(edges, at + 20.0))
    assert counted <= closings
