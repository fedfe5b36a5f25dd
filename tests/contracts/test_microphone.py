"""What every microphone promises, whether live, recorded or simulated."""

from __future__ import annotations

import ctypes.util
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from firmware_service.capture.clock import SystemClock
from firmware_service.capture.portaudio import PortAudioMicrophone
from firmware_service.capture.pyaudio_mic import PyAudioMicrophone
from firmware_service.capture.recorded import RecordedMicrophone
from firmware_service.ports import CaptureError, Microphone, MicrophoneLost
from firmware_service.simulate.microphone import SimulatedMicrophone
from firmware_service.simulate.patient import SimulatedPatient
from tests.firmware_service.capture.recordings import loudest_hz, tone, write_tone

BLOCKS = 20


def _recorded(folder: Path) -> Microphone:
    return RecordedMicrophone(write_tone(folder / "tone.wav"))


def _resampled(folder: Path) -> Microphone:
    return RecordedMicrophone(write_tone(folder / "tone.flac", rate_hz=44_100))


def _live(folder: Path) -> Microphone:
    if ctypes.util.find_library("portaudio") is None:
        pytest.skip("PortAudio is not installed: apt install libportaudio2")
    _listen_to_a_file(folder)
    return PortAudioMicrophone(None, SystemClock())


def _pyaudio(folder: Path) -> Microphone:
    pytest.importorskip(
        "pyaudio", reason="built from source: apt install portaudio19-dev, pip install PyAudio"
    )
    _listen_to_a_file(folder)
    return PyAudioMicrophone(None, SystemClock())


def _simulated(_: Path) -> Microphone:
    return SimulatedMicrophone(SimulatedPatient.load("healthy"))


def _write_sound(folder: Path) -> None:
    """Makes ALSA's default device one that hears 440 Hz."""
    sound = folder / "heard.raw"
    np.repeat(tone(440, 4.0, 44_100), 2).tofile(sound)  # two channels
    Path(os.environ["ALSA_CONFIG_PATH"]).write_text(
        f'pcm.default {{ type file slave.pcm "null" file "/dev/null" infile "{sound}" '
        'format "raw" }\npcm.null { type null }\nctl.default { type null }\n'
    )


def _listen_to_a_file(folder: Path) -> None:
    """The same, for PortAudio as started from here."""
    _write_sound(folder)
    _start_portaudio_anew()


def _start_portaudio_anew() -> None:
    import sounddevice  # starts PortAudio, which aborts without a readable ALSA configuration

    sounddevice._terminate()
    sounddevice._initialize()


ADAPTERS = {
    "recorded": _recorded,
    "resampled": _resampled,
    "live": _live,
    "pyaudio": _pyaudio,
    "simulated": _simulated,
}


@pytest.fixture(params=ADAPTERS)
def microphone(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Microphone]:
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    opened: Callable[[Path], Microphone] = ADAPTERS[request.param]
    heard = opened(tmp_path)
    yield heard
    heard.close()


class TestEveryMicrophone:
    def test_blocks_are_what_the_speech_stage_takes(self, microphone: Microphone) -> None:
        for seq in range(BLOCKS):
            block = microphone.read()
            assert (block.seq, block.rate_hz) == (seq, 16_000)
            assert block.samples.dtype == np.float32
            assert block.samples.shape == (512,)
            assert np.abs(block.samples).max() <= 1.0

    def test_times_rise_without_a_gap(self, microphone: Microphone) -> None:
        times = [microphone.read().captured_at for _ in range(BLOCKS)]
        assert np.diff(times) == pytest.approx(512 / 16_000, abs=1e-6)

    def test_a_block_keeps_its_samples(self, microphone: Microphone) -> None:
        first = microphone.read().samples
        kept = first.copy()
        for _ in range(BLOCKS):
            microphone.read()
        assert np.array_equal(first, kept)

    def test_closing_twice_is_allowed_and_final(self, microphone: Microphone) -> None:
        microphone.read()
        microphone.close()
        microphone.close()
        with pytest.raises(MicrophoneLost):
            microphone.read()


@pytest.mark.parametrize("opened", [_live, _pyaudio])
def test_the_live_microphone_hears_what_the_device_hears(
    opened: Callable[[Path], Microphone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    microphone = opened(tmp_path)
    heard = np.concatenate([microphone.read().samples for _ in range(60)])
    microphone.close()
    assert loudest_hz(heard) == pytest.approx(440, abs=1)
    assert np.abs(heard[2000:]).max() == pytest.approx(0.5, abs=0.02)


def test_a_microphone_that_was_plugged_in_later_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    _live(tmp_path).close()
    Path(os.environ["ALSA_CONFIG_PATH"]).write_text("pcm.default { type hw card 77 }\n")
    _start_portaudio_anew()
    for _ in range(2):
        with pytest.raises(CaptureError, match="the default microphone cannot be opened"):
            PortAudioMicrophone(None, SystemClock())
    _write_sound(tmp_path)
    with suppress(CaptureError):  # this one sees the old list and asks for a new one
        PortAudioMicrophone(None, SystemClock()).close()
    microphone = PortAudioMicrophone(None, SystemClock())
    assert microphone.read().rate_hz == 16_000
    microphone.close()
