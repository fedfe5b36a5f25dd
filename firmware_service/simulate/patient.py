"""A simulated patient: does what is asked, as well as the palsy lets them, at their own pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.ambulance import Sensor
from firmware_service.simulate.behaviour import (
    REACTION_S,
    Restlessness,
    Turn,
    level_at,
    minimum_jerk,
)
from firmware_service.simulate.covers import Cover, draw_cover
from firmware_service.simulate.face import FRAME_HEIGHT, FRAME_WIDTH, acting_face
from firmware_service.simulate.scenarios import Palsy, Scenario, scenario
from firmware_service.simulate.scene import empty_stretcher, with_companion
from firmware_service.simulate.state import FaceState, HalfFace, Truth
from firmware_service.simulate.voice import RATE_HZ, Cabin, spoken
from firmware_service.types import ArmDrift, HeadPose, Side, Task

FULL_SMILE_MM = 9.0
FULL_BROW_MM = 6.0
_VOICE_REACTION_S = 0.4
_SMILING_LID = 0.10
_SYLLABLES_HZ = 4.2
_SYLLABLE_MM = 1.2
_TREMOR = 0.02
"""Of each movement; nobody holds a smile still."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the patient when; `task` None means they may relax."""

    task: Task | None
    at: float


class SimulatedPatient:
    """One scenario brought to life. What is seen at a time depends only on what was asked before.

    The face is 640×480 pixels; `render` takes about 5 ms.
    """

    def __init__(self, script: Scenario, seed: int = 0) -> None:
        self.script = script
        self.seed = seed
        self._asked: list[Asked] = []
        self._restless = Restlessness(seed)
        self._face = acting_face(script.portrait)
        self._sensor = Sensor(script.ambulance, (FRAME_WIDTH, FRAME_HEIGHT), seed)
        cover = script.ambulance.cover
        self._cover = None if cover is Cover.NONE else draw_cover(self._face.portrait, cover)
        self._cabin = Cabin(script.ambulance.snr_db, siren=script.ambulance.siren, seed=seed)
        self._voice = spoken(script.talker, script.phrase, script.voice)
        self._empty = empty_stretcher(FRAME_WIDTH, FRAME_HEIGHT)

    @classmethod
    def load(cls, name: str, seed: int = 0) -> Self:
        """The patient of this name in scenarios.toml.

        Raises:
            UnknownPatient: there is none of this name; the message suggests the nearest.
        """
        return cls(scenario(name), seed)

    @property
    def arms(self) -> ArmDrift:
        """What the paramedic sees when the patient holds out both arms, and enters."""
        return self.script.arms

    def asked(self, task: Task, at: float) -> None:
        """The prompt for this task ended at `at`, in order of time; the patient reacts to it."""
        self._asked.append(Asked(task, at))

    def relaxed(self, at: float) -> None:
        """The patient was told to relax."""
        self._asked.append(Asked(None, at))

    def spoke_at(self) -> tuple[float, ...]:
        """When the patient starts to say the phrase: once for every time it was asked."""
        return tuple(a.at + _VOICE_REACTION_S for a in self._asked if a.task is Task.PHRASE)

    def heard(self, first: int, count: int) -> NDArray[np.float32]:
        """Samples first … first + count since time 0 at 16 kHz: the cabin and the voice in it."""
        sound = self._cabin.heard(first, count)
        for start in self.spoke_at():
            offset = round(start * RATE_HZ) - first
            lo, hi = max(offset, 0), min(offset + len(self._voice), count)
            if lo < hi:
                sound[lo:hi] += self._voice[lo - offset : hi - offset]
        return sound

    def state(self, at: float) -> FaceState:
        """What the face does at a time on the capture clock."""
        freeze = self.script.ambulance.frozen_after_s
        now = at if freeze is None else min(at, freeze)
        palsy, ride, restless = self.script.face, self.script.ambulance, self._restless
        effort = {task: self._effort(task, now) * palsy.performs for task in Task}
        sway = [restless.drift(channel, now) for channel in range(5)]
        shake = ride.vibration_mm
        return FaceState(
            left=self._half(Side.LEFT, effort, now),
            right=self._half(Side.RIGHT, effort, now),
            pose=HeadPose(
                ride.turned_deg + 1.0 * sway[0] * ride.sway_mm,
                self._face.portrait.pictured.bowed_deg + 0.8 * sway[1] * ride.sway_mm,
                0.7 * sway[2] * ride.sway_mm,
            ),
            shift_mm=(ride.sway_mm * sway[3], ride.sway_mm * sway[4]),
            camera_shift_mm=(0.6 * shake * restless.road(5, now), shake * restless.road(6, now)),
        )

    def _effort(self, task: Task, now: float) -> float:
        turns: list[Turn] = []
        for asked in self._asked:
            target = 1.0 if asked.task is task else 0.0
            if target or (turns and turns[-1].target):
                turns.append(Turn(asked.at + REACTION_S, target))
        return level_at(turns, now)

    def _half(self, side: Side, effort: Mapping[Task, float], now: float) -> HalfFace:
        palsy = self.script.face if side is self.script.face.side else Palsy()
        tremor = 1 + _TREMOR * self._restless.drift(7, now)
        smile = effort[Task.SMILE] * palsy.smile_ratio * tremor
        closing = max(effort[Task.EYES], self._restless.blink(now), _SMILING_LID * smile)
        syllable = effort[Task.PHRASE] * (1 + np.sin(2 * np.pi * _SYLLABLES_HZ * now)) / 2
        return HalfFace(
            smile_mm=FULL_SMILE_MM * smile,
            droop_mm=palsy.droop_mm,
            brow_raise_mm=FULL_BROW_MM * effort[Task.BROWS] * palsy.brow_ratio * tremor,
            brow_droop_mm=palsy.brow_droop_mm,
            pucker_mm=_SYLLABLE_MM * float(syllable) * palsy.smile_ratio,
            lips_parted=max(_teeth(smile), 0.3 * float(syllable)),
            closure=closing * palsy.closure_ratio,
            lower_lid_droop_mm=palsy.lower_lid_droop_mm,
        )

    def render(self, at: float, seq: int) -> tuple[NDArray[np.uint8], Truth]:
        """The camera's picture at a time, uint8 BGR [480, 640, 3], and what is true of it."""
        ride = self.script.ambulance
        image, truth = self._face.render(self.state(at), self._cover)
        if not ride.patient_present:
            image, truth = self._empty.copy(), replace(truth, halves={}, face_visible=False)
        if ride.second_face:
            image = with_companion(image, self.script.portrait)
        frozen = ride.frozen_after_s is not None and at > ride.frozen_after_s
        return self._sensor.expose(image, 0 if frozen else seq), truth


def _teeth(smile: float) -> float:
    """How far a smile of 0…1 parts the lips: not before it is a third done."""
    return minimum_jerk((smile - 0.3) / 0.6)
