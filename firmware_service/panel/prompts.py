"""The words of every prompt, short and calm, in each language, and how long they take to say."""

from __future__ import annotations

import functools
import gettext
from enum import StrEnum
from pathlib import Path

from firmware_service.panel.errors import NoSuchPrompt
from firmware_service.screen.protocol import Prompt
from firmware_service.types import ArmDrift

LOCALE = Path(__file__).with_name("locale")
DOMAIN = "prompts"


class Language(StrEnum):
    """The languages that the device speaks, in the order in which the button steps through."""

    ENGLISH = "en"
    SPANISH = "es"
    GERMAN = "de"
    FRENCH = "fr"
    TURKISH = "tr"
    MANDARIN = "zh"


class Announcement(StrEnum):
    """What the panel itself says, beside the prompts of the screen."""

    ARMS_NONE = "arms-none"
    ARMS_LEFT = "arms-left"
    ARMS_RIGHT = "arms-right"
    ARMS_BOTH = "arms-both"
    ARMS_CANNOT_TEST = "arms-cannot-test"
    ENTERED = "entered"
    LANGUAGE = "language"
    BUTTON_STUCK = "button-stuck"


ARMS_SAID: dict[ArmDrift, Announcement] = {
    ArmDrift.NONE: Announcement.ARMS_NONE,
    ArmDrift.LEFT: Announcement.ARMS_LEFT,
    ArmDrift.RIGHT: Announcement.ARMS_RIGHT,
    ArmDrift.BOTH: Announcement.ARMS_BOTH,
    ArmDrift.CANNOT_TEST: Announcement.ARMS_CANNOT_TEST,
}

ENGLISH: dict[Prompt | Announcement, str] = {
    Prompt.POSITION: "Please look at the camera.",
    Prompt.REST: "Relax your face and look here.",
    Prompt.SMILE: "Smile wide, show your teeth, and hold it.",
    Prompt.BROWS: "Raise your eyebrows and hold them up.",
    Prompt.EYES: "Close your eyes and keep them closed.",
    Prompt.PHRASE: "Please repeat: The sky is blue in Cincinnati.",
    Prompt.ARMS: "Hold out both arms, palms up, eyes closed, for ten seconds.",
    Prompt.ENTER_ARMS: "Arms down. Press until you hear what they did.",
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
    Announcement.ARMS_NONE: "No drift.",
    Announcement.ARMS_LEFT: "The patient's left arm.",
    Announcement.ARMS_RIGHT: "The patient's right arm.",
    Announcement.ARMS_BOTH: "Both arms.",
    Announcement.ARMS_CANNOT_TEST: "Cannot be tested.",
    Announcement.ENTERED: "Noted.",
    Announcement.LANGUAGE: "English.",
    Announcement.BUTTON_STUCK: "The button is stuck.",
}

WORDS_A_SECOND = 2.8
PAUSE_S = 0.4


def words_of(prompt: str, language: Language = Language.ENGLISH) -> str:
    """The text of the prompt with this key.

    Raises:
        NoSuchPrompt: nothing is written for it.
    """
    english = {key.value: words for key, words in ENGLISH.items()}.get(prompt)
    if english is None:
        raise NoSuchPrompt(f"no words for the prompt {prompt!r}; add it to the catalogue")
    return _catalogue(language).pgettext(prompt, english)


def spoken_s(prompt: str) -> float:
    """How long the prompt takes to say in English at a calm pace and a pause after it, in s."""
    return len(words_of(prompt).split()) / WORDS_A_SECOND + PAUSE_S


@functools.cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [language.value])
