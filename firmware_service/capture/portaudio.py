"""A live microphone through PortAudio (sounddevice), read by blocking calls."""

from __future__ import annotations

from types import ModuleType

from firmware_service.capture.heard import READ_S, HeardBlocks, one_line, wait_for_sound
from firmware_service.ports import CaptureError, Clock, MicrophoneLost
from firmware_service.types import AudioBlock


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


def _look_again(sound: ModuleType) -> None:
    """Let the next try see what was plugged in since: PortAudio lists devices only as it starts."""
    sound._terminate()  # noqa: SLF001 - the library offers no other way
    sound._initialize()  # noqa: SLF001


class PortAudioMicrophone:
    """A microphone by its number or a part of its name, None for the system's own choice.

    Any rate the device prefers is resampled to 16 kHz; channels are averaged.

    Raises:
        CaptureError: PortAudio is missing, or there is no such microphone.
    """

    def __init__(self, device: int | str | None, clock: Clock) -> None:
        self._sound = _sounddevice()
        self._name = "the default microphone" if device is None else f"microphone {device!r}"
        try:
            described = self._sound.query_devices(device, "input")
            rate_hz = float(described["default_samplerate"])
            self._stream = self._sound.InputStream(
                device=device,
                samplerate=rate_hz,
                channels=min(2, int(described["max_input_channels"])),
                dtype="float32",
            )
            self._stream.start()
        except (ValueError, self._sound.PortAudioError) as error:
            _look_again(self._sound)
            raise CaptureError(
                f"{self._name} cannot be opened ({one_line(error)}); see `arecord -l`"
            ) from error
        self._samples = round(rate_hz * READ_S)
        self._heard = HeardBlocks(rate_hz, clock)
        self.overflows = 0

    def read(self) -> AudioBlock:
        """The next 512 samples at 16 kHz; blocks until they have been heard.

        An overflow, where the system dropped sound, is counted in `overflows`.

        Raises:
            MicrophoneLost: the device is gone, or the microphone was closed.
        """
        while (block := self._heard.take()) is None:
            if self._stream.closed:
                raise MicrophoneLost(f"{self._name} was closed")
            try:
                wait_for_sound(lambda: int(self._stream.read_available), self._samples, self._name)
                sound, overflowed = self._stream.read(self._samples)
            except self._sound.PortAudioError as error:
                raise MicrophoneLost(
                    f"{self._name} gives no more sound ({one_line(error)}); check its cable"
                ) from error
            self.overflows += bool(overflowed)
            self._heard.feed(sound)
        return block

    def close(self) -> None:
        """Free the device."""
        self._stream.close()
