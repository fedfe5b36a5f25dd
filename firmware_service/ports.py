"""What the device asks of the world, and how each part fails; read this file second.

Every port has a live, a recorded and a simulated adapter, and one contract test
that all of them pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_service.types import AudioBlock, Frame, Landmarks, PhoneHearing
from firmware_service.wire.v1 import ScreenDocument


class DeviceError(Exception):
    """The root of all that the device raises on purpose; one line, with the remedy."""


class CaptureError(DeviceError):
    """A picture or sound source failed."""


class CameraLost(CaptureError):
    """The camera gives no more frames."""


class MicrophoneLost(CaptureError):
    """The microphone gives no more blocks."""


class EndOfRecording(CaptureError):
    """A recorded or simulated source has been read to its end."""


class ModelError(DeviceError):
    """A model is missing, is not the one in the manifest, or may not be used for this."""


class BrokerError(DeviceError):
    """The broker refused or could not be reached."""


class OutboxError(DeviceError):
    """The outbox could not keep a document."""


class Camera(Protocol):
    """A source of frames in capture order."""

    def read(self) -> Frame:
        """The next frame; blocks until there is one.

        Raises:
            CameraLost: the device is gone.
            EndOfRecording: a recorded or simulated source has ended.
        """
        ...

    def close(self) -> None:
        """Free the device; calling it twice is allowed."""
        ...


class Microphone(Protocol):
    """A source of sound blocks; nothing is dropped between two reads."""

    def read(self) -> AudioBlock:
        """The next block; blocks until it is full.

        Raises:
            MicrophoneLost: the device is gone.
            EndOfRecording: a recorded or simulated source has ended.
        """
        ...

    def close(self) -> None:
        """Free the device; calling it twice is allowed."""
        ...


class FaceModel(Protocol):
    """Finds the patient's face and its 478 landmarks, keeping track from frame to frame."""

    @property
    def name(self) -> str:
        """The adapter and model, as the report names them."""
        ...

    @property
    def may_measure(self) -> bool:
        """False for a model that makes a palsy symmetric; the screen then refuses it."""
        ...

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of every model file in use, by model name."""
        ...

    @property
    def faces_seen(self) -> int:
        """How many faces the detector saw when it last ran."""
        ...

    @property
    def rivals(self) -> int:
        """How many of the other faces could be taken for the patient's; a bystander is none."""
        ...

    def find(self, frame: Frame, *, closely: bool = True) -> Landmarks | None:
        """The patient's landmarks in this frame, or None when no face is found.

        Without `closely` a model may leave out what only measuring needs.
        """
        ...

    def reset(self) -> None:
        """Forget the tracked face, so that the next frame is searched anew."""
        ...


class SpeechModel(Protocol):
    """Says how likely each 32 ms of 16 kHz sound is speech."""

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of every model file in use, by model name."""
        ...

    def hear(self, block: AudioBlock) -> tuple[float, ...]:
        """Speech probabilities for every whole 512-sample chunk completed by this block.

        Raises:
            ValueError: the block is not 16 kHz.
        """
        ...

    def reset(self) -> None:
        """Forget the past, before a new recording."""
        ...


class PhoneModel(Protocol):
    """Says which of forty phones each 20 ms of 16 kHz sound is."""

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of every model file in use, by model name."""
        ...

    def listen(
        self, samples: NDArray[np.float32], rate_hz: int, speaking: NDArray[np.bool_]
    ) -> PhoneHearing:
        """A logit for each phone every 20 ms, and the spectrum they come from.

        Args:
            samples: float32 [n] in −1…1.
            rate_hz: 16 000.
            speaking: [chunks], which 32 ms somebody speaks in; at least one.

        Raises:
            ValueError: the sound is not 16 kHz, or nobody speaks.
        """
        ...


class Press(StrEnum):
    """What a hand did to the one button."""

    SHORT = "short"
    DOUBLE = "double"
    LONG = "long"


class Button(Protocol):
    """The one button; presses are handed to the listener from the button's own thread."""

    def listen(self, listener: Callable[[Press], None]) -> None:
        """Call `listener` at every press from now on."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Lamp(StrEnum):
    """The states of the light, each with its own colour and pattern."""

    READY = "ready"
    AIMING = "aiming"
    RECORDING = "recording"
    RETAKE = "retake"
    RAISED = "raised"
    NOT_RAISED = "not raised"
    NOT_ASSESSABLE = "not assessable"
    QUEUED = "queued"
    SENT = "sent"
    HOSPITAL_HAS_IT = "hospital has it"
    SEEN = "seen by a clinician"
    FAULT = "fault"


class Light(Protocol):
    """The light that the paramedic sees."""

    def show(self, lamp: Lamp) -> None:
        """Show this state until the next call."""
        ...


class Speaker(Protocol):
    """The voice that guides the patient and the paramedic."""

    def say(self, prompt: str) -> float:
        """Speak the prompt with this key after what is still being said, without blocking.

        Returns the seconds from now until it has been spoken.
        """
        ...


class Clock(Protocol):
    """Two clocks in one: monotonic seconds for lengths, UTC for records."""

    def now(self) -> float:
        """Seconds on the capture clock."""
        ...

    def utc(self) -> datetime:
        """The time of day, timezone-aware."""
        ...

    @property
    def synced(self) -> bool:
        """Whether the time of day has been confirmed by a time server since start."""
        ...


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message that came from the broker."""

    topic: str
    payload: bytes
    retained: bool


class Broker(Protocol):
    """A connection to a message broker, QoS 1."""

    def connect(self) -> None:
        """Start connecting and keep reconnecting until closed."""
        ...

    @property
    def connected(self) -> bool:
        """Whether the session is up now."""
        ...

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int | None = None
    ) -> bool:
        """Publish and wait for the acknowledgement; False when refused or not answered."""
        ...

    def begin_publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int | None = None
    ) -> Future[bool]:
        """Publish without waiting: True once acknowledged, False when refused or cut off."""
        ...

    def subscribe(self, topic_filter: str, listener: Callable[[Inbound], None]) -> None:
        """Call `listener` for every message that matches, now and after each reconnect."""
        ...

    def close(self) -> None:
        """Say goodbye and stop."""
        ...


class Outbox(Protocol):
    """Where a document waits until the hospital says that it has it."""

    def append(self, document: ScreenDocument) -> None:
        """Seal and save; once this returns, no crash and no power cut loses the document.

        A document whose id is saved already is not saved again.

        Raises:
            OutboxError: it could not be saved.
        """
        ...

    def close(self) -> None:
        """Let go of the file; calling it twice is allowed."""
        ...
