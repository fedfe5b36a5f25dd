"""Says how likely each 32 ms of sound is speech: Silero VAD on onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firmware_service.perceive.onnx_face import session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry
    from firmware_service.types import AudioBlock

MODEL = "silero_vad"
RATE_HZ = 16_000
CHUNK = 512
CONTEXT = 64
STATE_SHAPE = (2, 1, 128)


class SileroVad:
    """A `SpeechModel`; blocks may have any length, a rest is kept for the next one.

    Raises:
        ModelError: the model is missing or is not the one in the manifest.
    """

    def __init__(self, registry: Registry, threads: int = 1) -> None:
        self._session = session(registry.read(MODEL), threads)
        self._digests = {MODEL: registry.get(MODEL).sha256}
        self._rate = np.array(RATE_HZ, np.int64)
        self._kept: NDArray[np.float32]
        self.reset()

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of the model file, by model name."""
        return self._digests

    def hear(self, block: AudioBlock) -> tuple[float, ...]:
        """Speech probabilities for every whole 512-sample chunk completed by this block.

        Raises:
            ValueError: the block is not 16 kHz.
        """
        if block.rate_hz != RATE_HZ:
            raise ValueError(f"the speech model hears {RATE_HZ} Hz, not {block.rate_hz}; resample")
        heard = np.concatenate([self._kept, block.samples], dtype=np.float32)
        whole = (len(heard) - CONTEXT) // CHUNK
        probabilities = tuple(
            self._probability(heard[start : start + CONTEXT + CHUNK])
            for start in range(0, whole * CHUNK, CHUNK)
        )
        self._kept = heard[whole * CHUNK :].copy()
        return probabilities

    def reset(self) -> None:
        """Forget the past, before a new recording."""
        self._state = np.zeros(STATE_SHAPE, np.float32)
        self._kept = np.zeros(CONTEXT, np.float32)  # the context, then samples not yet judged

    def _probability(self, samples: NDArray[np.float32]) -> float:
        feed = {"input": samples[None], "state": self._state, "sr": self._rate}
        output, self._state = self._session.run(["output", "stateN"], feed)
        return float(output[0, 0])
