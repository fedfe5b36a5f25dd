"""The threads of the live device: camera, face, microphone, speech. The camera never waits.

Each worker reads its source and posts what it found to the conductor's mailbox. A part that is lost
is told to the screen and tried again; any other exception ends the daemon.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from firmware_service.app.conductor import Conductor
from firmware_service.capture.backoff import waits
from firmware_service.capture.ring import FrameRing
from firmware_service.capture.watched import with_reason
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.ports import (
    Camera,
    CameraLost,
    CaptureError,
    Microphone,
    MicrophoneLost,
    SpeechModel,
)
from firmware_service.screen.events import Part
from firmware_service.types import AudioBlock, FaceReading, WhyNot

_JOIN_S = 2.0
_TAKE_S = 0.2


class LiveCamera(Camera, Protocol):
    """A camera that can be opened again after it was lost."""

    def reopen(self) -> None:
        """Open the device again.

        Raises:
            CaptureError: it is not there.
        """
        ...


class Workers:
    """Starts and stops the threads; `on_fault` hears of an exception that must end the daemon."""

    def __init__(self, conductor: Conductor, on_fault: Callable[[Exception], None]) -> None:
        self._conductor = conductor
        self._on_fault = on_fault
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def watch(
        self,
        camera: LiveCamera,
        ring: FrameRing,
        stage: FaceStage,
        why_not: Callable[[], WhyNot | None] = lambda: None,
    ) -> None:
        """Start the camera's and the face's threads; `why_not` is what spoils the picture."""
        self._start("camera", lambda: self._fill(camera, ring))
        self._start("face", lambda: self._look(ring, stage, why_not))

    def listen(self, open_microphone: Callable[[], Microphone], model: SpeechModel) -> None:
        """Start the microphone's and the speech model's threads."""
        blocks: queue.SimpleQueue[AudioBlock | None] = queue.SimpleQueue()
        self._start("microphone", lambda: self._record(open_microphone, blocks))
        self._start("speech", lambda: self._hear(blocks, model))

    def stop(self) -> None:
        """End all threads."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=_JOIN_S)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - handed on to end the daemon
                self._on_fault(error)

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _post_lost(self, part: Part) -> None:
        self._conductor.post(lambda: self._conductor.lost(part))

    def _post_back(self, part: Part) -> None:
        self._conductor.post(lambda: self._conductor.back(part))

    def _fill(self, camera: LiveCamera, ring: FrameRing) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    ring.put(camera.read())
                except CameraLost:
                    self._post_lost(Part.CAMERA)
                    self._reopen(camera)
        finally:
            ring.close()
            camera.close()

    def _reopen(self, camera: LiveCamera) -> None:
        for wait_s in waits():
            if self._stopping.wait(wait_s):
                return
            try:
                camera.reopen()
            except CaptureError:
                continue
            self._post_back(Part.CAMERA)
            return

    def _look(
        self, ring: FrameRing, stage: FaceStage, why_not: Callable[[], WhyNot | None]
    ) -> None:
        skipped_before = 0
        while not self._stopping.is_set():
            frame = ring.take(_TAKE_S)
            so_far = ring.skipped
            skipped, skipped_before = so_far - skipped_before, so_far
            if frame is None or not self._conductor.watching:
                continue
            height, width = frame.image.shape[:2]
            reading = with_reason(stage.look(frame, closely=self._conductor.recording), why_not())
            self._post_reading(reading, (width, height), skipped)

    def _post_reading(self, reading: FaceReading, size: tuple[int, int], skipped: int) -> None:
        def letter() -> None:
            self._conductor.skipped(skipped)
            self._conductor.see(reading, size)

        self._conductor.post(letter)

    def _record(
        self,
        open_microphone: Callable[[], Microphone],
        blocks: queue.SimpleQueue[AudioBlock | None],
    ) -> None:
        lost = False
        pauses = waits()
        try:
            while not self._stopping.is_set():
                try:
                    microphone = open_microphone()
                except CaptureError:
                    lost = self._note_microphone(lost=True, before=lost)
                    self._stopping.wait(next(pauses))
                    continue
                pauses = waits()
                lost = self._note_microphone(lost=False, before=lost)
                try:
                    while not self._stopping.is_set():
                        blocks.put(microphone.read())
                except MicrophoneLost:
                    lost = self._note_microphone(lost=True, before=lost)
                finally:
                    microphone.close()
        finally:
            blocks.put(None)

    def _note_microphone(self, *, lost: bool, before: bool) -> bool:
        if lost != before:
            (self._post_lost if lost else self._post_back)(Part.MICROPHONE)
        return lost

    def _hear(self, blocks: queue.SimpleQueue[AudioBlock | None], model: SpeechModel) -> None:
        while (block := blocks.get()) is not None:
            self._post_block(block, model.hear(block))

    def _post_block(self, block: AudioBlock, probabilities: Sequence[float]) -> None:
        self._conductor.post(lambda: self._conductor.hear(block, probabilities))
