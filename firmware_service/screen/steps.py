"""How a screen moves from step to step: begin, prompt, judge, pass over, finish. Pure.

Every function returns the next state and the effects that lead to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from firmware_service.ports import Lamp
from firmware_service.screen import effects as do
from firmware_service.screen.effects import Effect
from firmware_service.screen.events import Opening, Part
from firmware_service.screen.journal import ArmsEntered, Ended, Judged, Opened
from firmware_service.screen.protocol import ADVICE, Prompt
from firmware_service.screen.scoring import (
    assess,
    needs_retake,
    overall,
    was_measured,
    why_not_measured,
)
from firmware_service.screen.session import Attempt, Session, unmeasured
from firmware_service.screen.states import (
    ArmEntry,
    AtStep,
    Finish,
    Idle,
    Positioning,
    Prompting,
    Recording,
    State,
)
from firmware_service.types import (
    ArmDrift,
    Finding,
    Level,
    ReportStatus,
    RiskSignal,
    Task,
    WhyNot,
)

Outcome: TypeAlias = tuple[State, tuple[Effect, ...]]

FACE_PARTS = frozenset({Part.CAMERA, Part.FACE_MODEL})
SPEECH_PARTS = frozenset({Part.MICROPHONE, Part.SPEECH_MODEL})

LOST: dict[Part, WhyNot] = {
    Part.CAMERA: WhyNot.CAMERA_LOST,
    Part.MICROPHONE: WhyNot.MICROPHONE_LOST,
    Part.FACE_MODEL: WhyNot.MODEL_UNAVAILABLE,
    Part.SPEECH_MODEL: WhyNot.MODEL_UNAVAILABLE,
}

RESULT_LAMP: dict[Level, Lamp] = {
    Level.RAISED: Lamp.RAISED,
    Level.NOT_RAISED: Lamp.NOT_RAISED,
    Level.UNKNOWN: Lamp.NOT_ASSESSABLE,
}


def begin(idle: Idle, opening: Opening, now: float) -> Outcome:
    """Open a screen: look for the face, or go straight on when it cannot be seen at all."""
    session = Session(opening, idle.protocol.name, now)
    opened = Opened(opening, session.protocol, now)
    effects: tuple[Effect, ...] = (
        do.JournalAppend(opening.screen_id, opened),
        do.ResetFace(),
        do.ShowLamp(Lamp.AIMING),
        do.PublishState(opening.screen_id, "positioning"),
    )
    blind = lost_part(idle.faults, FACE_PARTS)
    positioning = Positioning(
        protocol=idle.protocol,
        faults=idle.faults,
        session=session,
        until=now + idle.protocol.positioning_s,
        looked_at=now,
        advised_at=now,
    )
    if blind is not None:
        state, more = first_step(positioning, now, blind)
        return state, (*effects, do.Say(Prompt.CAMERA_FAULT), *more)
    return positioning, (*effects, do.Say(Prompt.POSITION))


def first_step(state: Positioning, now: float, no_face_tasks: WhyNot | None = None) -> Outcome:
    """Leave positioning; `no_face_tasks` says why the face tasks are passed over, if they are."""
    at = AtStep(
        protocol=state.protocol,
        faults=state.faults,
        session=state.session,
        index=0,
        attempt=1,
        left=state.protocol.steps[0].attempts,
        no_face_tasks=no_face_tasks,
    )
    return enter(at, now)


def enter(at: AtStep, now: float) -> Outcome:
    """Prompt for the step that `at` stands on, passing over all that cannot be measured."""
    effects: list[Effect] = []
    while at.index < len(at.protocol.steps):
        why_not = why_impossible(at)
        if why_not is None:
            prompting, said = prompt(at, now)
            return prompting, (*effects, *said)
        at, more = record_unmeasured(at, now, why_not)
        effects += more
        at, more = leave_step(at)
        effects += more
    state, more = finish(at, now, _how_it_ended(at))
    return state, (*effects, *more)


def prompt(
    at: AtStep, now: float, hint: Prompt | None = None
) -> tuple[Prompting, tuple[Effect, ...]]:
    """Tell the patient what to do, after a hint what to do better if this is a retake."""
    state = Prompting(at, at.step.prompt, now + at.protocol.prompt_deadline_s)
    said = (at.step.prompt,) if hint is None else (hint, at.step.prompt)
    return state, (
        do.ShowLamp(Lamp.AIMING if hint is None else Lamp.RETAKE),
        _publish(at, "prompting"),
        *(do.Say(p) for p in said),
    )


def act(at: AtStep, now: float) -> Outcome:
    """After the prompt: open the window, or watch the arms."""
    step, screen_id = at.step, at.session.opening.screen_id
    if step.task is Task.ARMS:
        protocol = at.protocol
        return ArmEntry(
            at, now + protocol.arm_hold_s, asked=False, until=now + protocol.arm_deadline_s
        ), (do.ShowLamp(Lamp.RECORDING), _publish(at, "arm entry"), do.AskArms())
    return Recording(at, now + step.record_s), (
        do.StartRecording(screen_id, step.task, at.attempt, step.record_s),
        do.ShowLamp(Lamp.RECORDING),
        _publish(at, "recording"),
    )


def judged(
    at: AtStep, attempt: Attempt, now: float, frames_read: int, frames_skipped: int
) -> Outcome:
    """Keep the attempt; try again if it was not usable and may be repeated, else go on."""
    at, effects = _keep(at, attempt, now, frames_read, frames_skipped)
    state: State
    if needs_retake(attempt.result) and at.left > 1 and why_impossible(at) is None:
        why_not = why_not_measured(attempt.result)
        hint = ADVICE.get(why_not, Prompt.RETAKE) if why_not else Prompt.RETAKE
        again = replace(at, attempt=at.attempt + 1, left=at.left - 1)
        state, more = prompt(again, now, hint)
    else:
        state, more = go_on(at, now)
    return state, (*effects, *more)


def unmeasurable(at: AtStep, now: float, why_not: WhyNot) -> Outcome:
    """Give the attempt that is under way up for this reason, and go on."""
    at, effects = record_unmeasured(at, now, why_not)
    state, more = go_on(at, now)
    return state, (*effects, *more)


def arms_entered(at: AtStep, drift: ArmDrift, now: float) -> Outcome:
    """Keep what the arms did, and go on."""
    at = replace(at, session=replace(at.session, arms=drift))
    entry = do.JournalAppend(at.session.opening.screen_id, ArmsEntered(now, drift))
    state, more = go_on(at, now)
    return state, (entry, *more)


def go_on(at: AtStep, now: float) -> Outcome:
    """Leave this step and enter the next one that can be done."""
    at, effects = leave_step(at)
    state, more = enter(at, now)
    return state, (*effects, *more)


def leave_step(at: AtStep) -> tuple[AtStep, tuple[Effect, ...]]:
    """Publish the signals that are due after this step, and stand on the next one."""
    due = tuple(s for s in assess(at.session) if _is_due(s, at))
    session = replace(at.session, signals=(*at.session.signals, *due))
    following = at.index + 1
    steps = at.protocol.steps
    left = steps[following].attempts if following < len(steps) else 0
    screen_id = session.opening.screen_id
    return (
        replace(at, session=session, index=following, attempt=1, left=left),
        tuple(do.PublishSignal(screen_id, signal) for signal in due),
    )


def finish(at: AtStep | Positioning, now: float, status: ReportStatus) -> Outcome:
    """End the screen: its report goes out, the light shows the result for a while."""
    session = replace(at.session, ended=now, status=status)
    screen_id = session.opening.screen_id
    cancelled = status is ReportStatus.CANCELLED
    return Finish(at.protocol, at.faults, session, now + at.protocol.result_s), (
        do.JournalAppend(screen_id, Ended(now, status)),
        do.PublishReport(session),
        do.JournalClose(screen_id),
        do.PublishState(screen_id, str(status)),
        do.ShowLamp(RESULT_LAMP[overall(assess(session))]),
        do.Say(Prompt.CANCELLED if cancelled else Prompt.FINISHED),
    )


def why_impossible(at: AtStep) -> WhyNot | None:
    """Why the step that `at` stands on cannot be done now; None when it can."""
    if at.step.task.is_face:
        return at.no_face_tasks or lost_part(at.faults, FACE_PARTS)
    if at.step.task is Task.PHRASE:
        return lost_part(at.faults, SPEECH_PARTS)
    return None


def lost_part(faults: frozenset[Part], needed: frozenset[Part]) -> WhyNot | None:
    """The reason that a needed part's failure gives, the camera's or microphone's first."""
    return next((LOST[part] for part in Part if part in faults & needed), None)


