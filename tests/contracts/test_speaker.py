"""Every loudspeaker: it returns at once, takes its time, and speaks one prompt after the other."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.panel.errors import NoSuchPrompt
from firmware_service.panel.speaker import LogSpeaker, TextSpeaker, VoiceSpeaker
from firmware_service.ports import Clock, Speaker
from firmware_service.screen.protocol import Prompt


class HandClock:
    """A clock that moves when told to."""

    synced = True

    def __init__(self) -> None:
        self.time = 50.0

    def now(self) -> float:
        return self.time

    def utc(self) -> datetime:
        return datetime(2025, 3, 1, tzinfo=UTC)


Make = Callable[[Clock], Speaker]


class Silence:
    """A loudspeaker that nobody hears."""

    def play(self, _sound: NDArray[np.float32]) -> None:
        """Heard at once."""

    def stop(self) -> None:
        """Silent as it is."""


SPEAKERS: list[Make] = [
    LogSpeaker,
    lambda clock: TextSpeaker(io.StringIO(), clock),
    lambda clock: VoiceSpeaker(Silence(), clock),
]


@pytest.mark.parametrize("make", SPEAKERS)
def test_the_seconds_count_until_the_prompt_has_ended(make: Make) -> None:
    clock = HandClock()
    speaker = make(clock)
    first = speaker.say(Prompt.MOVE_CLOSER)
    assert 0.5 < first < 5.0
    clock.time += 0.5
    queued = speaker.say(Prompt.MOVE_CLOSER)
    assert queued == pytest.approx(2 * first - 0.5)
    clock.time += 60.0
    assert speaker.say(Prompt.MOVE_CLOSER) == pytest.approx(first)


@pytest.mark.parametrize("make", SPEAKERS)
def test_a_key_without_words_is_refused(make: Make) -> None:
    with pytest.raises(NoSuchPrompt, match="sing"):
        make(HandClock()).say("sing")


def test_the_text_speaker_writes_the_words() -> None:
    out = io.StringIO()
    TextSpeaker(out, HandClock()).say(Prompt.SMILE)
    assert "Smile wide, show your teeth" in out.getvalue()


def test_the_log_speaker_keeps_the_keys() -> None:
    speaker = LogSpeaker(HandClock())
    speaker.say(Prompt.SMILE)
    assert speaker.said == ["smile"]
