"""What the open window collects and how it is judged: the measuring half of the conductor."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from firmware_service.app.window import Window
from firmware_service.measure.baseline import RestingFace
from firmware_service.screen import effects as do
from firmware_service.screen.events import WindowJudged
from firmware_service.types import AsymmetrySample, AudioBlock, FaceReading, TaskResult

log = structlog.get_logger()


class Examination:
    """Keeps the window, the patient's resting face, and how many frames were read and skipped."""

    def __init__(self) -> None:
        self._window: Window | None = None
        self._rest: RestingFace | None = None
        self._size = (0, 0)
        self._frames_read = 0
        self._frames_skipped = 0
        self._skipped_before_window = 0

    def begin_screen(self) -> None:
        """Count frames anew."""
        self._frames_read = self._frames_skipped = 0

    def forget_face(self) -> None:
        """Another patient may be in front: their rest is not this one's."""
        self._rest = None

    def see(self, reading: FaceReading, size: tuple[int, int]) -> None:
        """One frame was looked at; `size` is its (width, height) in px."""
        self._size = size
        self._frames_read += 1
        if self._window is not None:
            self._window.see(reading)

    def hear(self, block: AudioBlock, probabilities: Sequence[float]) -> None:
        """One block of sound was heard."""
        if self._window is not None:
            self._window.hear(block, probabilities)

    def skipped(self, frames: int) -> None:
        """This many frames were passed over."""
        self._frames_skipped += frames

    def open_window(self, effect: do.StartRecording, now: float) -> None:
        """From now on, what is seen and heard belongs to this attempt."""
        self._skipped_before_window = self._frames_skipped
        self._window = Window(effect.screen_id, effect.task, effect.attempt, now, effect.seconds)

    def drop_window(self) -> None:
        """What the window holds is not to be judged."""
        self._window = None

    def judge(self, effect: do.Judge, now: float) -> WindowJudged:
        """Close the window and measure it.

        Raises:
            RuntimeError: no window is open for this attempt; the machine and we disagree.
        """
        window, self._window = self._window, None
        if window is None or (window.task, window.attempt) != (effect.task, effect.attempt):
            raise RuntimeError(f"no window is open for {effect.task} {effect.attempt}")
        result, samples = self._measure(window, now)
        log.info(
            "task judged",
            task=result.task.value,
            attempt=result.attempt,
            usable=result.usable,
            why=None if result.why_not is None else result.why_not.value,
            frames=result.frames,
        )
        return WindowJudged(
            effect.screen_id, result, samples, self._frames_read, self._frames_skipped
        )

    def _measure(
        self, window: Window, now: float
    ) -> tuple[TaskResult, tuple[AsymmetrySample, ...]]:
        if not window.task.is_face:
            return window.judge_phrase(now), ()
        skipped = self._frames_skipped - self._skipped_before_window
        judged = window.judge_face(now, self._size, self._rest, skipped)
        if judged.rest is not None:
            self._rest = judged.rest
        return judged.result, judged.samples
