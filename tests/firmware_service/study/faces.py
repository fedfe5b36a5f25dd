"""Labelled folders of simulated faces, so that the truth is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2

from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.simulate.scenarios import scenario
from firmware_service.types import Task

PORTRAITS = ("eileen_collins", "grace_hopper")
HELD_SMILE_S = 3.0


def smiling(name: str, seed: int) -> SimulatedPatient:
    """This patient in one of the portraits, asked to smile at once."""
    script = replace(scenario(name), portrait=PORTRAITS[seed % 2])
    patient = SimulatedPatient(script, seed)
    patient.asked(Task.SMILE, 1.0)
    return patient


def picture(path: Path, name: str, seed: int, gain: float = 1.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image, _ = smiling(name, seed).render(HELD_SMILE_S + 0.1 * seed, seed)
    assert cv2.imwrite(str(path), (image * gain).astype(image.dtype))
    return path


def clip(path: Path, name: str, seed: int, seconds: float = 4.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (640, 480))
    patient = smiling(name, seed)
    for seq in range(round(10 * seconds)):
        video.write(patient.render(seq / 10, seq)[0])
    video.release()
    return path
