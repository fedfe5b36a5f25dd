"""The recorded prompts: where they lie, and their samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware_service.panel.errors import PanelError
from firmware_service.panel.prompts import ENGLISH, LOCALE, Language

RATE_HZ = 16_000
SPOKEN = "spoken"


def wav_file(prompt: str, language: Language) -> Path:
    """Where the recording of this prompt lies."""
    return LOCALE / language.value / SPOKEN / f"{prompt}.wav"


def text_file(language: Language) -> Path:
    """Which words each recording of this language says, as JSON by key."""
    return LOCALE / language.value / SPOKEN / "words.json"


def load_spoken(language: Language) -> dict[str, NDArray[np.float32]]:
    """Every prompt of this language: float32 [n] at 16 kHz in −1…1.

    Raises:
        PanelError: a recording is missing or damaged.
    """
    return {key.value: _read(wav_file(key.value, language)) for key in ENGLISH}


def _read(path: Path) -> NDArray[np.float32]:
    try:
        sound, rate_hz = soundfile.read(path, dtype="float32")
    except soundfile.LibsndfileError as error:
        raise PanelError(f"{path} cannot be played; run scripts/make-prompts") from error
    if rate_hz != RATE_HZ or sound.ndim != 1:
        raise PanelError(f"{path} is not 16 kHz mono; run scripts/make-prompts --all")
    return np.asarray(sound, np.float32)
