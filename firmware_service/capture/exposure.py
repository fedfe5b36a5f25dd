"""Exposure and white balance, held while a face is measured so that no task differs in its light.

Automatic control runs until the screen begins; then what it has found is written into the manual
controls. A camera whose picture changes by that is let go again and told as not locked.
"""

from __future__ import annotations

from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

AUTO_EXPOSURE, MANUAL_EXPOSURE = 3.0, 1.0  # V4L2_EXPOSURE_APERTURE_PRIORITY, V4L2_EXPOSURE_MANUAL
CHECK_AFTER: Final = 8
"""Frames after which the new setting is surely in the picture: four are in the driver's queue."""
LARGEST_CHANGE: Final = 1.3
_DARKEST: Final = 1.0


class Controls(Protocol):
    """The controls of a camera, as `cv2.VideoCapture` gives them."""

    def get(self, prop: int) -> float:
        """The value of a control; 0 or −1 where the camera has none."""
        ...

    def set(self, prop: int, value: float) -> bool:
        """Set a control; False where the camera has none."""
        ...


class ExposureLock:
    """Follows `wanted`, frame by frame, in the thread that reads the camera."""

    def __init__(self) -> None:
        self.wanted = False
        self._locked = False
        self._refused = False
        self._before: float | None = None
        self._frames = 0

    @property
    def locked(self) -> bool:
        """Whether exposure and white balance stand still now."""
        return self._locked

    def forget(self) -> None:
        """The camera was opened anew and runs by itself again."""
        self._locked = self._refused = False

    def after(self, image: NDArray[np.uint8], controls: Controls) -> None:
        """A picture (uint8 BGR [h, w, 3]) was read: lock, let go, or check what locking did."""
        if self.wanted and not self._locked and not self._refused:
            self._before, self._frames = _luma(image), 0
            self._locked = _lock(controls)
            self._refused = not self._locked
        elif not self.wanted and (self._locked or self._refused):
            if self._locked:
                _release(controls)
            self.forget()
        elif self._locked and self._before is not None:
            self._frames += 1
            if self._frames >= CHECK_AFTER:
                change = (_luma(image) + _DARKEST) / (self._before + _DARKEST)
                self._before = None
                if not 1 / LARGEST_CHANGE <= change <= LARGEST_CHANGE:
                    _release(controls)
                    self._locked, self._refused = False, True


def _lock(controls: Controls) -> bool:
    exposure = controls.get(cv2.CAP_PROP_EXPOSURE)
    kelvin = controls.get(cv2.CAP_PROP_WB_TEMPERATURE)
    if not controls.set(cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL_EXPOSURE):
        return False
    controls.set(cv2.CAP_PROP_AUTO_WB, 0.0)
    if exposure > 0:
        controls.set(cv2.CAP_PROP_EXPOSURE, exposure)
    if kelvin > 0:
        controls.set(cv2.CAP_PROP_WB_TEMPERATURE, kelvin)
    held = controls.get(cv2.CAP_PROP_AUTO_EXPOSURE) == MANUAL_EXPOSURE
    if held and controls.get(cv2.CAP_PROP_AUTO_WB) <= 0:
        return True
    _release(controls)
    return False


def _release(controls: Controls) -> None:
    controls.set(cv2.CAP_PROP_AUTO_EXPOSURE, AUTO_EXPOSURE)
    controls.set(cv2.CAP_PROP_AUTO_WB, 1.0)


def _luma(image: NDArray[np.uint8]) -> float:
    return float(image[::16, ::16].mean())
