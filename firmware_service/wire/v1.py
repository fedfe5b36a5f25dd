"""Version 1 of every document on the wire.

v1 only ever grows by optional fields. A producer refuses unknown fields (the models forbid them);
a consumer reads with `read`, which ignores them. Times of day are UTC; lengths are seconds or mm;
sides are the patient's; a value that was not measured is null, never zero.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from firmware_service.wire.terms import (
    ArmDrift,
    Finding,
    Level,
    PalsyPattern,
    Region,
    ReportStatus,
    Severity,
    Side,
    Task,
    WhyNot,
)
from firmware_service.wire.topics import NAME_PATTERN, ULID_PATTERN

Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
SignedFraction = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Ulid = Annotated[str, Field(pattern=ULID_PATTERN)]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Text = Annotated[str, Field(max_length=500)]


class Document(BaseModel):
    """What every document carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """Parse as a consumer does: unknown fields are ignored, everything known is checked.

        Raises:
            pydantic.ValidationError: a known field is missing or wrong.
        """
        return cls.model_validate_json(payload, extra="ignore")


class Part(BaseModel):
    """A piece of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ScreenDocument(Document):
    """What every document about one screen carries."""

    message_id: Ulid
    screen_id: Ulid
    agency: Name
    unit: Name
    issued_at: AwareDatetime
    clock_synced: bool


class ScreenState(ScreenDocument):
    """Where the screen stands now, for the board's live line."""

    kind: Literal["state"] = "state"
    state: Text
    task: Task | None = None
    attempt: int | None = None


class SignalBody(Part):
    """One finding, its level and the reasons in words."""

    finding: Finding
    weaker_side: Side | None
    level: Level
    score: Fraction | None
    interval: tuple[Fraction, Fraction] | None
    because: tuple[Text, ...]
    thresholds_version: Text


class Signal(ScreenDocument):
    """A risk signal, sent the moment its task is judged; the report supersedes it."""

    kind: Literal["signal"] = "signal"
    signal: SignalBody


class RegionMeasure(Part):
    """One region in one task; mm a side, difference = right − left (> 0: left weaker)."""

    region: Region
    left_mm: Number | None
    right_mm: Number | None
    difference_mm: Number | None
    index: SignedFraction | None
    usable: bool
    why_not: WhyNot | None


class TrendLine(Part):
    """How a region's difference developed: level in mm, slope in mm per second."""

    region: Region
    level: Number
    slope_per_s: Number
    spread: Number
    n: int


class TrackPoint(Part):
    """One point of a plotted track: seconds since the task began, left and right in mm."""

    t_s: Number
    left_mm: Number
    right_mm: Number


class Track(Part):
    """A region's movement through a task, thinned for plotting (≤ 60 points)."""

    region: Region
    points: Annotated[tuple[TrackPoint, ...], Field(max_length=60)]


class FunctionMeasure(Part):
    """How a movement was done; every value is null where it could not be told.

    Ratios are the lesser side over the better one. Closure is the share of the resting lid opening
    that closed, `gap` what stayed open; narrowing the share by which the lids came together while
    the mouth moved, `mouth` how far the corner moved while the eyes closed (both synkinesis).
    `onset_lag_s` > 0 when the left begins later; only from 30 pictures a second on.
    """

    repetitions: int | None = None
    excursion_ratio: Number | None = None
    left_speed_mm_s: Number | None = None
    right_speed_mm_s: Number | None = None
    speed_ratio: Number | None = None
    onset_lag_s: Number | None = None
    left_closure: Number | None = None
    right_closure: Number | None = None
    left_gap_mm: Number | None = None
    right_gap_mm: Number | None = None
    left_narrowing: Number | None = None
    right_narrowing: Number | None = None
    left_mouth_mm: Number | None = None
    right_mouth_mm: Number | None = None


class FeatureMeasure(Part):
    """A feature of the catalogue as a median over the task; its name ends in its unit.

    `corrected` has perspective and the head's pose taken out, `raw` has not.
    """

    name: Text
    corrected: Number | None
    raw: Number | None


