"""Whole screens driven by hand."""

from __future__ import annotations

import pytest

from firmware_service.ports import Lamp, Press
from firmware_service.screen import effects as do
from firmware_service.screen.events import (
    ArmEntered,
    DeliveryAdvanced,
    DeliveryStage,
    FaceSeen,
    Part,
    PartBack,
    PartLost,
    PromptSpoken,
    Tick,
    WindowJudged,
)
from firmware_service.screen.protocol import STANDARD, Prompt
from firmware_service.screen.scoring import assess, overall
from firmware_service.screen.states import (
    ArmEntry,
    Finish,
    Idle,
    Judging,
    Positioning,
    Prompting,
    Recording,
    State,
    deadline,
)
from firmware_service.types import (
    ArmDrift,
    Finding,
    Level,
    ReportStatus,
    Side,
    Task,
    TaskResult,
    WhyNot,
)
from tests.firmware_service.screen.hand import (
    Hand,
    face,
    healthy,
    left_droop,
    phrase,
    refused,
    samples,
)

FACE_TASKS = (Task.REST, Task.SMILE, Task.BROWS, Task.EYES)


def level_of(session: object, finding: Finding) -> Level:
    (signal,) = [s for s in assess(session) if s.finding is finding]  # type: ignore[arg-type]
    return signal.level


def test_a_healthy_screen_with_arms_entered_is_complete_within_a_minute() -> None:
    hand = Hand(healthy)
    began = hand.now
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    hand.now += 12.0
    hand.give(ArmEntered(ArmDrift.NONE))
    assert isinstance(hand.state, Finish)
    assert hand.now - began <= 60.0
    session = hand.report()
    assert session.status is ReportStatus.COMPLETE
    assert [a.result.task for a in session.attempts] == [*FACE_TASKS, Task.PHRASE]
    levels = {s.finding: s.level for s in assess(session)}
    assert levels == {
        Finding.FACE: Level.NOT_RAISED,
        Finding.ARM: Level.NOT_RAISED,
        Finding.SPEECH: Level.UNKNOWN,
    }
    assert Lamp.NOT_ASSESSABLE in hand.lamps()
    assert hand.disk == b""


def test_a_left_droop_is_signalled_as_soon_as_the_smile_is_judged() -> None:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(Prompting, task=Task.BROWS)
    (signal,) = hand.signals(Finding.FACE)
    assert (signal.level, signal.weaker_side) == (Level.RAISED, Side.LEFT)
    assert "left mouth corner moved 3.1 mm, right 9.0 mm on smiling" in signal.because
    hand.until(Finish)
    assert len(hand.signals(Finding.FACE)) == 1
    assert overall(assess(hand.report())) is Level.RAISED
    assert Lamp.RAISED in hand.lamps()


def test_the_face_is_signalled_after_its_last_task_when_not_raised() -> None:
    hand = Hand(healthy)
    hand.press()
    hand.look()
    hand.until(Judging, task=Task.EYES)
    assert hand.signals(Finding.FACE) == []
    hand.step()
    assert [s.level for s in hand.signals(Finding.FACE)] == [Level.NOT_RAISED]


def test_the_window_is_open_for_the_protocols_seconds_and_then_judged() -> None:
    hand = Hand()
    hand.press()
    hand.look()
    hand.until(Recording)
    assert deadline(hand.state) == hand.now + STANDARD.steps[0].record_s
    hand.now += STANDARD.steps[0].record_s - 0.01
    assert hand.give(Tick()) == ()
    hand.now += 0.02
    (effect,) = hand.give(Tick())
    assert isinstance(effect, do.Judge)
    assert (effect.task, effect.attempt) == (Task.REST, 1)


