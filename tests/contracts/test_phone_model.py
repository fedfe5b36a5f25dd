"""What every `PhoneModel` promises, on every adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firmware_service.measure.phrase import PHONES
from firmware_service.perceive.phones import OnnxPhones
from firmware_service.perceive.registry import Registry
from firmware_service.simulate.voice import Phrase, Talker, Voice, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_service.ports import PhoneModel

REGISTRY = Registry.load(Path(__file__).parents[2] / "models")
ADAPTERS: list[Callable[[Registry], PhoneModel]] = [OnnxPhones]
RATE_HZ = 16_000
SKY = spoken(Talker.ADA, Phrase.SKY, Voice.NORMAL)
SPEAKING = np.ones(len(SKY) // 512, np.bool_)


@pytest.fixture(scope="module", params=ADAPTERS)
def model(request: pytest.FixtureRequest) -> PhoneModel:
    opened: PhoneModel = request.param(REGISTRY)
    return opened


class TestPhoneModel:
    def test_a_logit_for_every_phone_every_20_ms(self, model: PhoneModel) -> None:
        hearing = model.listen(SKY, RATE_HZ, SPEAKING)
        frames = 1 + (len(SKY) - 400) // 160
        assert hearing.mels.shape == (frames, 40)
        assert hearing.logits.shape == ((frames + 1) // 2, len(PHONES))
        assert np.isfinite(hearing.logits).all()

    def test_loudness_does_not_matter(self, model: PhoneModel) -> None:
        loud = model.listen(SKY, RATE_HZ, SPEAKING).logits
        quiet = model.listen(SKY * np.float32(0.1), RATE_HZ, SPEAKING).logits
        assert (loud.argmax(axis=1) == quiet.argmax(axis=1)).mean() > 0.97

    def test_the_same_sound_gives_the_same_logits(self, model: PhoneModel) -> None:
        first, again = (model.listen(SKY, RATE_HZ, SPEAKING).logits for _ in range(2))
        assert (first == again).all()

    def test_hears_the_hiss_of_sky(self, model: PhoneModel) -> None:
        heard = model.listen(SKY, RATE_HZ, SPEAKING).logits.argmax(axis=1)
        assert "S" in {PHONES[p] for p in heard}

    def test_refuses_another_rate(self, model: PhoneModel) -> None:
        with pytest.raises(ValueError, match="16000"):
            model.listen(SKY, 8_000, SPEAKING)

    def test_refuses_silence(self, model: PhoneModel) -> None:
        with pytest.raises(ValueError, match="no frame is active"):
            model.listen(SKY, RATE_HZ, np.zeros_like(SPEAKING))

    def test_names_the_verified_file_in_use(self, model: PhoneModel) -> None:
        assert model.digests
        assert model.digests.items() <= REGISTRY.digests().items()
