"""The protocol as data: which tasks in which order, how long, how often, and what is said.

Every waiting time has an end here, so that a screen always finishes by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firmware_service.types import Task, WhyNot


class Prompt(StrEnum):
    """The keys of everything the device can say; the panel holds the words."""

    POSITION = "position"
    REST = "rest"
    SMILE = "smile"
    BROWS = "brows"
    EYES = "eyes"
    PHRASE = "phrase"
    ARMS = "arms"
    ENTER_ARMS = "enter-arms"
    RETAKE = "retake"
    AIM_AT_FACE = "aim-at-face"
    ONE_FACE = "one-face"
    FACE_CAMERA = "face-camera"
    MOVE_CLOSER = "move-closer"
    MORE_LIGHT = "more-light"
    HOLD_STILL = "hold-still"
    MASK_OFF = "mask-off"
    EYES_FREE = "eyes-free"
    CAMERA_FAULT = "camera-fault"
    MICROPHONE_FAULT = "microphone-fault"
    NO_FACE_GOING_ON = "no-face-going-on"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    ED_HAS_IT = "ed-has-it"
    ED_HAS_SEEN_IT = "ed-has-seen-it"


ADVICE: dict[WhyNot, Prompt] = {
    WhyNot.NO_FACE: Prompt.AIM_AT_FACE,
    WhyNot.TWO_FACES: Prompt.ONE_FACE,
    WhyNot.FACE_TURNED: Prompt.FACE_CAMERA,
    WhyNot.FACE_TOO_SMALL: Prompt.MOVE_CLOSER,
    WhyNot.TOO_DARK: Prompt.MORE_LIGHT,
    WhyNot.NOISY_PICTURE: Prompt.MORE_LIGHT,
    WhyNot.BLURRED: Prompt.HOLD_STILL,
    WhyNot.MOUTH_COVERED: Prompt.MASK_OFF,
    WhyNot.EYES_COVERED: Prompt.EYES_FREE,
    WhyNot.FROZEN_PICTURE: Prompt.CAMERA_FAULT,
    WhyNot.CAMERA_LOST: Prompt.CAMERA_FAULT,
    WhyNot.MICROPHONE_LOST: Prompt.MICROPHONE_FAULT,
}
"""What to say when a picture is refused for this reason; the others have no remedy to speak."""


@dataclass(frozen=True, slots=True)
class Step:
    """One task: what is said, how many seconds are recorded, and how often it may be tried."""

    task: Task
    prompt: Prompt
    record_s: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Protocol:
    """The steps in order and the longest time, in seconds, that each kind of waiting may take.

    `steady_s` is how long the face must be good before the first task starts, `face_memory_s` how
    long a face that was seen counts as present, `advice_every_s` the shortest time between two
    aiming hints, `arm_hold_s` how long both arms are held out before the paramedic is asked,
    `result_s` how long the result stays on the light.
    """

    name: str
    steps: tuple[Step, ...]
    positioning_s: float = 20.0
    steady_s: float = 1.0
    face_memory_s: float = 3.0
    advice_every_s: float = 4.0
    prompt_deadline_s: float = 12.0
    judge_deadline_s: float = 5.0
    arm_hold_s: float = 10.0
    arm_deadline_s: float = 40.0
    result_s: float = 8.0


STANDARD = Protocol(
    name="standard",
    steps=(
        Step(Task.REST, Prompt.REST, record_s=4.0, attempts=2),
        Step(Task.SMILE, Prompt.SMILE, record_s=4.0, attempts=2),
        Step(Task.BROWS, Prompt.BROWS, record_s=4.0, attempts=2),
        Step(Task.EYES, Prompt.EYES, record_s=4.0, attempts=2),
        Step(Task.PHRASE, Prompt.PHRASE, record_s=5.0, attempts=2),
        Step(Task.ARMS, Prompt.ARMS, record_s=0.0, attempts=1),
    ),
)
