"""Hears phones: the int8 phone network on onnxruntime, behind the `PhoneModel` port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firmware_service.perceive.log_mel import HOP, RATE_HZ, WINDOW, audible, log_mel, normalised
from firmware_service.perceive.onnx_face import session
from firmware_service.ports import ModelError
from firmware_service.types import PhoneHearing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry

MODEL = "phone_network_int8"
VAD_CHUNK = 512


def frames_heard(speaking: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    """The voice detector's 32 ms chunks as 10 ms frames, by where each frame's middle lies."""
    if speaking.size == 0:
        return np.zeros(frames, np.bool_)
    middle = (np.arange(frames) * HOP + WINDOW // 2) // VAD_CHUNK
    heard: NDArray[np.bool_] = speaking[np.minimum(middle, speaking.size - 1)]
    return heard


class OnnxPhones:
    """A `PhoneModel`.

    Raises:
        ModelError: the model is missing or is not the one in the manifest.
    """

    def __init__(self, registry: Registry, threads: int = 1) -> None:
        self._session = session(registry.read_for_measuring(MODEL), threads)
        self._digests = {MODEL: registry.get(MODEL).sha256}
        if [i.name for i in self._session.get_inputs()] != ["mels"]:
            raise ModelError(f"{MODEL}: wants other inputs than mels; run scripts/build-models")

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of the model file, by model name."""
        return self._digests

    def listen(
        self, samples: NDArray[np.float32], rate_hz: int, speaking: NDArray[np.bool_]
    ) -> PhoneHearing:
        """A logit for each of forty phones every 20 ms; see `ports.PhoneModel`."""
        if rate_hz != RATE_HZ:
            raise ValueError(f"the phone model hears {RATE_HZ} Hz, not {rate_hz}; resample")
        mels = log_mel(samples)
        active = frames_heard(speaking, len(mels))
        clean = normalised(mels, active)
        (logits,) = self._session.run(["logits"], {"mels": np.ascontiguousarray(clean.T[None])})
        return PhoneHearing(np.asarray(logits[0].T, np.float64), clean, audible(mels, active))
