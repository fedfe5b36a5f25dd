"""Recorded and simulated sources: every frame in order, the clock set to the frame's own time.

So a 50 s screen replays as fast as the processor allows, and the same input gives the same report.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from firmware_service.app.conductor import Conductor
from firmware_service.capture.clock import ManualClock
from firmware_service.capture.watched import PictureWatch, with_reason
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.ports import (
    Camera,
    CameraLost,
    EndOfRecording,
    Microphone,
    MicrophoneLost,
    SpeechModel,
)
from firmware_service.screen.events import Part
from firmware_service.types import AudioBlock

IDLE_STEP_S = 0.04
"""How far the clock moves at a time once the pictures have ended."""


class Replay:
    """Feeds one conductor from a camera and a microphone that both run on `clock`.

    With `realtime` it waits for the wall clock, so that people can watch.
    """

    def __init__(
        self,
        *,
        conductor: Conductor,
        stage: FaceStage,
        speech_model: SpeechModel,
        clock: ManualClock,
        camera: Camera,
        microphone: Microphone | None,
        realtime: bool = False,
    ) -> None:
        self._conductor = conductor
        self._stage = stage
        self._speech_model = speech_model
        self._clock = clock
        self._camera: Camera | None = camera
        self._microphone = microphone
        self._watch = PictureWatch()
        self._waiting: AudioBlock | None = None
        self._realtime = realtime
        self._began = time.monotonic() - clock.now()
        if microphone is None:
            conductor.lost(Part.MICROPHONE)

    def run(self, done: Callable[[], bool]) -> None:
        """Feed everything in order of time until `done`, asked after every frame."""
        while not done():
            self._frame()
            self._sound()
            self._conductor.tick()
            if self._realtime:
                time.sleep(max(0.0, self._began + self._clock.now() - time.monotonic()))

    def _frame(self) -> None:
        if self._camera is None:
            self._clock.advance(IDLE_STEP_S)
            return
        try:
            frame = self._camera.read()
        except (EndOfRecording, CameraLost):
            self._camera = None
            self._conductor.lost(Part.CAMERA)
            return
        self._clock.set(max(frame.captured_at, self._clock.now()))
        why_not = self._watch.look(frame)
        if self._conductor.watching:
            height, width = frame.image.shape[:2]
            reading = with_reason(
                self._stage.look(frame, closely=self._conductor.recording), why_not
            )
            self._conductor.see(reading, (width, height))

    def _sound(self) -> None:
        while self._microphone is not None:
            if self._waiting is None:
                try:
                    self._waiting = self._microphone.read()
                except (EndOfRecording, MicrophoneLost):
                    self._microphone = None
                    self._conductor.lost(Part.MICROPHONE)
                    return
            block = self._waiting
            if block.captured_at + len(block.samples) / block.rate_hz > self._clock.now():
                return
            self._waiting = None
            self._conductor.hear(block, self._speech_model.hear(block))
