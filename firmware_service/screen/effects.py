"""Everything the screening machine can ask of the device; the app carries it out, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from firmware_service.ports import Lamp
from firmware_service.screen.journal import Record
from firmware_service.screen.protocol import Prompt
from firmware_service.screen.session import Session
from firmware_service.types import RiskSignal, Task


@dataclass(frozen=True, slots=True)
class Say:
    """Speak this prompt and answer with `PromptSpoken` when it has ended."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class ShowLamp:
    """Show this on the light until the next one."""

    lamp: Lamp


@dataclass(frozen=True, slots=True)
class ResetFace:
    """Forget the tracked face and the resting baseline: another patient may be in front."""


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Begin a window now: frames for a face task, sound for the phrase."""

    screen_id: str
    task: Task
    attempt: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DropRecording:
    """Forget the open window; it is not to be judged."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Close the open window, measure it, and answer with `WindowJudged`."""

    screen_id: str
    task: Task
    attempt: int


@dataclass(frozen=True, slots=True)
class AskArms:
    """Let the paramedic enter what the arms did; answered by `ArmEntered`."""


@dataclass(frozen=True, slots=True)
class PublishState:
    """Tell the hospital's board where the screen stands."""

    screen_id: str
    state: str
    task: Task | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class PublishSignal:
    """Send this finding now; the report supersedes it."""

    screen_id: str
    signal: RiskSignal


@dataclass(frozen=True, slots=True)
class JournalAppend:
    """Put this record on disk before anything after it in the list is done."""

    screen_id: str
    record: Record


@dataclass(frozen=True, slots=True)
class PublishReport:
    """Build the report of this ended session and commit it to the outbox."""

    session: Session


@dataclass(frozen=True, slots=True)
class JournalClose:
    """Remove the journal: the report before this in the list is safe in the outbox."""

    screen_id: str


Effect: TypeAlias = (
    Say
    | ShowLamp
    | ResetFace
    | StartRecording
    | DropRecording
    | Judge
    | AskArms
    | PublishState
    | PublishSignal
    | JournalAppend
    | PublishReport
    | JournalClose
)
