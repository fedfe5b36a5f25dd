"""What one screen has collected so far; only the machine makes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from itertools import pairwise
from math import isfinite
from statistics import median
from typing import Self

from firmware_service.screen.events import Opening
from firmware_service.types import (
    ArmDrift,
    AsymmetrySample,
    Quality,
    Region,
    ReportStatus,
    RiskSignal,
    Task,
    TaskResult,
    WhyNot,
)

MAX_TRACK_POINTS = 60


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """Seconds since the window began, and mm on the patient's left and right."""

    t_s: float
    left_mm: float
    right_mm: float


@dataclass(frozen=True, slots=True)
class Track:
    """A region's movement through one window, thinned for plotting."""

    region: Region
    points: tuple[TrackPoint, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One judged attempt at a task, with its tracks."""

    result: TaskResult
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """One screen: `started` and `ended` are on the capture clock; `arms` is NOT_DONE until entered.

    `signals` are those already published; `status` is None while the screen goes on.
    """

    opening: Opening
    protocol: str
    started: float
    attempts: tuple[Attempt, ...] = ()
    arms: ArmDrift = ArmDrift.NOT_DONE
    signals: tuple[RiskSignal, ...] = ()
    frames_read: int = 0
    frames_skipped: int = 0
    ended: float | None = None
    status: ReportStatus | None = None

    def with_attempt(self, attempt: Attempt, frames_read: int, frames_skipped: int) -> Self:
        """The session with one more judged attempt and the frame counts up to now."""
        return replace(
            self,
            attempts=(*self.attempts, attempt),
            frames_read=frames_read,
            frames_skipped=frames_skipped,
        )

    def attempts_at(self, task: Task) -> tuple[Attempt, ...]:
        """All judged attempts at a task, in order."""
        return tuple(a for a in self.attempts if a.result.task is task)


def unmeasured(task: Task, attempt: int, now: float, why_not: WhyNot) -> TaskResult:
    """The result of a task of which nothing could be measured."""
    return TaskResult(
        task=task,
        attempt=attempt,
        window=(now, now),
        regions=(),
        trends=(),
        speech=None,
        quality=Quality((why_not,), 1.0),
        frames=0,
        usable_frames=0,
        usable=False,
        why_not=why_not,
    )


def is_finite(result: TaskResult) -> bool:
    """Whether every number of a result is one that arithmetic, disk and wire can carry."""
    numbers: list[float | None] = [*result.window, result.quality.skipped_fraction]
    for r in result.regions:
        numbers += [r.left_mm, r.right_mm, r.difference_mm, r.index]
    for t in result.trends:
        numbers += [t.level, t.slope_per_s, t.spread]
    for feature in result.features:
        numbers += [feature.corrected, feature.raw]
    if result.function is not None:
        numbers += astuple(result.function)
    if (s := result.speech) is not None:
        numbers += [s.window_s, s.speaking_s, s.pause_s, s.snr_db, s.clipped_fraction, s.vad_max]
    return all(n is None or isfinite(n) for n in numbers)


def thin_tracks(samples: Sequence[AsymmetrySample], window_start: float) -> tuple[Track, ...]:
    """One track per region, at most 60 points, each the median of its stretch of samples."""
    by_region: dict[Region, list[AsymmetrySample]] = {}
    for sample in samples:
        if not (isfinite(sample.left) and isfinite(sample.right)):
            continue
        by_region.setdefault(sample.region, []).append(sample)
    return tuple(
        Track(region, tuple(_medians(found, window_start)))
        for region, found in sorted(by_region.items())
    )


def _medians(samples: Sequence[AsymmetrySample], start: float) -> list[TrackPoint]:
    count = min(len(samples), MAX_TRACK_POINTS)
    edges = [i * len(samples) // count for i in range(count + 1)]
    return [
        TrackPoint(
            t_s=median(s.captured_at for s in samples[lo:hi]) - start,
            left_mm=median(s.left for s in samples[lo:hi]),
            right_mm=median(s.right for s in samples[lo:hi]),
        )
        for lo, hi in pairwise(edges)
    ]
