"""The values that flow through the device; read this file first.

Times are seconds on the capture clock (monotonic), sides are the patient's, lengths on the face are
millimetres unless a name says px. Everything is frozen; a missing measurement is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from firmware_service.wire.terms import (
    ArmDrift,
    Finding,
    Level,
    PalsyPattern,
    Region,
    ReportStatus,
    Severity,
    Side,
    Task,
    WhyNot,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "ArmDrift",
    "AsymmetrySample",
    "AudioBlock",
    "FaceReading",
    "FeatureMedian",
    "Finding",
    "Frame",
    "FrameQuality",
    "Function",
    "HeadPose",
    "Landmarks",
    "Level",
    "PalsyPattern",
    "PhoneHearing",
    "Quality",
    "Region",
    "RegionResult",
    "ReportStatus",
    "RiskSignal",
    "Severity",
    "Side",
    "SpeechClarity",
    "SpeechFeatures",
    "Task",
    "TaskResult",
    "Trend",
    "WhyNot",
    "WordHeard",
]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One camera picture: `image` is uint8 BGR of shape [h, w, 3], not mirrored."""

    seq: int
    captured_at: float
    image: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """One block of mono sound: `samples` is float32 of shape [n] in −1…1."""

    seq: int
    captured_at: float
    samples: NDArray[np.float32]
    rate_hz: int


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Head rotation in degrees from facing the camera.

    Yaw is positive when the patient turns towards their own left, pitch when they look up, roll
    when they tilt towards their own left shoulder. Roll is the tilt in the picture and is taken out
    first, so that a lying patient's yaw and pitch are those of a sitting one.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """One face: `points` is float32 [478, 3] in pixels of the frame, z in the same scale."""

    frame_seq: int
    captured_at: float
    points: NDArray[np.float32]
    confidence: float
    pose: HeadPose


