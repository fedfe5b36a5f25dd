"""What was seen and heard while one recording window was open, and how it is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.speech import judge_phrase
from firmware_service.measure.task_result import JudgedFace, judge_face_task
from firmware_service.screen.thresholds import FACE_GATES, FUNCTION_GATES, SPEECH_GATES
from firmware_service.types import AudioBlock, FaceReading, Task, TaskResult

AUDIO_RATE_HZ = 16_000


@dataclass(slots=True)
class Window:
    """One open window; everything handed in between its start and its end belongs to it."""

    screen_id: str
    task: Task
    attempt: int
    started_at: float
    seconds: float
    readings: list[FaceReading] = field(default_factory=list)
    blocks: list[NDArray[np.float32]] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)

    def see(self, reading: FaceReading) -> None:
        """Keep a reading of a face task."""
        if self.task.is_face and reading.captured_at >= self.started_at:
            self.readings.append(reading)

    def hear(self, block: AudioBlock, probabilities: Sequence[float]) -> None:
        """Keep the sound of the phrase, and how likely each 32 ms of it is speech."""
        if self.task is Task.PHRASE and block.captured_at >= self.started_at:
            self.blocks.append(block.samples)
            self.probabilities.extend(probabilities)

    def judge_face(
        self, now: float, size: tuple[int, int], rest: RestingFace | None, skipped: int
    ) -> JudgedFace:
        """Measure what the face did; `size` is (width, height) of the frames in px."""
        span = (self.started_at, now)
        return judge_face_task(
            self.task,
            self.attempt,
            span,
            self.readings,
            size,
            rest,
            FACE_GATES,
            skipped,
            FUNCTION_GATES,
        )

    def judge_phrase(self, now: float) -> TaskResult:
        """Measure what was said."""
        samples = np.concatenate(self.blocks) if self.blocks else np.zeros(0, np.float32)
        return judge_phrase(
            self.attempt,
            (self.started_at, now),
            self.probabilities,
            samples,
            AUDIO_RATE_HZ,
            SPEECH_GATES,
        )
