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
from typing import assert_never

import structlog
from ulid import ULID

from firmware_service.app.clerk import Clerk, Desk, Journal
from firmware_service.app.examination import Examination
from firmware_service.ports import Clock, Lamp, Light, Press, Speaker
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
)
from firmware_service.screen.machine import advance, power_on
from firmware_service.screen.protocol import STANDARD, Prompt
from firmware_service.screen.protocol import Protocol as ScreenProtocol
from firmware_service.screen.states import (
    Finish,
    Idle,
    Judging,
    Positioning,
    Prompting,
    Recording,
    State,
)
from firmware_service.types import ArmDrift, AudioBlock, FaceReading, WhyNot

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who else wants to know: a simulated patient, a panel that asks for the arms, a face model."""

    on_say: Callable[[Prompt, float], None] = lambda _prompt, _at: None
    on_ask_arms: Callable[[], None] = lambda: None
    on_reset_face: Callable[[], None] = lambda: None


class Conductor:
    """Owns the screening machine's state; an examination measures, a clerk writes."""

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
        self._clerk = Clerk(desk, journal)
        self._examination = Examination()
        self._listeners = listeners or Listeners()
        self._events: deque[Event] = deque()
        self._due: list[tuple[float, int, Event]] = []
        self._order = itertools.count()
        self._busy = False
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

    @property
    def recording(self) -> bool:
        """Whether a window is open, so that what is seen now will be measured."""
        return isinstance(self._state, Recording)

    @property
    def measuring(self) -> bool:
        """Whether tasks are being done, between which the camera's settings must not change."""
        return isinstance(self._state, (Prompting, Recording, Judging))

    def press(self, press: Press) -> None:
        """The button was pressed."""
        opening = Opening(str(ULID()), str(ULID()), self._clock.utc(), self._clock.synced)
        if isinstance(self._state, Idle | Finish):
            self._examination.begin_screen()
            self._due.clear()  # the end of an earlier screen's prompt says nothing about this one
        self._handle(Pressed(press, opening))

    def see(self, reading: FaceReading, size: tuple[int, int]) -> None:
        """One frame was looked at; `size` is its (width, height) in px."""
        self._examination.see(reading, size)
        self._handle(FaceSeen(_first_reason(reading)))

    def hear(self, block: AudioBlock, probabilities: Sequence[float]) -> None:
        """One block of sound was heard, with the speech probability of each 32 ms."""
        self._examination.hear(block, probabilities)

    def skipped(self, frames: int) -> None:
        """This many frames were passed over because the processor was late."""
        self._examination.skipped(frames)

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
        if self._clerk.retry(now) and not self._clerk.owes and self.idle:
            self._light.show(Lamp.QUEUED)

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
                self._examination.forget_face()
                self._listeners.on_reset_face()
            case do.StartRecording():
                self._examination.open_window(effect, self._clock.now())
            case do.DropRecording():
                self._examination.drop_window()
            case do.Judge():
                self._events.append(self._examination.judge(effect, self._clock.now()))
            case do.AskArms():
                self._listeners.on_ask_arms()
            case do.PublishState() | do.PublishSignal() | do.PublishReport():
                self._clerk.publish(effect, self._clock.now())
            case do.JournalAppend() | do.JournalClose():
                self._clerk.keep(effect)
            case _:
                assert_never(effect)

    def _show(self, lamp: Lamp) -> None:
        """A result is shown as it is, but nothing is "ready" while a report is not on disk."""
        self._light.show(Lamp.FAULT if lamp is Lamp.READY and self._clerk.owes else lamp)

    def _say(self, prompt: Prompt) -> None:
        now = self._clock.now()
        seconds = self._speaker.say(prompt)
        self._at(now + seconds, PromptSpoken(prompt))
        self._listeners.on_say(prompt, now + seconds)


def _first_reason(reading: FaceReading) -> WhyNot | None:
    if reading.landmarks is None or reading.quality is None:
        return WhyNot.NO_FACE
    return next(iter(reading.quality.flags), None)
