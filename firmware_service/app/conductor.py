"""The one owner of the session: events go in, the machine advances, its effects are carried out.

Every driver, live or replayed, hands its events to one conductor from one thread.
"""

from __future__ import annotations

import heapq
import itertools
import queue
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never

import structlog
from ulid import ULID

from firmware_service.app.window import Window
from firmware_service.measure.baseline import RestingFace
from firmware_service.ports import Clock, DeviceError, Lamp, Light, Press, Speaker
from firmware_service.screen import effects as do
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
from firmware_service.screen.journal import Record
from firmware_service.screen.machine import advance, power_on
from firmware_service.screen.protocol import STANDARD, Prompt
from firmware_service.screen.protocol import Protocol as ScreenProtocol
from firmware_service.screen.session import Session
from firmware_service.screen.states import (
    Finish,
    Idle,
    Positioning,
    Prompting,
    Recording,
    State,
)
from firmware_service.types import ArmDrift, AudioBlock, FaceReading, RiskSignal, Task, WhyNot

log = structlog.get_logger()


class Desk(Protocol):
    """Takes what the screen has to say to the hospital, and keeps it until the hospital has it."""

    def state(self, screen_id: str, state: str, task: Task | None, attempt: int | None) -> None:
        """Tell where the screen stands."""
        ...

    def signal(self, screen_id: str, signal: RiskSignal) -> None:
        """Send one finding; it is on disk when this returns."""
        ...

    def report(self, session: Session) -> None:
        """Send the report; it is on disk when this returns."""
        ...


