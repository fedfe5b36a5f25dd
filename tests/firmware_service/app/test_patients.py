"""Every simulated patient through the whole screen on the real models, against what is true."""

from collections.abc import Callable

import pytest

from firmware_service.ports import Lamp
from firmware_service.simulate.scenarios import Voice, scenario
from firmware_service.types import Finding, Level
from firmware_service.wire.v1 import SignalBody

from .conftest import Play

pytestmark = pytest.mark.timeout(180)

PATIENTS = (
    "healthy",
    "left-droop",
    "right-droop",
    "mild-left-droop",
    "clear-mask",
    "bells-palsy",
    "not-performed",
    "mask",
    "hand",
    "dark",
    "turned",
    "second-face",
    "frozen",
    "nobody",
)
"""The rest of scenarios.toml is screened by `scripts/evaluate`: each takes seconds."""


def _signal(play: Play, finding: Finding) -> SignalBody:
    return next(s for s in play.desk.reports[-1].signals if s.finding is finding)


@pytest.mark.parametrize("name", PATIENTS)
def test_face_is_what_the_palsy_makes_it(play: Callable[[str], Play], name: str) -> None:
    signal = _signal(play(name), Finding.FACE)
    expected = scenario(name).expect
    assert signal.level is expected.face, signal.because
    if expected.face is Level.RAISED:
        assert signal.weaker_side is expected.weaker_side
    if expected.face is Level.UNKNOWN:
        assert signal.score is None
        assert signal.because


@pytest.mark.parametrize("name", ["healthy", "left-droop", "right-droop"])
def test_arms_are_what_the_paramedic_entered(play: Callable[[str], Play], name: str) -> None:
    assert _signal(play(name), Finding.ARM).level is scenario(name).expect.arm


def test_silence_raises_and_speech_is_not_yet_called_normal(
    play: Callable[[str], Play],
) -> None:
    for name in ("mute", "healthy"):
        silent = scenario(name).voice is Voice.SILENT
        wanted = Level.RAISED if silent else Level.UNKNOWN
        assert _signal(play(name), Finding.SPEECH).level is wanted, name


def test_a_standard_screen_takes_a_minute(play: Callable[[str], Play]) -> None:
    report = play("healthy").desk.reports[-1]
    assert (report.ended_at - report.started_at).total_seconds() <= 60.0
    assert report.frames_read > 100


def test_a_signal_goes_out_before_the_report_and_the_journal_is_removed(
    play: Callable[[str], Play],
) -> None:
    done = play("left-droop")
    assert [s.finding for s in done.desk.signals] == [Finding.FACE, Finding.SPEECH, Finding.ARM]
    assert len(done.desk.reports) == 1
    assert done.journal.open == {}
    assert Lamp.RAISED in done.light.shown


def test_the_same_patient_gives_the_same_numbers() -> None:
    first, second = (Play("left-droop", 6.0).whole() for _ in range(2))
    moving = {"message_id", "screen_id"}
    assert first.model_dump(exclude=moving) == second.model_dump(exclude=moving)
