"""Small recordings made for the tests."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import soundfile
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE_HZ = 96, 64, 25.0


def picture(seq: int) -> NDArray[np.uint8]:
    """Blue on the left, red on the right (BGR), a green bar at the bottom that grows with `seq`."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, : WIDTH // 2, 0] = 220
    image[:, WIDTH // 2 :, 2] = 220
    image[-16:, : 8 * (seq + 1)] = (0, 220, 0)
    return image


def write_video(path: Path, frames: int = 8) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE_HZ, (WIDTH, HEIGHT))
    for seq in range(frames):
        writer.write(picture(seq))
    writer.release()
    return path


def tone(hz: float, seconds: float, rate_hz: int, level: float = 0.5) -> NDArray[np.float32]:
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.asarray(level * np.sin(2 * np.pi * hz * times), np.float32)


def write_tone(path: Path, hz: float = 440, seconds: float = 1.0, rate_hz: int = 16_000) -> Path:
    soundfile.write(path, tone(hz, seconds, rate_hz), rate_hz)
    return path


def loudest_hz(samples: NDArray[np.float32], rate_hz: int = 16_000) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * rate_hz / len(samples)