def test_an_unusable_attempt_is_repeated_with_the_reason_said_and_the_usable_one_counts() -> None:
    def dark_once(task: Task, attempt: int) -> TaskResult:
        if task is Task.SMILE and attempt == 1:
            return refused(Task.SMILE, WhyNot.TOO_DARK, attempt)
        return left_droop(task, attempt)

    hand = Hand(dark_once)
    session = hand.whole_screen()
    smiles = [a.result for a in session.attempts_at(Task.SMILE)]
    assert [(r.attempt, r.usable) for r in smiles] == [(1, False), (2, True)]
    said = hand.said()
    again = said.index(Prompt.MORE_LIGHT)
    assert said[again - 1 : again + 2] == [Prompt.SMILE, Prompt.MORE_LIGHT, Prompt.SMILE]
    assert Lamp.RETAKE in hand.lamps()
    assert level_of(session, Finding.FACE) is Level.RAISED


def test_attempts_run_out_and_the_screen_goes_on_without_the_task() -> None:
    def no_smile(task: Task, attempt: int) -> TaskResult:
        if task is Task.SMILE:
            return refused(Task.SMILE, WhyNot.NOT_PERFORMED, attempt)
        return healthy(task, attempt)

    session = Hand(no_smile).whole_screen()
    assert len(session.attempts_at(Task.SMILE)) == 2
    assert session.status is ReportStatus.PARTIAL
    (signal,) = [s for s in assess(session) if s.finding is Finding.FACE]
    assert signal.level is Level.UNKNOWN
    assert "mouth not assessable on smiling: not performed" in signal.because


def test_a_smile_without_a_resting_face_is_not_repeated_in_vain() -> None:
    def masked(task: Task, attempt: int) -> TaskResult:
        why_not = WhyNot.MOUTH_COVERED if task is Task.REST else WhyNot.NO_BASELINE
        if task in {Task.REST, Task.SMILE}:
            return refused(task, why_not, attempt)
        return healthy(task, attempt)

    hand = Hand(masked)
    session = hand.whole_screen()
    assert len(session.attempts_at(Task.REST)) == 2
    assert len(session.attempts_at(Task.SMILE)) == 1
    assert hand.said().count(Prompt.MASK_OFF) == 1


def test_a_judge_that_never_answers_leaves_the_task_unmeasured() -> None:
    hand = Hand()
    hand.press()
    hand.look()
    for _ in FACE_TASKS:
        hand.until(Judging)
        hand.wait()
    hand.until(Finish)
    session = hand.report()
    whys = {a.result.task: a.result.why_not for a in session.attempts}
    assert {whys[t] for t in FACE_TASKS} == {WhyNot.MODEL_UNAVAILABLE}
    assert level_of(session, Finding.FACE) is Level.UNKNOWN


def test_a_result_with_a_number_that_is_none_counts_as_unmeasured() -> None:
    def broken(task: Task, attempt: int) -> TaskResult:
        if task is Task.SMILE:
            return face(Task.SMILE, float("nan"), 9.0, attempt)
        return healthy(task, attempt)

    session = Hand(broken).whole_screen()
    assert level_of(session, Finding.FACE) is Level.UNKNOWN
    assert not session.attempts_at(Task.SMILE)[0].result.usable


def test_answers_for_another_screen_task_or_attempt_are_ignored() -> None:
    hand = Hand()
    hand.press()
    hand.look()
    hand.until(Judging, task=Task.REST)
    before = hand.state
    result = face(Task.REST, 2, 2)
    assert isinstance(before, Judging)
    mine = before.at.session.opening.screen_id
    for screen_id, answer in (
        ("another", result),
        (mine, face(Task.SMILE, 2, 2)),
        (mine, face(Task.REST, 2, 2, attempt=2)),
    ):
        hand.give(WindowJudged(screen_id, answer, samples(answer), 1, 0))
        assert hand.state == before
    hand.judge(result)
    assert isinstance(hand.state, Prompting)


def test_arms_not_entered_in_time_are_not_done_and_the_report_is_partial() -> None:
    hand = Hand()
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    asked = hand.now
    hand.wait()
    assert hand.said()[-1] == Prompt.ENTER_ARMS
    assert hand.now == asked + STANDARD.arm_hold_s
    hand.wait()
    session = hand.report()
    assert (session.arms, session.status) == (ArmDrift.NOT_DONE, ReportStatus.PARTIAL)
    assert level_of(session, Finding.ARM) is Level.UNKNOWN


