"""Whatever happens in whatever order: no crash, no endless wait, one report a screen, no all-clear.

A seeded run of 120,000 events, with answers that are usable or not at random.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from firmware_service.ports import Press
from firmware_service.screen import effects as do
from firmware_service.screen.events import (
    ArmEntered,
    DeliveryAdvanced,
    DeliveryStage,
    Event,
    FaceSeen,
    Part,
    PartBack,
    PartLost,
    Pressed,
    PromptSpoken,
    Tick,
    WindowJudged,
)
from firmware_service.screen.journal import recover
from firmware_service.screen.protocol import Prompt
from firmware_service.screen.session import Session
from firmware_service.screen.states import Idle, Judging, deadline
from firmware_service.screen.summary import Issue, build_report
from firmware_service.types import ArmDrift, Finding, Level, Region, Task, TaskResult, WhyNot
from tests.firmware_service.screen.hand import (
    BEGAN,
    REGION,
    Hand,
    face,
    opening,
    phrase,
    refused,
    samples,
)
from tests.firmware_service.screen.test_summary import FACTS

WAITS_AT_MOST = 60
"""Ticks that any state may need to come to rest: 6 steps, 2 attempts, 3 states each, and a few."""


def any_result(dice: random.Random, task: Task, attempt: int) -> TaskResult:
    if dice.random() < 0.4:
        return refused(task, dice.choice(list(WhyNot)), attempt)
    if task is Task.PHRASE:
        return phrase(attempt, present=dice.choice([True, False, None]))
    left = float("nan") if dice.random() < 0.02 else dice.uniform(-4, 12)
    return face(task, left, dice.uniform(-4, 12), attempt)


def any_event(dice: random.Random, hand: Hand) -> Event:  # noqa: PLR0911 one return a kind
    """Mostly what could come next, often what could not."""
    screen_id = opening(hand.screens).screen_id
    task = dice.choice([*REGION, Task.PHRASE])
    attempt = dice.choice([1, 1, 2, 3])
    if isinstance(hand.state, Judging) and dice.random() < 0.8:
        task, attempt = hand.state.at.step.task, hand.state.at.attempt
    result = any_result(dice, task, attempt)
    kind = dice.randrange(100)
    if kind < 5:
        hand.screens += 1
        press = dice.choices(list(Press), weights=[8, 4, 1])[0]
        return Pressed(press, opening(hand.screens))
    if kind < 30:
        return FaceSeen(dice.choice([None, None, None, *WhyNot]))
    if kind < 45:
        return PromptSpoken(dice.choice(list(Prompt)))
    if kind < 60:
        return WindowJudged(screen_id, result, samples(result), 100, 1)
    if kind < 64:
        return ArmEntered(dice.choice(list(ArmDrift)))
    if kind < 66:
        return PartLost(dice.choice(list(Part)))
    if kind < 70:
        return PartBack(dice.choice(list(Part)))
    if kind < 72:
        return DeliveryAdvanced(screen_id, dice.choice(list(DeliveryStage)))
    return Tick()


def check_report(session: Session) -> None:
    """It can be built and sent, and says NOT_RAISED only of what was measured."""
    assert session.ended is not None
    at = BEGAN + timedelta(seconds=session.ended - session.started)
    report = build_report(session, FACTS, Issue(at, session.ended, clock_synced=True))
    level = {signal.finding: signal.level for signal in report.signals}
    assert level[Finding.SPEECH] is not Level.NOT_RAISED
    assert (level[Finding.ARM] is Level.NOT_RAISED) == (session.arms is ArmDrift.NONE)
    if level[Finding.FACE] is Level.NOT_RAISED:
        mouths = {
            a.result.task
            for a in session.attempts
            if a.result.usable
            and any(r.region is Region.MOUTH and r.usable for r in a.result.regions)
        }
        assert {Task.REST, Task.SMILE} <= mouths
    assert report.overall is not Level.NOT_RAISED


@pytest.mark.parametrize("seed", range(4))
def test_thirty_thousand_events_at_random(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 a reproducible script, not a secret
    hand = Hand()
    opened: list[str] = []
    reported: list[str] = []
    met: Counter[str] = Counter()
    for number in range(30_000):
        hand.now += dice.choice([0.0, 0.03, 0.03, 0.2, 2.0])
        event = any_event(dice, hand)
        met[f"{type(hand.state).__name__} {type(event).__name__}"] += 1
        for effect in hand.give(event):
            match effect:
                case do.JournalAppend(record=record) if record.kind == "opened":
                    opened.append(effect.screen_id)
                case do.PublishReport(session=session):
                    reported.append(session.opening.screen_id)
                    check_report(session)
                case do.PublishSignal() | do.PublishState() | do.Judge() | do.StartRecording():
                    assert effect.screen_id == opened[-1]
        if hand.disk and number % 50 == 0:
            recovered = recover(hand.disk)
            assert recovered is not None
            check_report(recovered.session)
    for _ in range(WAITS_AT_MOST):
        if isinstance(hand.state, Idle):
            break
        hand.wait()
    assert isinstance(hand.state, Idle)
    reported += [s.opening.screen_id for s in hand.reports() if s.opening.screen_id not in reported]
    assert reported == opened
    assert len(opened) > 100
    assert len(met) == 7 * 9, "some state never met some event"


@pytest.mark.parametrize("seed", range(20))
def test_ticks_alone_end_every_screen(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 a reproducible script, not a secret
    hand = Hand()
    hand.press()
    for _ in range(dice.randrange(300)):
        hand.now += 0.1
        hand.give(any_event(dice, hand))
    waits = 0
    while deadline(hand.state) is not None:
        hand.wait()
        waits += 1
        assert waits <= WAITS_AT_MOST
    assert isinstance(hand.state, Idle)
