"""The screening machine: what happens next, and what is to be done about it. Pure.

What cannot be measured is recorded as such and passed over, so that ticks alone carry every screen
to its report. An event that means nothing in a state leaves it as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from firmware_service.ports import Lamp, Press
from firmware_service.screen import effects as do
from firmware_service.screen.effects import Effect
from firmware_service.screen.events import (
    ArmEntered,
    DeliveryAdvanced,
    DeliveryStage,
    Event,
    FaceSeen,
    Opening,
    Part,
    PartBack,
    PartLost,
    Pressed,
    PromptSpoken,
    Tick,
    WindowJudged,
)
from firmware_service.screen.protocol import ADVICE, Prompt, Protocol
from firmware_service.screen.session import Attempt, is_finite, thin_tracks
from firmware_service.screen.states import (
    ArmEntry,
    AtStep,
    Finish,
    Idle,
    Judging,
    Positioning,
    Prompting,
    Recording,
    State,
    deadline,
)
from firmware_service.screen.steps import (
    FACE_PARTS,
    LOST,
    Outcome,
    act,
    arms_entered,
    begin,
    finish,
    first_step,
    judged,
    prompt,
    unmeasurable,
    why_impossible,
)
from firmware_service.types import ArmDrift, ReportStatus, Task, WhyNot

STAGE_LAMP: dict[DeliveryStage, Lamp] = {
    DeliveryStage.QUEUED: Lamp.QUEUED,
    DeliveryStage.SENT: Lamp.SENT,
    DeliveryStage.STORED: Lamp.HOSPITAL_HAS_IT,
    DeliveryStage.SEEN: Lamp.SEEN,
}
STAGE_PROMPT: dict[DeliveryStage, Prompt] = {
    DeliveryStage.STORED: Prompt.ED_HAS_IT,
    DeliveryStage.SEEN: Prompt.ED_HAS_SEEN_IT,
}
STAGES = tuple(DeliveryStage)

LONGEST_LOOK_S = 0.25
"""A gap between two pictures counts as at most this long towards a steady face."""


def power_on(protocol: Protocol) -> Outcome:
    """The state to start with."""
    return Idle(protocol), (do.ShowLamp(Lamp.READY),)


def advance(state: State, event: Event, now: float) -> Outcome:  # noqa: PLR0911 one return an event
    """The next state and the effects to carry out in order; `now` is on the capture clock."""
    match event:
        case Pressed():
            return _pressed(state, event.press, event.opening, now)
        case FaceSeen():
            return _face_seen(state, event.why_not, now)
        case PromptSpoken():
            return _spoken(state, event.prompt, now)
        case WindowJudged():
            return _window_judged(state, event, now)
        case ArmEntered():
            return _arm_entered(state, event.drift, now)
        case PartLost():
            return _part_lost(state, event.part, now)
        case PartBack():
            return _part_back(state, event.part)
        case DeliveryAdvanced():
            return _delivered(state, event)
        case Tick():
            return _tick(state, now)
        case _:
            assert_never(event)


def _pressed(state: State, press: Press, opening: Opening, now: float) -> Outcome:
    match press:
        case Press.SHORT:
            if isinstance(state, Finish):
                state, _ = _to_idle(state)
            return begin(state, opening, now) if isinstance(state, Idle) else (state, ())
        case Press.LONG:
            return _cancel(state, now)
        case Press.DOUBLE:
            return _repeat(state, now)
        case _:
            assert_never(press)


def _cancel(state: State, now: float) -> Outcome:
    match state:
        case Idle():
            return state, ()
        case Finish():
            return _to_idle(state)
        case Positioning():
            return finish(state, now, ReportStatus.CANCELLED)
        case Recording():
            ended, effects = finish(state.at, now, ReportStatus.CANCELLED)
            return ended, (do.DropRecording(), *effects)
        case Prompting() | Judging() | ArmEntry():
            return finish(state.at, now, ReportStatus.CANCELLED)
        case _:
            assert_never(state)


def _repeat(state: State, now: float) -> Outcome:
    """Do the current task once more; a repeat asked for by hand uses up no attempt."""
    match state:
        case Idle() | Finish() | Positioning():
            return state, ()
        case Prompting():
            again, effects = prompt(state.at, now)
            return replace(again, to_hear=state.to_hear + 1), effects
        case ArmEntry():
            return prompt(state.at, now)
        case Recording() | Judging():
            again, effects = prompt(_next_attempt(state.at), now)
            dropped = (do.DropRecording(),) if isinstance(state, Recording) else ()
            return again, (*dropped, *effects)
        case _:
            assert_never(state)


def _next_attempt(at: AtStep) -> AtStep:
    return replace(at, attempt=at.attempt + 1)


def _spoken(state: State, said: str, now: float) -> Outcome:
    if not isinstance(state, Prompting) or said != state.prompt:
        return state, ()
    if state.to_hear > 1:
        return replace(state, to_hear=state.to_hear - 1), ()
    return act(state.at, now)


def _face_seen(state: State, why_not: WhyNot | None, now: float) -> Outcome:
    """Count good pictures against bad ones; start when steady, advise when not."""
    if not isinstance(state, Positioning):
        return state, ()
    seconds = max(0.0, min(now - state.looked_at, LONGEST_LOOK_S))
    good_for = max(0.0, state.good_for + (seconds if why_not is None else -seconds))
    face_at = state.face_at if why_not is WhyNot.NO_FACE else now
    state = replace(state, looked_at=now, good_for=good_for, face_at=face_at)
    if why_not is None:
        return first_step(state, now) if good_for >= state.protocol.steady_s else (state, ())
    hint = ADVICE.get(why_not)
    if hint is None or now - state.advised_at < state.protocol.advice_every_s:
        return state, ()
    return replace(state, advised_at=now), (do.Say(hint),)


def _window_judged(state: State, event: WindowJudged, now: float) -> Outcome:
    if not isinstance(state, Judging):
        return state, ()
    at, result = state.at, event.result
    expected = (at.session.opening.screen_id, at.step.task, at.attempt)
    if (event.screen_id, result.task, result.attempt) != expected:
        return state, ()
    if not is_finite(result):
        return unmeasurable(at, now, WhyNot.MODEL_UNAVAILABLE)
    attempt = Attempt(result, thin_tracks(event.samples, result.window[0]))
    return judged(at, attempt, now, event.frames_read, event.frames_skipped)


def _arm_entered(state: State, drift: ArmDrift, now: float) -> Outcome:
    if isinstance(state, ArmEntry) or (
        isinstance(state, Prompting) and state.at.step.task is Task.ARMS
    ):
        return arms_entered(state.at, drift, now)
    return state, ()


def _part_lost(state: State, part: Part, now: float) -> Outcome:  # noqa: PLR0911 one a state
    """Give up the task that needs the part, and the remaining face tasks if it is for the face."""
    if part in faults_of(state):
        return state, ()
    sees = part in FACE_PARTS
    said = do.Say(Prompt.CAMERA_FAULT if sees else Prompt.MICROPHONE_FAULT)
    effects: tuple[Effect, ...] = (said,)
    match state:
        case Idle():
            state = replace(state, faults=state.faults | {part})
            return state, (do.ShowLamp(Lamp.FAULT), said)
        case Finish():
            return replace(state, faults=state.faults | {part}), effects
        case Positioning():
            state = replace(state, faults=state.faults | {part})
            if not sees:
                return state, effects
            following, more = first_step(state, now, LOST[part])
            return following, (*effects, *more)
        case Prompting() | Recording() | Judging() | ArmEntry():
            at = replace(state.at, faults=state.at.faults | {part})
            if sees and at.no_face_tasks is None:
                at = replace(at, no_face_tasks=LOST[part])
            why_not = why_impossible(at)
            if why_not is None or isinstance(state, Judging):
                return replace(state, at=at), effects
            if isinstance(state, Recording):
                effects = (do.DropRecording(), *effects)
            following, more = unmeasurable(at, now, why_not)
            return following, (*effects, *more)
        case _:
            assert_never(state)


def _part_back(state: State, part: Part) -> Outcome:
    """The part can be used from the next step that needs it; face tasks once given up stay so."""
    if part not in faults_of(state):
        return state, ()
    match state:
        case Idle():
            state = replace(state, faults=state.faults - {part})
            return state, (do.ShowLamp(_idle_lamp(state)),)
        case Positioning() | Finish():
            return replace(state, faults=state.faults - {part}), ()
        case Prompting() | Recording() | Judging() | ArmEntry():
            at = replace(state.at, faults=state.at.faults - {part})
            return replace(state, at=at), ()
        case _:
            assert_never(state)


def _delivered(state: State, event: DeliveryAdvanced) -> Outcome:
    """Follow the last report on its way; a stage that was already passed says nothing new."""
    match state:
        case Finish() if state.session.opening.screen_id == event.screen_id:
            pass
        case Idle() if state.last_screen == event.screen_id:
            pass
        case _:
            return state, ()
    if state.stage is not None and STAGES.index(event.stage) <= STAGES.index(state.stage):
        return state, ()
    state = replace(state, stage=event.stage)
    spoken = STAGE_PROMPT.get(event.stage)
    said = () if spoken is None else (do.Say(spoken),)
    if isinstance(state, Finish):
        return state, said
    return state, (do.ShowLamp(_idle_lamp(state)), *said)


def _tick(state: State, now: float) -> Outcome:  # noqa: PLR0911 one return a state
    due = deadline(state)
    if due is None or now < due:
        return state, ()
    match state:
        case Idle():
            return state, ()
        case Positioning():
            return _positioning_over(state, now)
        case Prompting():
            return act(state.at, now)
        case Recording():
            at, until = state.at, now + state.at.protocol.judge_deadline_s
            screen_id = at.session.opening.screen_id
            return Judging(at, until), (do.Judge(screen_id, at.step.task, at.attempt),)
        case Judging():
            return unmeasurable(state.at, now, WhyNot.MODEL_UNAVAILABLE)
        case ArmEntry():
            if now >= state.until:
                return arms_entered(state.at, ArmDrift.NOT_DONE, now)
            return replace(state, asked=True), (do.Say(Prompt.ENTER_ARMS),)
        case Finish():
            return _to_idle(state)
        case _:
            assert_never(state)


def _positioning_over(state: Positioning, now: float) -> Outcome:
    """Go on with a face that is there but not ideal; without one, pass the face tasks over."""
    if state.face_at is not None and now - state.face_at <= state.protocol.face_memory_s:
        return first_step(state, now)
    following, effects = first_step(state, now, WhyNot.NO_FACE)
    return following, (do.Say(Prompt.NO_FACE_GOING_ON), *effects)


def _to_idle(state: Finish) -> tuple[Idle, tuple[Effect, ...]]:
    idle = Idle(state.protocol, state.faults, state.session.opening.screen_id, state.stage)
    return idle, (do.ShowLamp(_idle_lamp(idle)),)


def _idle_lamp(state: Idle) -> Lamp:
    if state.faults:
        return Lamp.FAULT
    return Lamp.READY if state.stage is None else STAGE_LAMP[state.stage]


def faults_of(state: State) -> frozenset[Part]:
    """The parts that do not work now."""
    match state:
        case Idle() | Positioning() | Finish():
            return state.faults
        case Prompting() | Recording() | Judging() | ArmEntry():
            return state.at.faults
        case _:
            assert_never(state)
