"""A window of frames in mm: what could be seen in it, and why the rest could not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from firmware_service.measure.asymmetry import MovementGates
from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.catalogue import (
    CATALOGUE_COLUMNS,
    Catalogue,
    catalogue,
    median_catalogue,
    only_seen,
)
from firmware_service.measure.features import FaceFeatures, face_features
from firmware_service.measure.normalise import (
    FacePoints,
    HeadSize,
    as_photographed,
    head_size,
    in_millimetres,
)
from firmware_service.measure.quality import regions_seen
from firmware_service.types import FaceReading, FeatureMedian, Landmarks, Quality, Region, WhyNot


@dataclass(frozen=True, slots=True)
class FaceGates:
    """What a window must hold to be judged.

    `min_frames` and `min_fraction` are the frames, and the share of all frames, in which a region
    must have been seen; `block_s` is the block of the trends, `frozen_s` how long a picture may
    stand still, `iris_mm` the width of the iris, `focal` the focal length over the longer side.
    """

    movement: MovementGates
    min_frames: int
    min_fraction: float
    block_s: float
    frozen_s: float
    iris_mm: float
    focal: float


@dataclass(frozen=True, slots=True)
class MeasuredFrame:
    """One frame in mm with the regions that could be seen in it.

    `corrected` and `raw` are its catalogue with perspective and pose taken out, and as pictured.
    """

    captured_at: float
    confidence: float
    features: FaceFeatures
    seen: frozenset[Region]
    corrected: Catalogue
    raw: Catalogue


def measure_frames(
    readings: Iterable[FaceReading], size: tuple[int, int], head: HeadSize, gates: FaceGates
) -> list[MeasuredFrame]:
    """The readings with at least one region that could be seen, in mm.

    `size` is (width, height) of the picture in px, `head` this person's head size.
    """
    frames = []
    for reading in readings:
        seen = regions_seen(reading)
        if reading.landmarks is None or not seen:
            continue
        face = in_millimetres(reading.landmarks, *size, head, focal=gates.focal)
        if face is not None:
            frames.append(measured_frame(reading.captured_at, reading.landmarks, face, seen))
    return frames


def measured_frame(
    captured_at: float, landmarks: Landmarks, face: FacePoints, seen: frozenset[Region]
) -> MeasuredFrame:
    """Everything that one face gives; `face` is these landmarks in mm."""
    pictured = as_photographed(landmarks, face.mm_per_px)
    return MeasuredFrame(
        captured_at,
        landmarks.confidence,
        face_features(face),
        seen,
        only_seen(catalogue(face), seen),
        only_seen(catalogue(pictured), seen),
    )


def feature_medians(frames: Sequence[MeasuredFrame]) -> tuple[FeatureMedian, ...]:
    """The catalogue as medians over these frames; none when there are no frames."""
    if not frames:
        return ()
    corrected = median_catalogue([frame.corrected for frame in frames])
    raw = median_catalogue([frame.raw for frame in frames])
    return tuple(
        FeatureMedian(
            name, *(value if isfinite(value) else None for value in (corrected[at], raw[at]))
        )
        for at, name in enumerate(CATALOGUE_COLUMNS)
    )


def persons_head(
    readings: Iterable[FaceReading],
    size: tuple[int, int],
    rest: RestingFace | None,
    gates: FaceGates,
) -> HeadSize:
    """This person's head size: the one learned at rest, else by the irises in these readings."""
    if rest is not None and rest.head.frames > 0:
        return rest.head
    faces = [
        reading.landmarks
        for reading in readings
        if reading.landmarks is not None and Region.EYE in regions_seen(reading)
    ]
    return head_size(faces, *size, iris_mm=gates.iris_mm, focal=gates.focal)


def why_mostly(readings: Sequence[FaceReading], region: Region | None = None) -> WhyNot:
    """The most frequent reason why a region (or the whole face) was not seen in these readings."""
    reasons = Counter(
        reason
        for reading in readings
        if region is None or region not in regions_seen(reading)
        for reason in reasons_against(reading, region)
    )
    return reasons.most_common(1)[0][0] if reasons else WhyNot.TOO_FEW_FRAMES


def reasons_against(reading: FaceReading, region: Region | None) -> tuple[WhyNot, ...]:
    """Why this frame does not serve a region (or, with None, every flag it carries)."""
    if reading.landmarks is None or reading.quality is None:
        return (WhyNot.NO_FACE,)
    others = {
        Region.MOUTH: WhyNot.EYES_COVERED,
        Region.NOSE: WhyNot.EYES_COVERED,
        Region.EYE: WhyNot.MOUTH_COVERED,
        Region.BROW: WhyNot.MOUTH_COVERED,
    }
    unrelated = None if region is None else others[region]
    return tuple(flag for flag in reading.quality.flags if flag is not unrelated)


def too_little(
    region: Region, n_seen: int, inside: Sequence[FaceReading], gates: FaceGates
) -> WhyNot | None:
    """Why a region seen in `n_seen` of these readings cannot be judged; None when it can."""
    if n_seen >= gates.min_frames and n_seen >= gates.min_fraction * len(inside):
        return None
    mostly_seen = 2 * n_seen > len(inside)
    return WhyNot.TOO_FEW_FRAMES if mostly_seen else why_mostly(inside, region)


def window_quality(
    inside: Sequence[FaceReading], usable: int, skipped: int, *, frozen: bool
) -> Quality:
    """Every flag of a window, most frequent first, and the share of its pictures not used."""
    flags = Counter(flag for reading in inside for flag in reasons_against(reading, None))
    order = [flag for flag, _ in flags.most_common()]
    if frozen:
        order.insert(0, WhyNot.FROZEN_PICTURE)
    total = len(inside) + skipped
    return Quality(tuple(order), 1.0 - usable / total if total else 1.0)