class Journal(Protocol):
    """Keeps the open screen on disk, so that a restart can still report it."""

    def append(self, screen_id: str, record: Record) -> None:
        """Put this record on disk before returning."""
        ...

    def close(self, screen_id: str) -> None:
        """Remove the journal of this screen."""
        ...


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who else wants to know: a simulated patient, a panel that asks for the arms, a face model."""

    on_say: Callable[[Prompt, float], None] = lambda _prompt, _at: None
    on_ask_arms: Callable[[], None] = lambda: None
    on_reset_face: Callable[[], None] = lambda: None


class Conductor:
    """Owns the screening machine's state and everything that the open window collects."""

    def __init__(
        self,
        *,
        clock: Clock,
        speaker: Speaker,
        light: Light,
        desk: Desk,
        journal: Journal,
        listeners: Listeners | None = None,
        protocol: ScreenProtocol = STANDARD,
    ) -> None:
        self._clock = clock
        self._speaker = speaker
        self._light = light
        self._desk = desk
        self._journal = journal
        self._listeners = listeners or Listeners()
        self._events: deque[Event] = deque()
        self._due: list[tuple[float, int, Event]] = []
        self._order = itertools.count()
        self._window: Window | None = None
        self._rest: RestingFace | None = None
        self._size = (0, 0)
        self._frames_read = 0
        self._frames_skipped = 0
        self._skipped_before_window = 0
        self._busy = False
        self._unsaved: set[str] = set()
        self._letters: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._state: State
        self._state, effects = power_on(protocol)
        for effect in effects:
            self._carry_out(effect)

    @property
    def state(self) -> State:
        """The machine's state, to look at."""
        return self._state

    @property
    def idle(self) -> bool:
        """Whether no screen is going on and the last result has left the light."""
        return isinstance(self._state, Idle)

    @property
    def reported(self) -> bool:
        """Whether the current screen's report is out."""
        return isinstance(self._state, Finish)

    @property
    def delivery(self) -> DeliveryStage | None:
        """How far the last screen's own report has come; None before it is saved."""
        match self._state:
            case Idle(stage=stage) | Finish(stage=stage):
                return stage
            case _:
                return None

    @property
    def watching(self) -> bool:
        """Whether the face is wanted now; elsewhere the camera's frames may pass unread."""
        match self._state:
            case Positioning():
                return True
            case Prompting(at=at) | Recording(at=at):
                return at.step.task.is_face
            case _:
                return False

    def press(self, press: Press) -> None:
        """The button was pressed."""
        opening = Opening(str(ULID()), str(ULID()), self._clock.utc(), self._clock.synced)
        if isinstance(self._state, Idle):
            self._frames_read = self._frames_skipped = 0
        self._handle(Pressed(press, opening))

    def see(self, reading: FaceReading, size: tuple[int, int]) -> None:
        """One frame was looked at; `size` is its (width, height) in px."""
        self._size = size
        self._frames_read += 1
        if self._window is not None:
            self._window.see(reading)
        self._handle(FaceSeen(_first_reason(reading)))

    def hear(self, block: AudioBlock, probabilities: Sequence[float]) -> None:
        """One block of sound was heard, with the speech probability of each 32 ms."""
        if self._window is not None:
            self._window.hear(block, probabilities)

    def skipped(self, frames: int) -> None:
        """This many frames were passed over because the processor was late."""
        self._frames_skipped += frames

    def enter_arms(self, drift: ArmDrift) -> None:
        """The paramedic has entered what the arms did."""
        self._handle(ArmEntered(drift))

    def enter_arms_at(self, at: float, drift: ArmDrift) -> None:
        """A scripted paramedic will enter this when the clock says so."""
        self._at(at, ArmEntered(drift))

    def lost(self, part: Part) -> None:
        """A part of the device has failed."""
        log.warning("part lost", part=part.value)
        self._handle(PartLost(part))

    def back(self, part: Part) -> None:
        """A part of the device works again."""
        log.info("part back", part=part.value)
        self._handle(PartBack(part))

    def delivered(self, screen_id: str, stage: DeliveryStage) -> None:
        """A report has come further on its way."""
        self._handle(DeliveryAdvanced(screen_id, stage))

    def post(self, letter: Callable[[], None]) -> None:
        """From any thread: have this done by the owner at its next tick."""
        self._letters.put(letter)

    def tick(self) -> None:
        """Time has passed: letters are read and what is due happens."""
        while not self._letters.empty():
            self._letters.get()()
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            self._handle(heapq.heappop(self._due)[2])
        self._handle(Tick())

    def _at(self, at: float, event: Event) -> None:
        heapq.heappush(self._due, (at, next(self._order), event))

    def _handle(self, event: Event) -> None:
        self._events.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._events:
                self._state, effects = advance(
                    self._state, self._events.popleft(), self._clock.now()
                )
                for effect in effects:
                    self._carry_out(effect)
        finally:
            self._busy = False

    def _carry_out(self, effect: do.Effect) -> None:
        match effect:
            case do.Say():
                self._say(effect.prompt)
            case do.ShowLamp():
                self._show(effect.lamp)
            case do.ResetFace():
                self._rest = None
                self._listeners.on_reset_face()
            case do.StartRecording():
                self._open_window(effect)
            case do.DropRecording():
                self._window = None
            case do.Judge():
                self._judge(effect)
            case do.AskArms():
                self._listeners.on_ask_arms()
            case do.PublishState() | do.PublishSignal() | do.PublishReport():
                self._publish(effect)
            case do.JournalAppend() | do.JournalClose():
                self._keep_journal(effect)
            case _:
                assert_never(effect)

    def _publish(self, effect: do.PublishState | do.PublishSignal | do.PublishReport) -> None:
        """Hand over to the desk; if it cannot save, the screen goes on and its journal stays.

        The next start reports what the journal holds; until then the light says FAULT when idle.
        """
        try:
            match effect:
                case do.PublishState():
                    self._desk.state(effect.screen_id, effect.state, effect.task, effect.attempt)
                case do.PublishSignal():
                    self._desk.signal(effect.screen_id, effect.signal)
                case do.PublishReport():
                    self._desk.report(effect.session)
        except DeviceError as error:
            log.error("not saved", what=type(effect).__name__, why=str(error))  # noqa: TRY400
            if isinstance(effect, do.PublishReport):
                self._unsaved.add(effect.session.opening.screen_id)

    def _keep_journal(self, effect: do.JournalAppend | do.JournalClose) -> None:
        try:
            match effect:
                case do.JournalAppend():
                    self._journal.append(effect.screen_id, effect.record)
                case do.JournalClose() if effect.screen_id not in self._unsaved:
                    self._journal.close(effect.screen_id)
        except DeviceError as error:
            log.error("journal failed", why=str(error))  # noqa: TRY400 - its words are the remedy

    def _show(self, lamp: Lamp) -> None:
        """A result is shown as it is, but nothing is "ready" while a report is not on disk."""
        self._light.show(Lamp.FAULT if lamp is Lamp.READY and self._unsaved else lamp)

    def _say(self, prompt: Prompt) -> None:
        now = self._clock.now()
        seconds = self._speaker.say(prompt)
        self._at(now + seconds, PromptSpoken(prompt))
        self._listeners.on_say(prompt, now + seconds)

    def _open_window(self, effect: do.StartRecording) -> None:
        self._skipped_before_window = self._frames_skipped
        self._window = Window(
            effect.screen_id, effect.task, effect.attempt, self._clock.now(), effect.seconds
        )

    def _judge(self, effect: do.Judge) -> None:
        window, self._window = self._window, None
        if window is None or (window.task, window.attempt) != (effect.task, effect.attempt):
            raise RuntimeError(f"no window is open for {effect.task} {effect.attempt}")
        now = self._clock.now()
        if effect.task.is_face:
            skipped = self._frames_skipped - self._skipped_before_window
            judged = window.judge_face(now, self._size, self._rest, skipped)
            result, samples = judged.result, judged.samples
            if judged.rest is not None:
                self._rest = judged.rest
        else:
            result, samples = window.judge_phrase(now), ()
        log.info(
            "task judged",
            task=result.task.value,
            attempt=result.attempt,
            usable=result.usable,
            why=None if result.why_not is None else result.why_not.value,
            frames=result.frames,
        )
        self._events.append(
            WindowJudged(effect.screen_id, result, samples, self._frames_read, self._frames_skipped)
        )


def _first_reason(reading: FaceReading) -> WhyNot | None:
    if reading.landmarks is None or reading.quality is None:
        return WhyNot.NO_FACE
    return next(iter(reading.quality.flags), None)
