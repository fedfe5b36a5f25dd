"""Whether speech counts as slurred: the score alone never decides."""

from __future__ import annotations

from firmware_service.screen.thresholds import SLURRED_MOVEMENT, SLURRED_PRONUNCIATION
from firmware_service.types import SpeechClarity


def slurred(clarity: SpeechClarity) -> bool:
    """Over what 96 of 100 healthy takes reach, in movement and in pronunciation both.

    Slow but clear speech moves as sharply as fast speech does, and another talker in the background
    spoils what is recognised more than how it moves.
    """
    return (
        clarity.suspicion > clarity.suspicion_limit
        and clarity.movement_z >= SLURRED_MOVEMENT.value
        and clarity.pronunciation_z >= SLURRED_PRONUNCIATION.value
    )
