from __future__ import annotations

from dataclasses import replace

from firmware_service.screen.speech_item import slurred
from firmware_service.types import SpeechClarity

SLURRED = SpeechClarity(
    clarity=30.0,
    impairment=0.7,
    interval=(0.4, 1.0),
    articulation=0.7,
    suspicion=0.5,
    suspicion_limit=0.12,
    timing=0.0,
    phones_per_s=9.0,
    pronunciation_z=1.5,
    movement_z=1.5,
    words=None,
)


def test_score_movement_and_pronunciation_together() -> None:
    assert slurred(SLURRED)


def test_none_of_the_three_alone_is_enough() -> None:
    assert not slurred(replace(SLURRED, suspicion=0.1))
    assert not slurred(replace(SLURRED, movement_z=0.0))
    assert not slurred(replace(SLURRED, pronunciation_z=-1.0))


def test_slow_but_clear_is_not_slurred() -> None:
    slow = replace(SLURRED, suspicion=0.05, timing=0.5, impairment=0.5, phones_per_s=3.0)
    assert not slurred(slow)
