"""Everything that can happen to the screening machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from firmware_service.ports import Press
from firmware_service.types import ArmDrift, AsymmetrySample, TaskResult, WhyNot


class Part(StrEnum):
    """A part of the device that can fail during a screen."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    FACE_MODEL = "face model"
    SPEECH_MODEL = "speech model"


class DeliveryStage(StrEnum):
    """How far a report has come on its way to the emergency department."""

    QUEUED = "queued"
    SENT = "sent"
    STORED = "stored"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Opening:
    """The identity of a new screen; `report_id` makes a report sent twice the same message."""

    screen_id: str
    report_id: str
    at: datetime
    clock_synced: bool


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button was pressed; `opening` is used if this press starts a screen."""

    press: Press
    opening: Opening


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """One frame was looked at: None when the face is fit to be measured, else the first reason."""

    why_not: WhyNot | None


@dataclass(frozen=True, slots=True)
class PromptSpoken:
    """The loudspeaker has finished this prompt."""

    prompt: str


@dataclass(frozen=True, slots=True)
class WindowJudged:
    """The answer to `Judge`: the result, its samples, and the frame counts since the screen began.

    An answer for another screen, task or attempt than the one being waited for is ignored.
    """

    screen_id: str
    result: TaskResult
    samples: tuple[AsymmetrySample, ...]
    frames_read: int
    frames_skipped: int


@dataclass(frozen=True, slots=True)
class ArmEntered:
    """The paramedic has entered what the arms did."""

    drift: ArmDrift


@dataclass(frozen=True, slots=True)
class PartLost:
    """A part of the device has failed."""

    part: Part


@dataclass(frozen=True, slots=True)
class PartBack:
    """A part of the device works again."""

    part: Part


@dataclass(frozen=True, slots=True)
class DeliveryAdvanced:
    """The report of this screen has reached the next stage on its way."""

    screen_id: str
    stage: DeliveryStage


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; what is overdue happens now."""


Event: TypeAlias = (
    Pressed
    | FaceSeen
    | PromptSpoken
    | WindowJudged
    | ArmEntered
    | PartLost
    | PartBack
    | DeliveryAdvanced
    | Tick
)
