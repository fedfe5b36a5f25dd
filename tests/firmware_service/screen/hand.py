"""Drives the machine by hand: a scripted patient answers, every effect is kept and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from firmware_service.ports import Lamp, Press
from firmware_service.screen import effects as do
from firmware_service.screen.effects import Effect
from firmware_service.screen.events import (
    Event,
    FaceSeen,
    Opening,
    Pressed,
    PromptSpoken,
    Tick,
    WindowJudged,
)
from firmware_service.screen.journal import encode
from firmware_service.screen.machine import advance, power_on
from firmware_service.screen.protocol import STANDARD, Protocol
from firmware_service.screen.session import Session
from firmware_service.screen.states import Finish, Idle, Judging, Prompting, State, deadline
from firmware_service.types import (
    AsymmetrySample,
    Finding,
    Quality,
    Region,
    RegionResult,
    RiskSignal,
    SpeechFeatures,
    Task,
    TaskResult,
    WhyNot,
)

BEGAN = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
REGION = {
    Task.REST: Region.MOUTH,
    Task.SMILE: Region.MOUTH,
    Task.BROWS: Region.BROW,
    Task.EYES: Region.EYE,
}
Answer = Callable[[Task, int], TaskResult]


def opening(number: int = 1) -> Opening:
    return Opening(f"01J{number:023d}", f"01R{number:023d}", BEGAN, clock_synced=True)


def region(where: Region, left: float, right: float) -> RegionResult:
    total = abs(left) + abs(right)
    return RegionResult(
        where, left, right, right - left, (right - left) / total if total else 0.0, usable=True
    )


def face(
    task: Task, left: float, right: float, attempt: int = 1, window: tuple[float, float] = (0, 4)
) -> TaskResult:
    return TaskResult(
        task=task,
        attempt=attempt,
        window=window,
        regions=(region(REGION[task], left, right),),
        trends=(),
        speech=None,
        quality=Quality((), 0.0),
        frames=100,
        usable_frames=100,
        usable=True,
        why_not=None,
    )


def refused(task: Task, why_not: WhyNot, attempt: int = 1) -> TaskResult:
    regions = (RegionResult.refused(REGION[task], why_not),) if task.is_face else ()
    return TaskResult(
        task, attempt, (0, 4), regions, (), None, Quality((why_not,), 1.0), 100, 0, False, why_not
    )


def phrase(attempt: int = 1, *, present: bool | None = True) -> TaskResult:
    speech = SpeechFeatures(
        present=present,
        window_s=5.0,
        speaking_s=2.1 if present else None,
        pauses=1 if present else None,
        pause_s=0.3 if present else None,
        snr_db=18.0 if present else None,
        clipped_fraction=0.0,
        vad_max=0.98 if present else 0.1,
    )
    why_not = {True: None, False: WhyNot.NO_SPEECH, None: WhyNot.TOO_NOISY}[present]
    return TaskResult(
        task=Task.PHRASE,
        attempt=attempt,
        window=(0, 5),
        regions=(),
        trends=(),
        speech=speech,
        quality=Quality(() if why_not is None else (why_not,), 0.0),
        frames=0,
        usable_frames=0,
        usable=present is not None,
        why_not=why_not,
    )


def healthy(task: Task, attempt: int) -> TaskResult:
    if task is Task.PHRASE:
        return phrase(attempt)
    levels = {Task.REST: (2.0, 2.2), Task.SMILE: (8.8, 9.1), Task.BROWS: (8, 8), Task.EYES: (9, 9)}
    return face(task, *levels[task], attempt)


def left_droop(task: Task, attempt: int) -> TaskResult:
    if task is Task.PHRASE:
        return phrase(attempt)
    levels = {Task.REST: (0.0, 2.2), Task.SMILE: (3.1, 9.0), Task.BROWS: (8, 8), Task.EYES: (9, 9)}
    return face(task, *levels[task], attempt)


class Hand:
    """A paramedic, a patient and a device: holds the machine's state and everything it asked for.

    Checks at every step that a waiting state has a deadline and that effects belong to the screen.
    """

    def __init__(self, answer: Answer = healthy, protocol: Protocol = STANDARD) -> None:
        self.answer = answer
        self.now = 100.0
        self.state, effects = power_on(protocol)
        self.effects: list[Effect] = list(effects)
        self.disk = b""
        self.screens = 0

    def give(self, event: Event) -> tuple[Effect, ...]:
        before = self.state
        self.state, effects = advance(before, event, self.now)
        assert (deadline(self.state) is None) == isinstance(self.state, Idle)
        for effect in effects:
            if isinstance(effect, do.JournalAppend):
                self.disk += encode(effect.record)
            if isinstance(effect, do.JournalClose):
                self.disk = b""
        self.effects += effects
        return effects

    def press(self, press: Press = Press.SHORT) -> tuple[Effect, ...]:
        self.screens += 1
        return self.give(Pressed(press, opening(self.screens)))

    def look(self, why_not: WhyNot | None = None, seconds: float = 1.5) -> None:
        """Show the face to the camera at 10 frames a second."""
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.give(FaceSeen(why_not))

    def wait(self) -> None:
        """Let the time run to the state's deadline."""
        due = deadline(self.state)
        assert due is not None
        self.now = max(self.now, due)
        self.give(Tick())

    def step(self) -> None:
        """Do what comes next without any fault: hear the prompt, sit through the window, judge."""
        match self.state:
            case Prompting(prompt=prompt):
                self.now += 2.0
                self.give(PromptSpoken(prompt))
            case Judging(at=at):
                result = self.answer(at.step.task, at.attempt)
                result = replace(result, window=(self.now - at.step.record_s, self.now))
                self.judge(result)
            case _:
                self.wait()

    def judge(self, result: TaskResult) -> None:
        assert isinstance(self.state, Judging)
        screen_id = self.state.at.session.opening.screen_id
        self.give(WindowJudged(screen_id, result, samples(result), 500, 3))

    def until(self, *kinds: type[State], task: Task | None = None) -> None:
        """Step on until the machine is in one of these states, at this task if one is given."""
        for _ in range(200):
            at = getattr(self.state, "at", None)
            if isinstance(self.state, kinds) and (
                task is None or (at is not None and at.step.task is task)
            ):
                return
            self.step()
        raise AssertionError(f"never came to {kinds} {task}: {self.state}")

    def whole_screen(self) -> Session:
        """From the press to the report, with a face that is fit at once."""
        self.press()
        self.look()
        self.until(Finish)
        return self.report()

    def is_in(self, kind: type[State]) -> bool:
        return isinstance(self.state, kind)

    def said(self) -> list[str]:
        return [e.prompt for e in self.effects if isinstance(e, do.Say)]

    def lamps(self) -> list[Lamp]:
        return [e.lamp for e in self.effects if isinstance(e, do.ShowLamp)]

    def signals(self, finding: Finding) -> list[RiskSignal]:
        found = [e.signal for e in self.effects if isinstance(e, do.PublishSignal)]
        return [s for s in found if s.finding is finding]

    def reports(self) -> list[Session]:
        return [e.session for e in self.effects if isinstance(e, do.PublishReport)]

    def report(self) -> Session:
        (session,) = self.reports()
        return session


def samples(result: TaskResult) -> tuple[AsymmetrySample, ...]:
    """A hundred frames of the result's regions, evenly over its window."""
    start, end = result.window
    return tuple(
        AsymmetrySample(
            captured_at=start + (end - start) * i / 100,
            task=result.task,
            region=r.region,
            left=(r.left_mm or 0.0) * i / 100,
            right=(r.right_mm or 0.0) * i / 100,
            index=0.0,
            confidence=0.9,
        )
        for r in result.regions
        if r.usable
        for i in range(100)
    )
