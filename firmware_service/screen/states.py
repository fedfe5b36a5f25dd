"""The states of the screening machine; every one that waits knows when it stops waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from firmware_service.screen.events import DeliveryStage, Part
from firmware_service.screen.protocol import Prompt, Protocol, Step
from firmware_service.screen.session import Session
from firmware_service.types import WhyNot


@dataclass(frozen=True, slots=True)
class Idle:
    """Ready for a patient; `last_screen` is the one whose delivery the light still follows."""

    protocol: Protocol
    faults: frozenset[Part] = frozenset()
    last_screen: str | None = None
    stage: DeliveryStage | None = None


@dataclass(frozen=True, slots=True)
class Positioning:
    """Waiting until the face has been fit to be measured for a while.

    `good_for` is the seconds of good pictures less those of bad ones, never below 0; `looked_at`
    the time of the last picture, `face_at` that of the last with a face, `advised_at` of the last
    hint.
    """

    protocol: Protocol
    faults: frozenset[Part]
    session: Session
    until: float
    looked_at: float
    advised_at: float
    face_at: float | None = None
    good_for: float = 0.0


@dataclass(frozen=True, slots=True)
class AtStep:
    """Where in the protocol: `attempt` numbers the tries, `left` counts those not yet used up.

    `no_face_tasks` says why no more face tasks are done in this screen, if so.
    """

    protocol: Protocol
    faults: frozenset[Part]
    session: Session
    index: int
    attempt: int
    left: int
    no_face_tasks: WhyNot | None = None

    @property
    def step(self) -> Step:
        """The protocol's step that is being done."""
        return self.protocol.steps[self.index]


@dataclass(frozen=True, slots=True)
class Prompting:
    """The patient is being told what to do; `to_hear` counts the tellings not yet ended."""

    at: AtStep
    prompt: Prompt
    until: float
    to_hear: int = 1


@dataclass(frozen=True, slots=True)
class Recording:
    """A window is open; it ends at `until`."""

    at: AtStep
    until: float


@dataclass(frozen=True, slots=True)
class Judging:
    """The window is closed and being measured."""

    at: AtStep
    until: float


@dataclass(frozen=True, slots=True)
class ArmEntry:
    """The patient holds out both arms until `asked_at`; then the paramedic enters what they did."""

    at: AtStep
    asked_at: float
    asked: bool
    until: float


@dataclass(frozen=True, slots=True)
class Finish:
    """The report is out; the result stays on the light for a while."""

    protocol: Protocol
    faults: frozenset[Part]
    session: Session
    until: float
    stage: DeliveryStage | None = None


State: TypeAlias = Idle | Positioning | Prompting | Recording | Judging | ArmEntry | Finish


def deadline(state: State) -> float | None:
    """When on the capture clock a `Tick` will move this state on; None only for `Idle`."""
    match state:
        case Idle():
            return None
        case ArmEntry():
            return state.until if state.asked else min(state.asked_at, state.until)
        case Positioning() | Prompting() | Recording() | Judging() | Finish():
            return state.until
        case _:
            assert_never(state)
