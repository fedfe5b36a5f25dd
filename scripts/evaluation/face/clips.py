"""Real clips: healthy talkers must stay below the threshold, pulled mouths and winks must show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from evaluation.face.contenders import ATTENTION, REFINED, Seen
from evaluation.face.measuring import numbers

from firmware_service.measure.quality import frame_quality
from firmware_service.perceive.onnx_face import OnnxFace
from firmware_service.perceive.refine import Refiner
from firmware_service.screen.thresholds import QUALITY_GATES
from firmware_service.types import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry

NEVER: Final = ("no_face", "noface")
EVENTS: Final = {
    "lp_d9.mp4": (
        ("mouth to picture's left", 4.8, 5.2, "out"),
        ("mouth to picture's right", 5.35, 5.5, "out"),
        ("mouth to picture's left", 5.9, 6.1, "out"),
        ("one-sided smirk", 17.7, 18.0, "height"),
    ),
    "lp_d3.mp4": (("wink", 0.3, 0.6, "fissure"), ("wink", 1.3, 1.6, "fissure")),
}
"""What the data's README says happens when, s, and the feature that shows it."""
FEATURE: Final = {"height": 0, "out": 2, "fissure": 4}
STEP_S: Final = 0.08


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One clip by one contender: times [n] s, features [n, 8] mm, which frames no gate refused."""

    clip: str
    contender: str
    at_s: NDArray[np.float64]
    values: NDArray[np.float64]
    allowed: NDArray[np.bool_]


def frames(path: Path) -> Iterator[Frame]:
    """The clip's frames, about every `STEP_S`."""
    video = cv2.VideoCapture(str(path))
    rate = video.get(cv2.CAP_PROP_FPS) or 25.0
    step = max(round(STEP_S * rate), 1)
    seq = 0
    while video.grab():
        if seq % step == 0:
            more, image = video.retrieve()
            if more:
                yield Frame(seq, seq / rate, image)
        seq += 1


def follow(registry: Registry, path: Path) -> list[Track]:
    """The clip by the attention mesh, with the refiner and without."""
    model, refiner = OnnxFace(registry, refined=False), Refiner(registry)
    at, found, allowed = [], [], []
    for frame in frames(path):
        landmarks = model.find(frame)
        if landmarks is None:
            continue
        height, width = frame.image.shape[:2]
        better = refiner.refine(frame.image, landmarks.points).points
        seen = {
            ATTENTION: Seen(landmarks, width, height),
            REFINED: Seen(replace(landmarks, points=better), width, height),
        }
        values = {name: numbers(view.features()) for name, view in seen.items()}
        if any(value is None for value in values.values()):
            continue
        at.append(frame.captured_at)
        found.append([values[name] for name in (REFINED, ATTENTION)])
        quality = frame_quality(frame.image, seen[REFINED].landmarks, 1, QUALITY_GATES)
        allowed.append(not quality.flags)
    rows = np.array(found, np.float64).reshape(-1, 2, 8)
    return [
        Track(path.name, name, np.array(at), rows[:, k], np.array(allowed, bool))
        for k, name in enumerate((REFINED, ATTENTION))
    ]


def report(data: Path, registry: Registry, threshold: dict[str, float]) -> list[str]:
    """A line a clip: how often a healthy face exceeds the still's threshold, what events show."""
    lines = [f"{'clip':32}{'contender':16}{'frames':>7}{'refused':>9}{'above threshold':>17}"]
    events = [f"{'event':58}{'contender':16}{'left−right, mm from the clip’s median':>40}"]
    for path in sorted((data / "face_video").iterdir()):
        if any(word in path.name for word in NEVER):
            continue
        for track in follow(registry, path):
            if not len(track.at_s):
                continue
            height = track.values[:, 0] - track.values[:, 1]
            used = height[track.allowed]
            above = np.mean(np.abs(used) > threshold[track.contender]) if len(used) else np.nan
            lines.append(
                f"{track.clip:32}{track.contender:16}{len(height):7}"
                f"{1 - track.allowed.mean():9.0%}{above:17.0%}"
            )
            for name, start, end, feature in EVENTS.get(track.clip, ()):
                column = FEATURE[feature]
                apart = track.values[:, column] - track.values[:, column + 1]
                during = (track.at_s >= start - 0.1) & (track.at_s <= end + 0.1)
                if during.any():
                    moved = apart[during] - np.median(apart)
                    peak = moved[np.abs(moved).argmax()]
                    what = f"{track.clip} {start} s {name} ({feature})"
                    events.append(f"{what:58}{track.contender:16}{peak:+40.1f}")
    return [*lines, "", *events]
