"""The microphone that hears a simulated patient in the cabin."""

from __future__ import annotations

import numpy as np

from firmware_service.ports import EndOfRecording, MicrophoneLost
from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.simulate.voice import RATE_HZ
from firmware_service.types import AudioBlock


class SimulatedMicrophone:
    """Every block in order, `captured_at` the time of its first sample, without a gap.

    The voice starts about 0.4 s after the patient was asked for the phrase.
    """

    def __init__(
        self,
        patient: SimulatedPatient,
        rate_hz: int = RATE_HZ,
        block: int = 512,
        duration_s: float | None = None,
    ) -> None:
        if rate_hz != RATE_HZ:
            raise ValueError(f"simulated microphone: the voices are {RATE_HZ} Hz, not {rate_hz}")
        self.rate_hz = rate_hz
        self.block = block
        self._patient = patient
        self._blocks = None if duration_s is None else int(duration_s * rate_hz / block)
        self._next = 0
        self._closed = False

    def read(self) -> AudioBlock:
        """The next block; never blocks.

        Raises:
            MicrophoneLost: the microphone was closed.
            EndOfRecording: `duration_s` has been read.
        """
        if self._closed:
            raise MicrophoneLost("simulated microphone: closed; make a new one")
        if self._blocks is not None and self._next >= self._blocks:
            raise EndOfRecording(f"simulated microphone: ended after {self._blocks} blocks")
        seq, self._next = self._next, self._next + 1
        samples = self._patient.heard(seq * self.block, self.block)
        clipped = np.clip(samples, -1.0, 1.0).astype(np.float32)
        return AudioBlock(seq, seq * self.block / self.rate_hz, clipped, self.rate_hz)

    def close(self) -> None:
        """No more blocks; calling it twice is allowed."""
        self._closed = True
