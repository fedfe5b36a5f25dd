"""Batches as an ambulance would record them: speed, room, noise, colour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_service.perceive.log_mel import LIMIT, frames_of, log_mel
from models.phone_network import noise
from models.phone_network.corpora import Utterance

CROP_S = 2.56
RATE_HZ = 16_000
CROP = int(CROP_S * RATE_HZ) + 240
IGNORED = -100


ROOM_FFT = 65_536
LOOP = 2 * CROP
LOOPS = 48
"""Loops of each made noise: drawing them anew for every example took most of the time."""


@dataclass(frozen=True, slots=True)
class World:
    """What can be mixed in: made noises, recorded noises, rooms as spectra."""

    made: list[noise.Sound]
    recorded: list[noise.Sound]
    rooms: list[NDArray[np.complex64]]

    @classmethod
    def of(cls, data: Path) -> World:
        """The training half of the recorded noises and rooms, and noises made here."""
        rng = np.random.default_rng(7)
        kinds = (noise.coloured, noise.engine, noise.coloured, noise.engine, noise.wail)
        made = [kinds[i % len(kinds)](LOOP, rng) for i in range(LOOPS * len(kinds))]
        rooms = [np.fft.rfft(r, ROOM_FFT) for r in noise.rooms(data, training=True)]
        return cls(made, noise.recorded(data, training=True), rooms)


def crop(utterance: Utterance, rng: np.random.Generator) -> tuple[noise.Sound, NDArray[np.int64]]:
    """A stretch at a random speed, with the phone of each 20 ms."""
    speed = rng.uniform(0.85, 1.18) if rng.random() < 0.6 else 1.0
    need = int(CROP * speed) + 2
    samples = utterance.samples.astype(np.float32) / 32768
    spare = len(samples) - need
    at = int(rng.integers(0, spare + 1)) if spare > 0 else 0
    piece = samples[at : at + need]
    lead = 0
    if len(piece) < need:
        lead = int(rng.integers(0, need - len(piece) + 1))
        padded = 3e-5 * rng.standard_normal(need, np.float32)
        padded[lead : lead + len(piece)] += piece
        piece = padded
    where = np.arange(CROP) * speed
    out = np.interp(where, np.arange(need), piece).astype(np.float32)
    steps = np.arange((frames_of(CROP) + 1) // 2)
    # the middle of a frame's window, in the recording's own time
    source = ((steps * 320 + 80) * speed + at - lead) // 160
    inside = (source >= 0) & (source < len(utterance.aligned.labels))
    labels = np.zeros(len(steps), np.int64)
    labels[inside] = utterance.aligned.labels[source[inside].astype(int)]
    return out, labels


def noise_for(world: World, others: list[Utterance], rng: np.random.Generator) -> noise.Sound:
    """One of the noises of an ambulance, mean power 1."""
    kind = rng.random()
    if kind < 0.72:
        out = noise.cut(world.made[int(rng.integers(len(world.made)))], CROP, rng)
    elif kind < 0.90:
        out = noise.cut(world.recorded[int(rng.integers(len(world.recorded)))], CROP, rng)
    else:
        voices = [others[int(rng.integers(len(others)))] for _ in range(int(rng.integers(1, 5)))]
        out = sum(
            (noise.cut(u.samples.astype(np.float32) / 32768, CROP, rng) for u in voices),
            np.zeros(CROP, np.float32),
        )
    return np.asarray(out / (np.std(out) + 1e-9), np.float32)


def example(
    utterance: Utterance, others: list[Utterance], world: World, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Normalised log-mel [frames, 40] and the phone of each 20 ms."""
    sound, labels = crop(utterance, rng)
    if rng.random() < 0.25:
        room = world.rooms[int(rng.integers(len(world.rooms)))]
        wet = np.fft.irfft(np.fft.rfft(sound, ROOM_FFT) * room)[:CROP]
        sound = np.asarray(wet, np.float32)
    active = np.repeat(labels != 0, 2)[: frames_of(CROP)]
    if not active.any():
        return example(others[int(rng.integers(len(others)))], others, world, rng)
    if rng.random() < 0.8:
        speech = np.sqrt(np.mean(sound[: len(active) * 160].reshape(-1, 160)[active] ** 2))
        snr_db = rng.uniform(-2, 25)
        sound = sound + noise_for(world, others, rng) * speech * 10 ** (-snr_db / 20)
    mels = log_mel(sound * np.float32(10 ** rng.uniform(-1, 0.3)))
    # A voice detector finds the edges of speech a little early or late, and misses some of it.
    heard = np.roll(active, int(rng.integers(-4, 5)))
    for _ in range(int(rng.integers(0, 3))):
        at = int(rng.integers(0, len(heard)))
        heard[at : at + int(rng.integers(2, 12))] = rng.random() < 0.5
    if not heard.any():
        heard = active
    mels = mels - mels[heard].mean(axis=0)
    mels = mels + np.cumsum(rng.normal(0, 0.05, mels.shape[1])).astype(np.float32)
    return np.asarray(np.clip(mels, -LIMIT, LIMIT), np.float32), labels