@pytest.mark.parametrize(
    ("drift", "level", "side"),
    [
        (ArmDrift.NONE, Level.NOT_RAISED, None),
        (ArmDrift.LEFT, Level.RAISED, Side.LEFT),
        (ArmDrift.RIGHT, Level.RAISED, Side.RIGHT),
        (ArmDrift.BOTH, Level.RAISED, None),
        (ArmDrift.CANNOT_TEST, Level.UNKNOWN, None),
    ],
)
def test_arms_are_signalled_as_entered(drift: ArmDrift, level: Level, side: Side | None) -> None:
    hand = Hand()
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    hand.give(ArmEntered(drift))
    (signal,) = hand.signals(Finding.ARM)
    assert (signal.level, signal.weaker_side, signal.score) == (level, side, None)


def test_arms_may_be_entered_while_the_patient_is_still_being_told() -> None:
    hand = Hand()
    hand.press()
    hand.look()
    hand.until(Prompting, task=Task.ARMS)
    hand.give(ArmEntered(ArmDrift.RIGHT))
    assert hand.report().arms is ArmDrift.RIGHT


def test_silence_is_asked_again_and_then_raised() -> None:
    def mute(task: Task, attempt: int) -> TaskResult:
        return phrase(attempt, present=False) if task is Task.PHRASE else healthy(task, attempt)

    hand = Hand(mute)
    session = hand.whole_screen()
    assert len(session.attempts_at(Task.PHRASE)) == 2
    (signal,) = hand.signals(Finding.SPEECH)
    assert signal.level is Level.RAISED
    assert signal.because == ("no speech heard in 10 s: mutism or aphasia possible",)


def test_silence_once_and_speech_then_is_not_raised() -> None:
    def shy(task: Task, attempt: int) -> TaskResult:
        return (
            phrase(attempt, present=attempt > 1) if task is Task.PHRASE else healthy(task, attempt)
        )

    hand = Hand(shy)
    hand.whole_screen()
    assert [s.level for s in hand.signals(Finding.SPEECH)] == [Level.UNKNOWN]


STATES: dict[str, tuple[type[State], Task | None]] = {
    "positioning": (Positioning, None),
    "prompting": (Prompting, Task.SMILE),
    "recording": (Recording, Task.SMILE),
    "judging": (Judging, Task.SMILE),
    "phrase": (Recording, Task.PHRASE),
    "arm entry": (ArmEntry, Task.ARMS),
}


def bring_to(hand: Hand, where: str) -> None:
    kind, task = STATES[where]
    if kind is not Positioning:
        hand.look()
    hand.until(kind, task=task)


@pytest.mark.parametrize("where", STATES)
def test_a_long_press_cancels_everywhere_with_one_report(where: str) -> None:
    hand = Hand(left_droop)
    hand.press()
    bring_to(hand, where)
    recording = isinstance(hand.state, Recording)
    effects = hand.press(Press.LONG)
    assert hand.is_in(Finish)
    assert hand.report().status is ReportStatus.CANCELLED
    assert (do.DropRecording() in effects) is recording
    hand.press(Press.LONG)
    assert hand.is_in(Idle)
    assert len(hand.reports()) == 1
    assert hand.press(Press.LONG) == ()


@pytest.mark.parametrize("where", STATES)
def test_without_a_camera_speech_and_arms_go_on(where: str) -> None:
    hand = Hand(healthy)
    hand.press()
    bring_to(hand, where)
    hand.give(PartLost(Part.CAMERA))
    assert Prompt.CAMERA_FAULT in hand.said()
    hand.give(PartBack(Part.CAMERA))
    hand.until(ArmEntry)
    hand.give(ArmEntered(ArmDrift.NONE))
    session = hand.report()
    whole = where in {"phrase", "arm entry"}
    assert session.status is (ReportStatus.COMPLETE if whole else ReportStatus.PARTIAL)
    assert session.attempts_at(Task.PHRASE)[0].result.usable
    last_eyes = session.attempts_at(Task.EYES)[-1].result
    assert last_eyes.why_not is (None if whole else WhyNot.CAMERA_LOST)
    # In "judging" the smile's frames were already in: they are judged all the same.
    face_level = Level.NOT_RAISED if whole or where == "judging" else Level.UNKNOWN
    assert level_of(session, Finding.FACE) is face_level


