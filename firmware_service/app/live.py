"""The appliance: camera, microphone and button, screen after screen, until it is told to stop."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import TextIO

import structlog

from firmware_service.app.conductor import Conductor, Listeners
from firmware_service.app.delivery import (
    DELIVERED,
    IN_HOSPITAL,
    NOT_YET_DELIVERED,
    DeliveryLine,
)
from firmware_service.app.desk import OutboxDesk
from firmware_service.app.entry import ButtonEntry
from firmware_service.app.instruments import Instruments, open_instruments
from firmware_service.app.panel import Hands, open_panel, remember_language
from firmware_service.app.recovery import report_interrupted
from firmware_service.app.sources import open_camera, open_microphone
from firmware_service.app.workers import Workers
from firmware_service.capture.clock import SystemClock
from firmware_service.capture.ring import FrameRing
from firmware_service.panel.prompts import Announcement
from firmware_service.ports import Press
from firmware_service.screen.events import DeliveryStage
from firmware_service.settings import Settings
from firmware_service.system.journal_file import JournalFolder
from firmware_service.types import ArmDrift

log = structlog.get_logger()

TICK_S = 0.01
RECEIPT_WAIT_S = 60.0


class Appliance:
    """Everything that runs while the device is on.

    Raises:
        DeviceError: the camera, a model or a key is missing or wrong. A missing microphone is not
            an error: the screen goes on without speech, and it is tried again.
    """

    def __init__(self, settings: Settings, keys: TextIO, out: TextIO) -> None:
        self._clock = SystemClock()
        self._stopping = False
        self._fault: Exception | None = None
        instruments = open_instruments(settings, simulated=False)
        self._camera = open_camera(settings.camera, self._clock)
        self._line = DeliveryLine(settings, self._clock, self._delivered, self._failed)
        journals = JournalFolder(settings.state_dir / "journal")
        report_interrupted(
            journals, OutboxDesk(self._line.outbox, self._clock, instruments.facts, None)
        )
        hands = Hands(self._arms_typed, self._button_stuck)
        self._panel = open_panel(
            settings.panel,
            state_dir=settings.state_dir,
            clock=self._clock,
            keys=keys,
            out=out,
            hands=hands,
        )
        self._conductor = Conductor(
            clock=self._clock,
            speaker=self._panel.voice,
            light=self._panel.light,
            desk=OutboxDesk(self._line.outbox, self._clock, instruments.facts, self._clock.now),
            journal=journals,
            listeners=Listeners(on_reset_face=instruments.face.forget),
        )
        self._workers = Workers(self._conductor, self._failed)
        self._start_workers(settings, instruments)
        self._entry = ButtonEntry(
            self._conductor,
            self._panel.voice,
            self._clock,
            lambda language: remember_language(settings.state_dir, language),
        )
        self._panel.button.listen(self._pressed)

    def _start_workers(self, settings: Settings, instruments: Instruments) -> None:
        agreed = self._camera.format
        ring = FrameRing(agreed.height, agreed.width, agreed.rate_hz)
        self._workers.watch(self._camera, ring, instruments.face, lambda: self._camera.why_not)
        self._workers.listen(
            lambda: open_microphone(settings.microphone, self._clock), instruments.speech
        )

    def run(self, *, once: bool) -> int:
        """Screen until `stop`; with `once`, start at once and end when the hospital has it.

        Returns the exit code: 75 when the hospital has not signed for it within 60 s, else 0.
        """
        self._line.start()
        reported_at: float | None = None
        try:
            if once:
                self._conductor.press(Press.SHORT)
            while not self._stopping:
                if self._fault is not None:
                    raise self._fault
                self._conductor.tick()
                self._entry.tick()
                self._camera.hold(wanted=self._conductor.measuring)
                if once and self._conductor.reported and reported_at is None:
                    reported_at = time.monotonic()
                if reported_at is not None and (code := self._outcome(reported_at)) is not None:
                    return code
                time.sleep(TICK_S)
        finally:
            self._panel.close()
            self._workers.stop()
            self._line.close()
        return DELIVERED

    def stop(self) -> None:
        """Ask `run` to return; from any thread or signal handler."""
        self._stopping = True

    def _outcome(self, reported_at: float) -> int | None:
        if self._conductor.delivery in IN_HOSPITAL:
            return DELIVERED
        return NOT_YET_DELIVERED if time.monotonic() - reported_at > RECEIPT_WAIT_S else None

    def _pressed(self, press: Press) -> None:
        self._conductor.post(lambda: self._entry.pressed(press))

    def _arms_typed(self, drift: ArmDrift) -> None:
        self._conductor.post(lambda: self._conductor.enter_arms(drift))

    def _button_stuck(self) -> None:
        def letter() -> None:
            self._panel.voice.say(Announcement.BUTTON_STUCK)

        self._conductor.post(letter)

    def _delivered(self, screen_id: str, stage: DeliveryStage) -> None:
        self._conductor.post(lambda: self._conductor.delivered(screen_id, stage))

    def _failed(self, error: Exception) -> None:
        self._fault = error

    def thread_died(self, death: threading.ExceptHookArgs) -> None:
        """Any thread that dies ends the device: button, light and voice as well as the workers."""
        if isinstance(death.exc_value, Exception):
            self._failed(death.exc_value)


def run(settings: Settings, keys: TextIO, out: TextIO, *, once: bool) -> int:
    """Be the appliance until SIGTERM or SIGINT; 1 when a worker died, so that it is restarted.

    With `once`, 75 when the hospital has not signed for the report.
    """
    appliance = Appliance(settings, keys, out)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: appliance.stop())
    threading.excepthook = appliance.thread_died
    try:
        return appliance.run(once=once)
    except Exception as error:
        log.exception("a worker died")
        print(f"stroke-screen: {type(error).__name__}: {error}; restarting", file=sys.stderr)
        return 1
