"""A short sound for every state of the light, so that nobody has to look at it.

Rising is good news, falling asks for something, three times the same low note is a fault.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_service.panel.spoken import RATE_HZ
from firmware_service.ports import Lamp, Light

_LEVEL = 0.25
_RAMP_S = 0.008
_C5, _E5, _G5, _A5, _C6 = 523.25, 659.26, 783.99, 880.0, 1046.5
_A4, _E4 = 440.0, 329.63
_REST = 0.0

NOTES: dict[Lamp, tuple[tuple[float, float], ...]] = {
    Lamp.READY: ((_E5, 0.08), (_REST, 0.04), (_E5, 0.08)),
    Lamp.AIMING: ((_A4, 0.08),),
    Lamp.RECORDING: ((_A5, 0.08),),
    Lamp.RETAKE: ((_E5, 0.1), (_A4, 0.15)),
    Lamp.RAISED: ((_A5, 0.12), (_E5, 0.12)) * 3,
    Lamp.NOT_RAISED: ((_E5, 0.12), (_REST, 0.06), (_E5, 0.12), (_REST, 0.06), (_E5, 0.12)),
    Lamp.NOT_ASSESSABLE: ((_C5, 0.15), (_A4, 0.15), (_E4, 0.25)),
    Lamp.QUEUED: ((_C5, 0.08),),
    Lamp.SENT: ((_C5, 0.08), (_E5, 0.08)),
    Lamp.HOSPITAL_HAS_IT: ((_C5, 0.08), (_E5, 0.08), (_G5, 0.12)),
    Lamp.SEEN: ((_C5, 0.08), (_E5, 0.08), (_G5, 0.08), (_C6, 0.16)),
    Lamp.FAULT: ((_E4, 0.2), (_REST, 0.1)) * 3,
}
"""Hertz and seconds of every note; 0 Hz is silence."""


def chime(lamp: Lamp) -> NDArray[np.float32]:
    """The sound of this state: float32 [n] at 16 kHz, each note with soft ends."""
    return np.concatenate([_note(hz, seconds) for hz, seconds in NOTES[lamp]])


def _note(hz: float, seconds: float) -> NDArray[np.float32]:
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    ramp = np.minimum(1.0, np.minimum(times, times[::-1]) / _RAMP_S)
    return np.asarray(_LEVEL * ramp * np.sin(2 * np.pi * hz * times), np.float32)


class Sounder(Protocol):
    """Plays a short sound after what is still being played."""

    def play(self, sound: NDArray[np.float32]) -> float:
        """Queue float32 [n] at 16 kHz, without blocking; returns the seconds until it has ended."""
        ...


class ChimingLight:
    """A light whose every change is heard as well."""

    def __init__(self, light: Light, sounder: Sounder) -> None:
        self._light = light
        self._sounder = sounder
        self._shown: Lamp | None = None

    def show(self, lamp: Lamp) -> None:
        """Show this state and sound it; the same state again is not heard again."""
        self._light.show(lamp)
        if lamp is not self._shown:
            self._shown = lamp
            self._sounder.play(chime(lamp))
