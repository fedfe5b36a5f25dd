"""A live microphone through PyAudio, read by blocking calls."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from firmware_service.capture.heard import READ_S, HeardBlocks, one_line, wait_for_sound
from firmware_service.ports import CaptureError, Clock, MicrophoneLost
from firmware_service.types import AudioBlock

_INPUT_OVERFLOWED = -9981  # PortAudio's paInputOverflowed


def _pyaudio() -> ModuleType:
    """The library; it is built from source, so a device that uses sounddevice need not have it.

    Raises:
        CaptureError: it is not installed.
    """
    try:
        import pyaudio  # noqa: PLC0415 - see above
    except ImportError as error:
        raise CaptureError(
            "this microphone needs PyAudio: `apt install portaudio19-dev python3-dev gcc`, then "
            "`pip install 'stroke-screen[pyaudio]'`"
        ) from error
    module: ModuleType = pyaudio
    return module


class PyAudioMicrophone:
    """A microphone by its number or a part of its name, None for the system's own choice.

    Any rate the device prefers is resampled to 16 kHz; channels are averaged.

    Raises:
        CaptureError: PyAudio is missing, or there is no such microphone.
    """

    def __init__(self, device: int | str | None, clock: Clock) -> None:
        library = _pyaudio()
        self._name = "the default microphone" if device is None else f"microphone {device!r}"
        self._audio: Any = library.PyAudio()
        try:
            described = _described(self._audio, device)
            rate_hz = float(described["defaultSampleRate"])
            self._channels = min(2, int(described["maxInputChannels"]))
            self._samples = round(rate_hz * READ_S)
            self._stream: Any = self._audio.open(
                rate=round(rate_hz),
                channels=self._channels,
                format=library.paFloat32,
                input=True,
                input_device_index=int(described["index"]),
                frames_per_buffer=self._samples,
            )
        except (OSError, ValueError, LookupError) as error:
            self._audio.terminate()
            raise CaptureError(
                f"{self._name} cannot be opened ({one_line(error)}); see `arecord -l`"
            ) from error
        self._heard = HeardBlocks(rate_hz, clock)
        self._closed = False
        self.overflows = 0

    def read(self) -> AudioBlock:
        """The next 512 samples at 16 kHz; blocks until they have been heard.

        An overflow, where the system dropped sound, is counted in `overflows`.

        Raises:
            MicrophoneLost: the device is gone, or the microphone was closed.
        """
        while (block := self._heard.take()) is None:
            if self._closed:
                raise MicrophoneLost(f"{self._name} was closed")
            try:
                wait_for_sound(self._stream.get_read_available, self._samples, self._name)
                sound = self._stream.read(self._samples)
            except OSError as error:
                if error.errno == _INPUT_OVERFLOWED:
                    self.overflows += 1
                    continue
                raise MicrophoneLost(
                    f"{self._name} gives no more sound ({one_line(error)}); check its cable"
                ) from error
            self._heard.feed(np.frombuffer(sound, np.float32).reshape(-1, self._channels))
        return block

    def close(self) -> None:
        """Free the device."""
        if not self._closed:
            self._closed = True
            self._stream.close()
            self._audio.terminate()


def _described(audio: Any, device: int | str | None) -> dict[str, Any]:  # noqa: ANN401 - no types
    """What PortAudio says of the input device.

    Raises:
        LookupError: no input device has this in its name.
    """
    if device is None:
        return dict(audio.get_default_input_device_info())
    if isinstance(device, int):
        return dict(audio.get_device_info_by_index(device))
    for number in range(audio.get_device_count()):
        described = dict(audio.get_device_info_by_index(number))
        if device in str(described["name"]) and int(described["maxInputChannels"]) > 0:
            return described
    raise LookupError("no input device has this in its name")