def test_a_droop_found_before_the_camera_failed_stays_raised() -> None:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(Recording, task=Task.BROWS)
    hand.give(PartLost(Part.CAMERA))
    hand.until(Finish)
    assert overall(assess(hand.report())) is Level.RAISED


def test_a_camera_lost_while_idle_shows_a_fault_until_it_is_back() -> None:
    hand = Hand()
    hand.give(PartLost(Part.CAMERA))
    assert hand.lamps()[-1] is Lamp.FAULT
    assert hand.give(PartLost(Part.CAMERA)) == ()
    hand.give(PartBack(Part.CAMERA))
    assert hand.lamps()[-1] is Lamp.READY


def test_a_screen_started_without_a_camera_goes_straight_to_the_phrase() -> None:
    hand = Hand()
    hand.give(PartLost(Part.FACE_MODEL))
    hand.press()
    assert isinstance(hand.state, Prompting)
    assert hand.state.prompt is Prompt.PHRASE
    hand.until(Finish)
    whys = {a.result.why_not for a in hand.report().attempts if a.result.task.is_face}
    assert whys == {WhyNot.MODEL_UNAVAILABLE}


@pytest.mark.parametrize("part", [Part.MICROPHONE, Part.SPEECH_MODEL])
@pytest.mark.parametrize("state", [Prompting, Recording])
def test_without_a_microphone_the_phrase_is_left_out(part: Part, state: type[State]) -> None:
    hand = Hand()
    hand.press()
    hand.look()
    hand.until(state, task=Task.PHRASE)
    effects = hand.give(PartLost(part))
    assert (do.DropRecording() in effects) is (state is Recording)
    assert isinstance(hand.state, Prompting)
    assert hand.state.at.step.task is Task.ARMS
    assert [s.level for s in hand.signals(Finding.SPEECH)] == [Level.UNKNOWN]


def test_a_microphone_that_comes_back_in_time_is_used() -> None:
    hand = Hand()
    hand.press()
    hand.give(PartLost(Part.MICROPHONE))
    hand.give(PartBack(Part.MICROPHONE))
    hand.look()
    hand.until(Finish)
    assert hand.report().attempts_at(Task.PHRASE)[0].result.usable


def test_nobody_in_front_of_the_camera() -> None:
    hand = Hand()
    hand.press()
    hand.look(WhyNot.NO_FACE, seconds=19.0)
    assert hand.said().count(Prompt.AIM_AT_FACE) == 4
    hand.wait()
    assert hand.state.at.step.task is Task.PHRASE  # type: ignore[union-attr]
    hand.until(Finish)
    session = hand.report()
    whys = {a.result.why_not for a in session.attempts if a.result.task.is_face}
    assert whys == {WhyNot.NO_FACE}
    assert level_of(session, Finding.FACE) is Level.UNKNOWN
    assert session.status is ReportStatus.PARTIAL


def test_a_face_that_stays_dark_is_tried_all_the_same() -> None:
    hand = Hand()
    hand.press()
    hand.look(WhyNot.TOO_DARK, seconds=19.9)
    assert Prompt.MORE_LIGHT in hand.said()
    hand.wait()
    assert hand.state.at.step.task is Task.REST  # type: ignore[union-attr]


def test_a_steady_face_starts_the_screen_though_single_frames_are_bad() -> None:
    hand = Hand()
    hand.press()
    for _ in range(20):
        hand.look(None, 0.4)
        hand.look(WhyNot.BLURRED, 0.1)
        if not isinstance(hand.state, Positioning):
            break
    assert isinstance(hand.state, Prompting)
    assert 1.0 <= hand.now - 100.0 <= 2.5


