"""The words that both ends of the wire share; the device's own types re-export them.

Sides are the patient's.
"""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """A side of the patient's body, as the patient would name it."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Region(StrEnum):
    """A region of the face that is measured on its own."""

    MOUTH = "mouth"
    EYE = "eye"
    BROW = "brow"
    NOSE = "nose"


class Task(StrEnum):
    """What the patient is asked to do; PHRASE is spoken, ARMS is entered by the paramedic.

    EYES closes the eyes as the patient likes; GENTLE_CLOSURE and TIGHT_CLOSURE tell the two apart.
    """

    REST = "rest"
    SMILE = "smile"
    BROWS = "brows"
    EYES = "eyes"
    GENTLE_CLOSURE = "gentle closure"
    TIGHT_CLOSURE = "tight closure"
    PUCKER = "pucker"
    PHRASE = "phrase"
    ARMS = "arms"

    @property
    def is_face(self) -> bool:
        """Whether the camera judges this task."""
        return self not in {Task.PHRASE, Task.ARMS}

    @property
    def is_optional(self) -> bool:
        """Whether a screen without this task is complete."""
        return self in {Task.GENTLE_CLOSURE, Task.TIGHT_CLOSURE, Task.PUCKER}


class WhyNot(StrEnum):
    """Why something could not be measured, in the words used in reports and logs."""

    NO_FACE = "no face"
    TWO_FACES = "two faces"
    FACE_TURNED = "face turned"
    FACE_TOO_SMALL = "face too small"
    TOO_DARK = "too dark"
    BLURRED = "blurred"
    NOISY_PICTURE = "noisy picture"
    MOUTH_COVERED = "mouth covered"
    EYES_COVERED = "eyes covered"
    FROZEN_PICTURE = "frozen picture"
    NOT_PERFORMED = "not performed"
    TOO_FEW_FRAMES = "too few frames"
    NO_BASELINE = "no resting baseline"
    CAMERA_LOST = "camera lost"
    MICROPHONE_LOST = "microphone lost"
    MODEL_UNAVAILABLE = "model unavailable"
    TOO_NOISY = "too noisy"
    CLIPPED = "clipped"
    TOO_SHORT = "too short"
    NO_SPEECH = "no speech"
    NOT_DONE = "not done"
    NO_MEASURE_YET = "no measure yet"


class ArmDrift(StrEnum):
    """What the paramedic saw when the patient held out both arms."""

    NONE = "none"
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    CANNOT_TEST = "cannot test"
    NOT_DONE = "not done"


class Finding(StrEnum):
    """The three items of the Cincinnati Prehospital Stroke Scale (Kothari 1999)."""

    FACE = "face"
    ARM = "arm"
    SPEECH = "speech"


class Level(StrEnum):
    """A risk signal's level. UNKNOWN is shown amber; nothing ever says "no stroke"."""

    RAISED = "raised"
    NOT_RAISED = "not raised"
    UNKNOWN = "unknown"


class PalsyPattern(StrEnum):
    """How a weakness is spread over the face. None of them lowers the stroke priority."""

    NONE = "none"
    CENTRAL = "central-like"
    PERIPHERAL = "peripheral-like"
    MIXED = "mixed"


class Severity(StrEnum):
    """The face item of the NIHSS in words: its grades 0, 1, 2, 3."""

    NONE = "none"
    MINOR = "minor"
    PARTIAL = "partial"
    COMPLETE = "complete"


class ReportStatus(StrEnum):
    """How a screen ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