class SpeechMeasure(Part):
    """What was heard; null where it could not be measured."""

    present: bool | None
    window_s: Number
    speaking_s: Number | None
    pauses: int | None
    pause_s: Number | None
    snr_db: Number | None
    clipped_fraction: Fraction
    vad_max: Fraction


class TaskMeasure(Part):
    """One judged task: the best attempt, with its quality."""

    task: Task
    attempt: int
    started_s: Number
    ended_s: Number
    regions: tuple[RegionMeasure, ...]
    trends: tuple[TrendLine, ...]
    tracks: tuple[Track, ...] = ()
    speech: SpeechMeasure | None
    function: FunctionMeasure | None = None
    features: tuple[FeatureMeasure, ...] = ()
    flags: tuple[WhyNot, ...]
    skipped_fraction: Fraction
    frames: int
    usable_frames: int
    usable: bool
    why_not: WhyNot | None


class ScaleScore(Part):
    """A prehospital stroke scale: points found, and how many items were examined of how many."""

    name: Text
    points: int
    items_examined: int
    items: int


class GradeEstimate(Part):
    """A clinical grade as this device would estimate it, with its interval (lo, hi).

    `not_examined` are items of the scale that were not seen; the interval allows for them.
    """

    name: Text
    value: Number
    interval: tuple[Number, Number]
    lowest: Number
    highest: Number
    examined: tuple[Text, ...]
    not_examined: tuple[Text, ...]


class RegionScore(Part):
    """A region on 0…100, 100 = both sides alike: standing still, and in its own movement."""

    region: Region
    static: Number | None
    motor: Number | None


class SynkinesisEstimate(Part):
    """0 as in healthy people … 1 as in the mean synkinetic patient; a side, null if not seen."""

    oral_ocular_left: Fraction | None
    oral_ocular_right: Fraction | None
    ocular_oral_left: Fraction | None
    ocular_oral_right: Fraction | None


class FaceEstimates(Part):
    """What the measured face would be on clinical scales: estimates, and never a reason to wait.

    `upper_loss` and `lower_loss` are the shares of the better side's movement that the weaker side
    lacks; null where the movement was not seen.
    """

    weaker_side: Side | None
    pattern: PalsyPattern | None
    severity: Severity | None
    upper_loss: Number | None
    lower_loss: Number | None
    grades: tuple[GradeEstimate, ...]
    regions: tuple[RegionScore, ...]
    synkinesis: SynkinesisEstimate | None


class Report(ScreenDocument):
    """One whole screen. `started_s` of the tasks counts from `started_at`."""

    kind: Literal["report"] = "report"
    version: int = 1
    status: ReportStatus
    started_at: AwareDatetime
    ended_at: AwareDatetime
    overall: Level
    summary: Text
    signals: tuple[SignalBody, ...]
    tasks: tuple[TaskMeasure, ...]
    arms: ArmDrift
    scales: tuple[ScaleScore, ...]
    face_estimates: FaceEstimates | None = None
    not_assessed: tuple[Text, ...]
    millimetre_scale: Text
    software: Text
    face_model: Text
    models: dict[str, str]
    thresholds_version: Text
    frames_skipped: int
    frames_read: int
    simulated: bool = False


class ReceiptKind(StrEnum):
    """Two different things that the hospital can say back."""

    STORED = "stored"
    SEEN = "seen"


class Receipt(Document):
    """Hospital to unit: this message is stored, or a clinician (by role, not name) has seen it."""

    kind: Literal["receipt"] = "receipt"
    receipt: ReceiptKind
    message_id: Ulid
    screen_id: Ulid
    site: Name
    at: AwareDatetime
    by_role: Text | None = None


class LinkState(StrEnum):
    """Whether the sender of a retained status is there."""

    ONLINE = "online"
    OFFLINE = "offline"


class UnitStatus(Document):
    """A unit's retained birth or will; a will with an older session is ignored."""

    kind: Literal["unit-status"] = "unit-status"
    state: LinkState
    session: int
    since: AwareDatetime | None


class EdStatus(Document):
    """The receiver's retained birth or will: "ED online"."""

    kind: Literal["ed-status"] = "ed-status"
    state: LinkState
    session: int
    since: AwareDatetime | None
