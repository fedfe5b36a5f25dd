"""What a simulated face does at one moment, and what is true of its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.anatomy import Action
from firmware_service.types import HeadPose, Side

UPRIGHT = HeadPose(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class HalfFace:
    """What one half of the face does: mm of the leading point from rest.

    `closure` of the eye goes from 0 as pictured to 1 shut; `lips_parted` from 0 closed to 1 as
    pictured, where the portrait shows teeth (elsewhere the lips stay closed).
    """

    smile_mm: float = 0.0
    droop_mm: float = 0.0
    brow_raise_mm: float = 0.0
    brow_droop_mm: float = 0.0
    pucker_mm: float = 0.0
    lips_parted: float = 0.0
    closure: float = 0.0
    lower_lid_droop_mm: float = 0.0

    def doses(self) -> dict[Action, float]:
        """The warped actions and their doses."""
        return {
            Action.SMILE: self.smile_mm,
            Action.DROOP: self.droop_mm,
            Action.BROW_RAISE: self.brow_raise_mm,
            Action.BROW_DROOP: self.brow_droop_mm,
            Action.PUCKER: self.pucker_mm,
        }


@dataclass(frozen=True, slots=True)
class FaceState:
    """Both halves, how the head is turned and where it is (mm to the patient's left, mm down).

    `camera_shift_mm` moves the whole picture in the same way, as when the camera shakes.
    """

    left: HalfFace = field(default_factory=HalfFace)
    right: HalfFace = field(default_factory=HalfFace)
    pose: HeadPose = UPRIGHT
    shift_mm: tuple[float, float] = (0.0, 0.0)
    camera_shift_mm: tuple[float, float] = (0.0, 0.0)

    def half(self, side: Side) -> HalfFace:
        """One half."""
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True, slots=True)
class HalfTruth:
    """True movement of one half from the sitter's own rest, mm, in her face's own axes.

    Lateral is away from the midline, up towards the brow; `fissure_mm` is the opening itself.
    """

    commissure_lateral_mm: float
    commissure_up_mm: float
    brow_up_mm: float
    upper_lid_down_mm: float
    fissure_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is true of one frame: landmarks float64 [478, 2] px, mm per px, each half's movement."""

    points: NDArray[np.float64]
    mm_per_px: float
    halves: Mapping[Side, HalfTruth]
    face_visible: bool = True
