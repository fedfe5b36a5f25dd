"""A live microphone through PortAudio (sounddevice), read by blocking calls."""

from __future__ import annotations

from collections import deque
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from firmware_service.capture.blocks import BLOCK_SAMPLES, RATE_HZ, BlockMaker
from firmware_service.ports import CaptureError, Clock, MicrophoneLost
from firmware_service.types import AudioBlock

_READ_S = 0.032  # as long as a block, so that a read waits for one block at most
_LOST_S = 0.05


def _sounddevice() -> ModuleType:
    """The library; it looks for PortAudio when it is imported, so a device without sound starts.

    Raises:
        CaptureError: PortAudio itself is not installed.
    """
    try:
        import sounddevice  # noqa: PLC0415 - see above
    except OSError as error:
        raise CaptureError(
            "the microphone needs the PortAudio library: `apt install libportaudio2`"
        ) from error
    module: ModuleType = sounddevice
    return module


class PortAudioMicrophone:
    """A microphone by its number or a part of its name, None for the system's own choice.

    Any rate the device prefers is resampled to 16 kHz; channels are averaged. `captured_at` counts
    samples from the first block, and jumps when sound was lost (the clock is 50 ms ahead).

    Raises:
        CaptureError: PortAudio is missing, or there is no such microphone.
    """

    def __init__(self, device: int | str | None, clock: Clock) -> None:
        self._sound = _sounddevice()
        self._name = "the default microphone" if device is None else f"microphone {device!r}"
        self._clock = clock
        try:
            described = self._sound.query_devices(device, "input")
            self._rate_hz = float(described["default_samplerate"])
            self._stream = self._sound.InputStream(
                device=device,
                samplerate=self._rate_hz,
                channels=min(2, int(described["max_input_channels"])),
                dtype="float32",
            )
            self._stream.start()
        except (ValueError, self._sound.PortAudioError) as error:
            raise CaptureError(
                f"{self._name} cannot be opened ({_one_line(error)}); see `arecord -l`"
            ) from error
        self._maker = BlockMaker(self._rate_hz)
        self._ready: deque[NDArray[np.float32]] = deque()
        self._seq = 0
        self._next_at: float | None = None
        self.overflows = 0

    def read(self) -> AudioBlock:
        """The next 512 samples at 16 kHz; blocks until they have been heard.

        An overflow, where the system dropped sound, is counted in `overflows`.

        Raises:
            MicrophoneLost: the device is gone, or the microphone was closed.
        """
        while not self._ready:
            try:
                sound, overflowed = self._stream.read(round(self._rate_hz * _READ_S))
            except self._sound.PortAudioError as error:
                raise MicrophoneLost(
                    f"{self._name} gives no more sound ({_one_line(error)}); check its cable"
                ) from error
            self.overflows += bool(overflowed)
            self._ready.extend(self._maker.feed(sound))
        block = AudioBlock(self._seq, self._captured_at(), self._ready.popleft(), RATE_HZ)
        self._seq += 1
        return block

    def _captured_at(self) -> float:
        """When the first sample of the block that is next was heard."""
        heard_at = self._clock.now() - len(self._ready) * BLOCK_SAMPLES / RATE_HZ
        if self._next_at is None or heard_at - self._next_at > _LOST_S:
            self._next_at = heard_at
        captured_at = self._next_at
        self._next_at = captured_at + BLOCK_SAMPLES / RATE_HZ
        return captured_at

    def close(self) -> None:
        """Free the device."""
        self._stream.close()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