def record_unmeasured(at: AtStep, now: float, why_not: WhyNot) -> tuple[AtStep, tuple[Effect, ...]]:
    """Keep an attempt of which nothing could be measured."""
    nothing = Attempt(unmeasured(at.step.task, at.attempt, now, why_not), ())
    session = at.session
    return _keep(at, nothing, now, session.frames_read, session.frames_skipped)


def _keep(
    at: AtStep, attempt: Attempt, now: float, frames_read: int, frames_skipped: int
) -> tuple[AtStep, tuple[Effect, ...]]:
    session = at.session.with_attempt(attempt, frames_read, frames_skipped)
    record = Judged(now, attempt, frames_read, frames_skipped)
    entry = do.JournalAppend(session.opening.screen_id, record)
    return replace(at, session=session), (entry,)


def _is_due(signal: RiskSignal, at: AtStep) -> bool:
    """Raised at once, else after the finding's last task; never twice the same."""
    known = [s for s in at.session.signals if s.finding is signal.finding]
    if known and (known[-1].level, known[-1].weaker_side) == (signal.level, signal.weaker_side):
        return False
    left_to_do = {_finding(step.task) for step in at.protocol.steps[at.index + 1 :]}
    return signal.level is Level.RAISED or (
        signal.finding not in left_to_do
        and signal.finding in {_finding(step.task) for step in at.protocol.steps}
    )


def _finding(task: Task) -> Finding:
    if task.is_face:
        return Finding.FACE
    return Finding.SPEECH if task is Task.PHRASE else Finding.ARM


def _how_it_ended(at: AtStep) -> ReportStatus:
    measured = all(was_measured(at.session, step.task) for step in at.protocol.steps)
    return ReportStatus.COMPLETE if measured else ReportStatus.PARTIAL


def _publish(at: AtStep, state: str) -> do.PublishState:
    return do.PublishState(at.session.opening.screen_id, state, at.step.task, at.attempt)
