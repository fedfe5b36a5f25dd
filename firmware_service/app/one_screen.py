"""One screen of a simulated or recorded patient, from the first press to the hospital's receipt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from firmware_service.app.conductor import Conductor, Listeners
from firmware_service.app.delivery import (
    DELIVERED,
    IN_HOSPITAL,
    NOT_YET_DELIVERED,
    DeliveryLine,
)
from firmware_service.app.desk import OutboxDesk
from firmware_service.app.instruments import Instruments, open_instruments
from firmware_service.app.recovery import report_interrupted
from firmware_service.app.replay import Replay
from firmware_service.capture.clock import ManualClock, SystemClock
from firmware_service.capture.recorded import RecordedCamera, RecordedMicrophone
from firmware_service.panel.light import TerminalLight
from firmware_service.panel.speaker import TextSpeaker
from firmware_service.ports import Camera, Microphone, Press
from firmware_service.screen.events import DeliveryStage
from firmware_service.screen.protocol import Prompt
from firmware_service.settings import Settings
from firmware_service.simulate.camera import SimulatedCamera
from firmware_service.simulate.microphone import SimulatedMicrophone
from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.system.journal_file import JournalFolder
from firmware_service.types import Task

ARM_WATCH_S = 10.0
"""How long the scripted paramedic watches the arms before entering them (Kothari 1999: 10 s)."""
_TASK_OF = {Prompt(task.value): task for task in Task if not task.is_optional}
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Source:
    """Where the patient comes from."""

    camera: Camera
    microphone: Microphone | None
    patient: SimulatedPatient | None


def simulated(name: str) -> Source:
    """A patient of simulate/scenarios.toml.

    Raises:
        SimulationError: there is no such patient.
    """
    patient = SimulatedPatient.load(name)
    return Source(SimulatedCamera(patient), SimulatedMicrophone(patient), patient)


def recorded(video: Path, audio: Path | None) -> Source:
    """A recorded screen; without `audio` its phrase cannot be assessed.

    Raises:
        CaptureError: a file cannot be read.
    """
    microphone = None if audio is None else RecordedMicrophone(audio)
    return Source(RecordedCamera(video), microphone, None)


class OneScreen:
    """Runs one screen at the speed of the processor, or of the wall clock with `realtime`.

    Raises:
        DeviceError: a model, key or file is missing or wrong.
    """

    def __init__(
        self, settings: Settings, source: Source, out: TextIO, *, realtime: bool = False
    ) -> None:
        self._clock = ManualClock(datetime.now(UTC), synced=SystemClock().synced)
        instruments = open_instruments(settings, simulated=source.patient is not None)
        self._fault: Exception | None = None
        self._line = DeliveryLine(settings, SystemClock(), self._delivered, self._failed)
        journals = JournalFolder(settings.state_dir / "journal")
        desk = OutboxDesk(self._line.outbox, SystemClock(), instruments.facts, None)
        report_interrupted(journals, desk)
        self._patient = source.patient
        self._conductor = Conductor(
            clock=self._clock,
            speaker=TextSpeaker(out, self._clock),
            light=TerminalLight(out),
            desk=desk,
            journal=journals,
            listeners=Listeners(self._said, self._arms_wanted, instruments.face.forget),
        )
        self._replay = self._make_replay(instruments, source, realtime=realtime)

    def _make_replay(self, instruments: Instruments, source: Source, *, realtime: bool) -> Replay:
        return Replay(
            conductor=self._conductor,
            stage=instruments.face,
            speech_model=instruments.speech,
            clock=self._clock,
            camera=source.camera,
            microphone=source.microphone,
            realtime=realtime,
        )

    def run(self, wait_s: float, progress: Callable[[float], None] | None = None) -> int:
        """Do the screen, wait up to `wait_s` for the hospital, and return the exit code."""
        self._line.start()
        try:
            self._conductor.press(Press.SHORT)
            self._replay.run(lambda: self._conductor.reported or self._stopped(progress))
            give_up = time.monotonic() + wait_s
            while self._undelivered() and time.monotonic() < give_up:
                self._stopped(None)
                time.sleep(_POLL_S)
                self._clock.advance(_POLL_S)
                self._conductor.tick()
            self._let_the_result_pass()
        finally:
            self._line.close()
        return DELIVERED if self._conductor.delivery in IN_HOSPITAL else NOT_YET_DELIVERED

    def _let_the_result_pass(self) -> None:
        """Move the recording's clock on until the light shows how far the report has come."""
        while not self._conductor.idle:
            self._clock.advance(_POLL_S)
            self._conductor.tick()

    def _undelivered(self) -> bool:
        stored = self._conductor.delivery in IN_HOSPITAL
        return not stored or any(self._line.outbox.depth().values())

    def _stopped(self, progress: Callable[[float], None] | None) -> bool:
        if self._fault is not None:
            raise self._fault
        if progress is not None:
            progress(self._clock.now())
        return False

    def _said(self, prompt: Prompt, until: float) -> None:
        if self._patient is None:
            return
        if (task := _TASK_OF.get(prompt)) is not None:
            self._patient.asked(task, until)

    def _arms_wanted(self) -> None:
        if self._patient is not None:
            self._conductor.enter_arms_at(self._clock.now() + ARM_WATCH_S, self._patient.arms)

    def _delivered(self, screen_id: str, stage: DeliveryStage) -> None:
        self._conductor.post(lambda: self._conductor.delivered(screen_id, stage))

    def _failed(self, error: Exception) -> None:
        self._fault = error
