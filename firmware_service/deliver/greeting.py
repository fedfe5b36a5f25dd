"""What a client leaves with the broker when it connects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Greeting:
    """Two retained messages on one topic: said now, and said for us when we are gone."""

    topic: str
    birth: bytes
    will: bytes