def test_a_long_search_does_not_delay_the_face_that_was_found() -> None:
    hand = Hand()
    hand.press()
    hand.look(WhyNot.FACE_TURNED, seconds=10.0)
    found = hand.now
    while isinstance(hand.state, Positioning):
        hand.look(None, 0.1)
    assert hand.now - found == pytest.approx(STANDARD.steady_s, abs=0.15)


def test_a_face_seen_once_is_not_steady() -> None:
    hand = Hand()
    hand.press()
    hand.now += 15.0
    hand.give(FaceSeen(None))
    assert isinstance(hand.state, Positioning)


def test_a_double_press_repeats_the_task_without_using_up_an_attempt() -> None:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(Recording, task=Task.SMILE)
    effects = hand.press(Press.DOUBLE)
    assert effects[0] == do.DropRecording()
    assert isinstance(hand.state, Prompting)
    assert (hand.state.at.attempt, hand.state.at.left) == (2, 2)
    hand.until(Judging)
    hand.press(Press.DOUBLE)
    hand.until(Finish)
    assert [a.result.attempt for a in hand.report().attempts_at(Task.SMILE)] == [3]


def test_a_prompt_said_twice_is_heard_twice_before_the_window_opens() -> None:
    hand = Hand()
    hand.press()
    hand.look()
    hand.press(Press.DOUBLE)
    hand.give(PromptSpoken(Prompt.REST))
    assert hand.is_in(Prompting)
    hand.give(PromptSpoken(Prompt.REST))
    assert hand.is_in(Recording)


def test_a_corner_that_hangs_at_rest_is_not_withdrawn_by_an_even_smile() -> None:
    def hanging_then_even(task: Task, attempt: int) -> TaskResult:
        if task is Task.REST and attempt == 1:
            return face(Task.REST, -3.0, 3.0, attempt)
        return healthy(task, attempt)

    hand = Hand(hanging_then_even)
    hand.press()
    hand.look()
    hand.until(Judging, task=Task.REST)
    hand.step()
    assert [s.level for s in hand.signals(Finding.FACE)] == [Level.RAISED]
    hand.until(Finish)
    assert level_of(hand.report(), Finding.FACE) is Level.RAISED


def test_the_light_follows_the_report_to_the_clinician() -> None:
    hand = Hand()
    session = hand.whole_screen()
    screen_id = session.opening.screen_id
    hand.give(DeliveryAdvanced(screen_id, DeliveryStage.SENT))
    assert hand.lamps()[-1] is Lamp.NOT_ASSESSABLE
    hand.wait()
    assert isinstance(hand.state, Idle)
    assert hand.lamps()[-1] is Lamp.SENT
    hand.give(DeliveryAdvanced(screen_id, DeliveryStage.STORED))
    assert hand.lamps()[-1] is Lamp.HOSPITAL_HAS_IT
    assert hand.said()[-1] == Prompt.ED_HAS_IT
    assert hand.give(DeliveryAdvanced(screen_id, DeliveryStage.SENT)) == ()
    assert hand.give(DeliveryAdvanced("another", DeliveryStage.SEEN)) == ()


def test_a_short_press_on_the_result_starts_the_next_patient() -> None:
    hand = Hand()
    hand.whole_screen()
    effects = hand.press()
    assert isinstance(hand.state, Positioning)
    assert do.ResetFace() in effects
    assert (
        hand.give(DeliveryAdvanced(hand.reports()[0].opening.screen_id, DeliveryStage.SENT)) == ()
    )


@pytest.mark.parametrize("where", STATES)
def test_a_short_press_in_a_screen_changes_nothing(where: str) -> None:
    hand = Hand()
    hand.press()
    bring_to(hand, where)
    before = hand.state
    assert hand.press() == ()
    assert hand.state == before


def test_the_report_is_journalled_and_saved_before_the_journal_is_removed() -> None:
    hand = Hand()
    hand.whole_screen()
    kinds = [type(e) for e in hand.effects]
    report = kinds.index(do.PublishReport)
    assert kinds[report - 1 : report + 2] == [do.JournalAppend, do.PublishReport, do.JournalClose]
