"""The camera that looks at a simulated patient."""

from __future__ import annotations

from firmware_service.ports import CameraLost, EndOfRecording
from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.simulate.state import Truth
from firmware_service.types import Frame


class SimulatedCamera:
    """Every frame in order, `captured_at` = seq / rate_hz; ends only when `duration_s` is given."""

    def __init__(
        self, patient: SimulatedPatient, rate_hz: float = 25.0, duration_s: float | None = None
    ) -> None:
        self.rate_hz = rate_hz
        self._patient = patient
        self._frames = None if duration_s is None else round(duration_s * rate_hz)
        self._next = 0
        self._closed = False

    def read(self) -> Frame:
        """The next frame; never blocks.

        Raises:
            CameraLost: the camera was closed.
            EndOfRecording: `duration_s` has been read.
        """
        if self._closed:
            raise CameraLost("simulated camera: closed; make a new one")
        if self._frames is not None and self._next >= self._frames:
            raise EndOfRecording(f"simulated camera: ended after {self._frames} frames")
        seq, self._next = self._next, self._next + 1
        image, _ = self._patient.render(seq / self.rate_hz, seq)
        return Frame(seq, seq / self.rate_hz, image)

    def truth_of(self, seq: int) -> Truth:
        """What is true of the frame with this number, read already or not."""
        return self._patient.render(seq / self.rate_hz, seq)[1]

    def close(self) -> None:
        """No more frames; calling it twice is allowed."""
        self._closed = True
