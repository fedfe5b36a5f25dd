from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest

from firmware_service.perceive.log_mel import (
    FFT,
    HOP,
    RATE_HZ,
    WINDOW,
    audible,
    filter_bank,
    frames_of,
    log_mel,
    normalised,
    window,
)

TONE = (0.1 * np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)


def test_a_tone_lies_in_its_band() -> None:
    bands = log_mel(TONE).mean(axis=0)
    hertz = np.fft.rfftfreq(FFT, 1 / RATE_HZ)
    middle = hertz[filter_bank()[:, int(bands.argmax())].argmax()]
    assert abs(middle - 1000) < 80


def test_spectra_agree_with_opencvs_fourier_transform() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, WINDOW + 9 * HOP).astype(np.float32)
    framed = np.stack([noise[at : at + WINDOW] * window() for at in range(0, 10 * HOP, HOP)])
    padded = np.pad(framed, ((0, 0), (0, FFT - WINDOW)))
    spectra = cv2.dft(padded, flags=cv2.DFT_ROWS | cv2.DFT_COMPLEX_OUTPUT)[:, : FFT // 2 + 1]
    truth = np.log((spectra.astype(np.float64) ** 2).sum(axis=2) @ filter_bank() + 1e-12)
    np.testing.assert_allclose(log_mel(noise), truth, atol=2e-3)


def test_loudness_and_colour_cancel() -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, RATE_HZ).astype(np.float32)
    mels = log_mel(noise)
    active = np.ones(len(mels), np.bool_)
    quiet = normalised(log_mel(noise * np.float32(0.05)), active)
    np.testing.assert_allclose(quiet, normalised(mels, active), atol=2e-3)
    coloured = normalised(mels + np.linspace(-3, 3, 40, dtype=np.float32), active)
    np.testing.assert_allclose(coloured, normalised(mels, active), atol=1e-4)


def test_the_high_pass_takes_the_engine_out() -> None:
    weights = filter_bank()
    hertz = np.fft.rfftfreq(FFT, 1 / RATE_HZ)
    low = weights[(hertz > 0) & (hertz < 35)].sum()
    assert low < 0.02 * weights[(hertz > 150) & (hertz < 185)].sum()


def test_frames_are_counted_as_they_are_made() -> None:
    for samples in (0, WINDOW - 1, WINDOW, WINDOW + HOP - 1, WINDOW + HOP, 5000):
        assert len(log_mel(np.zeros(samples, np.float32))) == frames_of(samples)


def test_a_band_full_of_noise_is_not_audible() -> None:
    rng = np.random.default_rng(3)
    mels = rng.normal(-8, 0.1, (200, 40)).astype(np.float32)
    active = np.zeros(200, np.bool_)
    active[60:140] = True
    mels[60:140, 20:] += 4
    heard = audible(mels, active)
    assert heard[:20].max() < 0.2
    assert heard[20:].min() > 0.9


def test_silence_cannot_be_normalised() -> None:
    with pytest.raises(ValueError, match="no frame is active"):
        normalised(log_mel(TONE), np.zeros(frames_of(len(TONE)), np.bool_))


def test_the_front_end_is_the_one_the_network_was_trained_with() -> None:
    digest = hashlib.sha256(np.round(filter_bank(), 5).astype("<f4").tobytes()).hexdigest()
    assert digest[:16] == "0c710f57583e43cd"
