"""The words of every prompt, short and calm, and how long it takes to say them."""

from __future__ import annotations

from firmware_service.panel.errors import NoSuchPrompt
from firmware_service.screen.protocol import Prompt

ENGLISH: dict[Prompt, str] = {
    Prompt.POSITION: "Please look at the camera.",
    Prompt.REST: "Relax your face and look here.",
    Prompt.SMILE: "Smile wide, show your teeth, and hold it.",
    Prompt.BROWS: "Raise your eyebrows and hold them up.",
    Prompt.EYES: "Close your eyes and keep them closed.",
    Prompt.PHRASE: "Please repeat: The sky is blue in Cincinnati.",
    Prompt.ARMS: "Hold out both arms, palms up, eyes closed, for ten seconds.",
    Prompt.ENTER_ARMS: "Arms down. Enter what they did.",
    Prompt.RETAKE: "Once more, please.",
    Prompt.AIM_AT_FACE: "Point the camera at the face.",
    Prompt.ONE_FACE: "Only the patient's face, please.",
    Prompt.FACE_CAMERA: "Please turn to the camera.",
    Prompt.MOVE_CLOSER: "Please move closer.",
    Prompt.MORE_LIGHT: "Turn to the light.",
    Prompt.HOLD_STILL: "Please hold still.",
    Prompt.MASK_OFF: "Take the mask off for a moment if that is safe.",
    Prompt.EYES_FREE: "Uncover the eyes, please.",
    Prompt.CAMERA_FAULT: "The camera does not work. The face is left out.",
    Prompt.MICROPHONE_FAULT: "The microphone does not work. Speech is left out.",
    Prompt.NO_FACE_GOING_ON: "No face was found. Going on without it.",
    Prompt.FINISHED: "Finished. Thank you.",
    Prompt.CANCELLED: "Cancelled.",
    Prompt.ED_HAS_IT: "The emergency department has the report.",
    Prompt.ED_HAS_SEEN_IT: "A clinician has seen the report.",
}

WORDS_A_SECOND = 2.8
PAUSE_S = 0.4


def words_of(prompt: str) -> str:
    """The text of the prompt with this key.

    Raises:
        NoSuchPrompt: nothing is written for it.
    """
    try:
        return ENGLISH[Prompt(prompt)]
    except ValueError as error:
        raise NoSuchPrompt(
            f"no words for the prompt {prompt!r}; add it to the catalogue"
        ) from error


def spoken_s(prompt: str) -> float:
    """How long the prompt takes to say at a calm pace, with a pause after it, in seconds."""
    return len(words_of(prompt).split()) / WORDS_A_SECOND + PAUSE_S
