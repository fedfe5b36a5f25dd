"""The report document of an ended screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from firmware_service.screen.events import ArmEntered, Part, PartLost
from firmware_service.screen.journal import recover
from firmware_service.screen.session import Session
from firmware_service.screen.states import ArmEntry, Prompting
from firmware_service.screen.summary import DeviceFacts, Issue, build_report
from firmware_service.types import ArmDrift, Finding, Level, Region, ReportStatus, Task, TaskResult
from firmware_service.wire.v1 import Report
from tests.firmware_service.screen.hand import BEGAN, Hand, healthy, left_droop, phrase

FACTS = DeviceFacts(
    agency="north",
    unit="amb-1",
    software="0.1.0",
    face_model="onnx attention mesh",
    models={"attention_mesh": "ab" * 32},
    millimetre_scale="iris 11.7 mm",
    simulated=True,
)


def issue(session: Session) -> Issue:
    assert session.ended is not None
    now = session.ended + 1.0
    return Issue(BEGAN + timedelta(seconds=now - session.started), now, clock_synced=True)


def droop_with_arms() -> Session:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    hand.give(ArmEntered(ArmDrift.NONE))
    return hand.report()


def test_a_droop_is_reported_with_its_side_and_its_numbers() -> None:
    session = droop_with_arms()
    report = build_report(session, FACTS, issue(session))
    assert report.overall is Level.RAISED
    assert report.summary == (
        "RAISED: face (left side weaker). Not raised: arm. Not assessable: speech (speech heard "
        "for 2.1 s; articulation: no measure yet). Not a diagnosis."
    )
    assert report.message_id == session.opening.report_id
    assert report.status is ReportStatus.COMPLETE
    smile = next(task for task in report.tasks if task.task is Task.SMILE)
    assert (smile.regions[0].left_mm, smile.regions[0].right_mm) == (3.1, 9.0)
    assert smile.ended_s - smile.started_s == pytest.approx(4.0)
    assert report.not_assessed == ("articulation of speech: no measure yet",)
    (cpss,) = report.scales
    assert (cpss.name, cpss.points, cpss.items_examined, cpss.items) == ("CPSS", 1, 2, 3)
    assert (report.frames_read, report.frames_skipped) == (500, 3)


def test_tracks_are_thinned_to_sixty_points_that_keep_their_shape() -> None:
    session = droop_with_arms()
    report = build_report(session, FACTS, issue(session))
    smile = next(task for task in report.tasks if task.task is Task.SMILE)
    (track,) = smile.tracks
    assert track.region is Region.MOUTH
    assert len(track.points) == 60
    assert 0.0 <= track.points[0].t_s < track.points[-1].t_s <= 4.0
    for point in track.points:
        assert point.right_mm == pytest.approx(9.0 * point.t_s / 4.0, abs=1e-6)


def test_the_report_goes_over_the_wire_and_back() -> None:
    session = droop_with_arms()
    report = build_report(session, FACTS, issue(session))
    assert Report.read(report.model_dump_json().encode()) == report


def test_nothing_in_a_healthy_report_rules_a_stroke_out() -> None:
    hand = Hand(healthy)
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    hand.give(ArmEntered(ArmDrift.NONE))
    session = hand.report()
    report = build_report(session, FACTS, issue(session))
    assert report.overall is Level.UNKNOWN
    assert report.summary.startswith("Not raised: face, arm. Not assessable: speech")
    assert report.summary.endswith("A stroke is not ruled out. Not a diagnosis.")
    assert "no stroke" not in report.model_dump_json().lower()


def test_what_was_left_out_is_listed_with_its_reason() -> None:
    def noisy(task: Task, attempt: int) -> TaskResult:
        return phrase(attempt, present=None) if task is Task.PHRASE else healthy(task, attempt)

    hand = Hand(noisy)
    hand.press()
    hand.look()
    hand.until(Prompting, task=Task.BROWS)
    hand.give(PartLost(Part.CAMERA))
    hand.until(ArmEntry)
    hand.wait()
    hand.wait()
    session = hand.report()
    report = build_report(session, FACTS, issue(session))
    assert report.status is ReportStatus.PARTIAL
    assert report.not_assessed == (
        "brow raise: camera lost",
        "eye closure: camera lost",
        "phrase: too noisy",
        "arms: not done",
        "articulation of speech: no measure yet",
    )


def test_times_count_from_the_press() -> None:
    session = droop_with_arms()
    report = build_report(session, FACTS, issue(session))
    assert session.ended is not None
    assert report.started_at == BEGAN
    assert report.ended_at - report.started_at == timedelta(seconds=session.ended - session.started)


def test_a_clock_confirmed_during_the_screen_corrects_its_start() -> None:
    session = droop_with_arms()
    wrong = replace(session.opening, at=BEGAN - timedelta(hours=1), clock_synced=False)
    session = replace(session, opening=wrong)
    report = build_report(session, FACTS, issue(session))
    assert (report.started_at, report.clock_synced) == (BEGAN, True)


def test_after_a_restart_an_unconfirmed_clock_stays_unconfirmed() -> None:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    found = recover(hand.disk)
    assert found is not None
    session = found.session
    session = replace(session, opening=replace(session.opening, clock_synced=False))
    report = build_report(
        session, FACTS, Issue(BEGAN + timedelta(hours=2), None, clock_synced=True)
    )
    assert (report.started_at, report.clock_synced) == (BEGAN, False)
    assert report.status is ReportStatus.INTERRUPTED
    assert report.summary.startswith("Screen interrupted by a restart. RAISED: face")
    speech = next(s for s in report.signals if s.finding is Finding.SPEECH)
    assert speech.level is Level.UNKNOWN


def test_a_screen_that_goes_on_has_no_report_yet() -> None:
    hand = Hand()
    hand.press()
    session = hand.state.session  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="has not ended"):
        build_report(session, FACTS, Issue(BEGAN, hand.now, clock_synced=True))