@dataclass(frozen=True, slots=True)
class FrameQuality:
    """What one picture of the face allows: light, sharpness, noise, size, covered regions.

    `luma` is the mean grey level of the face, 0…255; `sharpness` the variance of the Laplacian over
    the face at a fixed size, divided by the variance of the face itself; `noise` the standard
    deviation of the noise in grey levels; `flags` the gates that failed.
    """

    luma: float
    sharpness: float
    noise: float
    iris_px: float
    covered: frozenset[Region]
    flags: tuple[WhyNot, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FaceReading:
    """What the face stage hands on for one frame; `landmarks` is None when no face was found."""

    frame_seq: int
    captured_at: float
    landmarks: Landmarks | None
    quality: FrameQuality | None


@dataclass(frozen=True, slots=True)
class AsymmetrySample:
    """One region in one frame: mm a side; index > 0 when the patient's left moves less."""

    captured_at: float
    task: Task
    region: Region
    left: float
    right: float
    index: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Trend:
    """How a region's left–right difference developed: level in mm, slope in mm per second."""

    region: Region
    level: float
    slope_per_s: float
    spread: float
    n: int


@dataclass(frozen=True, slots=True)
class Quality:
    """Reasons against a window, most frequent first, and the fraction of frames not used."""

    flags: tuple[WhyNot, ...]
    skipped_fraction: float


@dataclass(frozen=True, slots=True)
class RegionResult:
    """One region in one task: mm per side (height at rest, movement from rest otherwise).

    `difference_mm` is right − left, so > 0 when the patient's left is lower or moves less; `index`
    is that difference over the sum, −1…+1. All are None when not usable; `why_not` says why.
    """

    region: Region
    left_mm: float | None
    right_mm: float | None
    difference_mm: float | None
    index: float | None
    usable: bool
    why_not: WhyNot | None = None

    @classmethod
    def refused(cls, region: Region, why_not: WhyNot) -> Self:
        """A region that was not measured."""
        return cls(region, None, None, None, None, usable=False, why_not=why_not)


@dataclass(frozen=True, slots=True, eq=False)
class PhoneHearing:
    """What the phone model made of a window.

    `logits` is float64 [steps, 40], one row every 20 ms, in the order of `measure.phrase.PHONES`;
    `mels` float32 [frames, 40], natural logarithms every 10 ms, less each band's mean over speech;
    `audible` [40], 0…1, how much of each band is speech and not noise.
    """

    logits: NDArray[np.float64]
    mels: NDArray[np.float32]
    audible: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WordHeard:
    """One word of the phrase: whether it was said (None: not known), its weak phones (ARPAbet)."""

    word: str
    heard: bool | None
    weak_phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpeechClarity:
    """How clearly somebody spoke, on axes that do not mix.

    `clarity` 0…100 and `articulation` 0…1 are two names of one thing; `impairment` 0…1 is the worse
    of articulation and (capped) timing, with its 90 % `interval`. `suspicion` tells mild slurring
    from none and grades nothing: 96 of 100 healthy takes stay below `suspicion_limit` in this much
    noise. `pronunciation_z` and `movement_z` are in standard deviations of healthy people, more is
    worse. `words` is None when no phrase was known.
    """

    clarity: float
    impairment: float
    interval: tuple[float, float]
    articulation: float
    suspicion: float
    suspicion_limit: float
    timing: float
    phones_per_s: float
    pronunciation_z: float
    movement_z: float
    words: tuple[WordHeard, ...] | None


@dataclass(frozen=True, slots=True)
class SpeechFeatures:
    """What was heard in the phrase window; seconds, None where it could not be measured."""

    present: bool | None
    window_s: float
    speaking_s: float | None
    pauses: int | None
    pause_s: float | None
    snr_db: float | None
    clipped_fraction: float
    vad_max: float
    clarity: SpeechClarity | None = None


@dataclass(frozen=True, slots=True)
class FeatureMedian:
    """A feature of the catalogue over a task; None where its region was not seen.

    `name` ends in the unit. `corrected` has perspective and pose taken out, `raw` has not.
    """

    name: str
    corrected: float | None
    raw: float | None


@dataclass(frozen=True, slots=True)
class Function:
    """How a movement was done; None where it could not be told.

    `excursion_ratio` and `speed_ratio` are the lesser side over the better one, `*_speed_mm_s` the
    fastest a side went, `onset_lag_s` > 0 when the left began later (only from 30 frames a second
    on). In eye tasks `*_closure` is the share of the resting opening that closed, `*_gap_mm` what
    stayed open, `*_mouth_mm` how far the mouth corner moved meanwhile; in mouth tasks `*_narrowing`
    is the share by which the lids came together.
    """

    repetitions: int | None = None
    excursion_ratio: float | None = None
    left_speed_mm_s: float | None = None
    right_speed_mm_s: float | None = None
    speed_ratio: float | None = None
    onset_lag_s: float | None = None
    left_closure: float | None = None
    right_closure: float | None = None
    left_gap_mm: float | None = None
    right_gap_mm: float | None = None
    left_narrowing: float | None = None
    right_narrowing: float | None = None
    left_mouth_mm: float | None = None
    right_mouth_mm: float | None = None


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One attempt at one task, judged. `window` is (start, end) on the capture clock."""

    task: Task
    attempt: int
    window: tuple[float, float]
    regions: tuple[RegionResult, ...]
    trends: tuple[Trend, ...]
    speech: SpeechFeatures | None
    quality: Quality
    frames: int
    usable_frames: int
    usable: bool
    why_not: WhyNot | None
    function: Function | None = None
    features: tuple[FeatureMedian, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskSignal:
    """One finding with its level, the reasons in words, and the thresholds it was judged by.

    `score` 0…1 and `interval` (lo, hi) are None when the level is UNKNOWN or a person entered it.
    """

    finding: Finding
    weaker_side: Side | None
    level: Level
    score: float | None
    interval: tuple[float, float] | None
    because: tuple[str, ...]
    thresholds_version: str
