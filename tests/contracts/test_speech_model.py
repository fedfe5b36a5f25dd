"""What every `SpeechModel` promises, on every adapter."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.registry import Registry
from firmware_service.types import AudioBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from firmware_service.ports import SpeechModel

ROOT = Path(__file__).parents[2]
VOICES = ROOT / "firmware_service" / "simulate" / "voices"
REGISTRY = Registry.load(ROOT / "models")
ADAPTERS: list[Callable[[Registry], SpeechModel]] = [SileroVad]
RATE_HZ = 16_000
CHUNK = 512


@pytest.fixture(scope="module", params=ADAPTERS)
def opened(request: pytest.FixtureRequest) -> SpeechModel:
    model: SpeechModel = request.param(REGISTRY)
    return model


@pytest.fixture
def model(opened: SpeechModel) -> SpeechModel:
    opened.reset()
    return opened


@pytest.fixture(scope="module", params=["ada-sky-normal", "bea-old-dog-normal"])
def voice(request: pytest.FixtureRequest) -> NDArray[np.float32]:
    with wave.open(str(VOICES / f"{request.param}.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return pcm.astype(np.float32) / 32768


def block(samples: NDArray[np.float32], rate_hz: int = RATE_HZ) -> AudioBlock:
    return AudioBlock(0, 0.0, samples, rate_hz)


class TestSpeechModel:
    def test_one_probability_for_every_whole_chunk(self, model: SpeechModel) -> None:
        heard = model.hear(block(np.zeros(10 * CHUNK + 100, np.float32)))
        assert len(heard) == 10
        assert all(0 <= probability <= 1 for probability in heard)
        assert len(model.hear(block(np.zeros(CHUNK - 100, np.float32)))) == 1

    def test_hears_a_voice(self, model: SpeechModel, voice: NDArray[np.float32]) -> None:
        heard = np.array(model.hear(block(voice)))
        assert (heard > 0.5).mean() > 0.7

    def test_hears_no_voice_in_silence_noise_or_a_tone(self, model: SpeechModel) -> None:
        seconds = np.arange(3 * RATE_HZ) / RATE_HZ
        noise = np.random.default_rng(5).normal(0, 0.05, len(seconds))
        for sound in (0 * seconds, noise, 0.3 * np.sin(2 * np.pi * 440 * seconds)):
            model.reset()
            assert max(model.hear(block(sound.astype(np.float32)))) < 0.5

    def test_silence_after_a_voice_is_not_speech(
        self, model: SpeechModel, voice: NDArray[np.float32]
    ) -> None:
        model.hear(block(voice))
        assert max(model.hear(block(np.zeros(RATE_HZ, np.float32)))[10:]) < 0.2

    @pytest.mark.parametrize("size", [1, 160, 511, 512, 1000, 7000])
    def test_the_size_of_the_blocks_does_not_matter(
        self, model: SpeechModel, voice: NDArray[np.float32], size: int
    ) -> None:
        voice = voice[: 8 * CHUNK]
        whole = model.hear(block(voice))
        model.reset()
        parts: list[float] = []
        for start in range(0, len(voice), size):
            parts += model.hear(block(voice[start : start + size]))
        assert tuple(parts) == whole

    def test_reset_forgets_the_past(self, model: SpeechModel, voice: NDArray[np.float32]) -> None:
        first = model.hear(block(voice))
        assert model.hear(block(voice)) != first
        model.reset()
        model.hear(block(voice[: CHUNK + 77]))
        model.reset()
        assert model.hear(block(voice)) == first

    def test_nothing_heard_is_nothing_said(self, model: SpeechModel) -> None:
        assert model.hear(block(np.zeros(0, np.float32))) == ()

    @pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
    def test_refuses_another_rate(self, model: SpeechModel, rate_hz: int) -> None:
        with pytest.raises(ValueError, match="16000"):
            model.hear(block(np.zeros(CHUNK, np.float32), rate_hz))

    def test_names_the_verified_file_in_use(self, model: SpeechModel) -> None:
        assert model.digests
        assert model.digests.items() <= REGISTRY.digests().items()
