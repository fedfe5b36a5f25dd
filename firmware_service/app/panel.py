"""The panel of this unit as its settings describe it: button, light and voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import structlog

from firmware_service.app.entry import Voice
from firmware_service.panel.chimes import ChimingLight
from firmware_service.panel.errors import PanelError
from firmware_service.panel.gpio import GpioButton, GpioLight
from firmware_service.panel.keyboard import HELP, KeyboardButton
from firmware_service.panel.light import TerminalLight
from firmware_service.panel.pins import ColourPins, Switch
from firmware_service.panel.player import AplayPlayer
from firmware_service.panel.prompts import Language
from firmware_service.panel.speaker import TextSpeaker, VoiceSpeaker
from firmware_service.ports import Button, Clock, Light
from firmware_service.settings import PanelSettings
from firmware_service.types import ArmDrift

log = structlog.get_logger()

LANGUAGE_FILE = "language"


@dataclass(frozen=True, slots=True)
class Panel:
    """What the paramedic touches, sees and hears; `close` frees it all."""

    button: Button
    light: Light
    voice: Voice
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Hands:
    """Who hears, from the panel's threads: digits typed for the arms, a button that is stuck."""

    on_arms: Callable[[ArmDrift], None]
    on_stuck: Callable[[], None]


def open_panel(
    settings: PanelSettings,
    *,
    state_dir: Path,
    clock: Clock,
    keys: TextIO,
    out: TextIO,
    hands: Hands,
) -> Panel:
    """Open what the settings name.

    Raises:
        PanelError: a pin, a library or a recording is missing.
    """
    language = remembered_language(state_dir) or Language(settings.language)
    voice: TextSpeaker | VoiceSpeaker
    if settings.speaker == "voice":
        voice = VoiceSpeaker(AplayPlayer(settings.loudspeaker), clock, language, out)
    else:
        voice = TextSpeaker(out, clock, language)
    button, light, close_light = _button_and_light(settings, clock, keys, out, hands)
    shown = ChimingLight(light, voice) if isinstance(voice, VoiceSpeaker) else light

    def close() -> None:
        button.close()
        close_light()
        if isinstance(voice, VoiceSpeaker):
            voice.close()

    return Panel(button, shown, voice, close)


def remembered_language(state_dir: Path) -> Language | None:
    """The language last chosen by the button; None when none was, or the file makes no sense."""
    try:
        return Language((state_dir / LANGUAGE_FILE).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None


def remember_language(state_dir: Path, language: Language) -> None:
    """Keep the language over a restart; a full disk loses the choice and nothing else."""
    part = state_dir / f"{LANGUAGE_FILE}.part"
    try:
        part.write_text(f"{language.value}\n", encoding="utf-8")
        part.replace(state_dir / LANGUAGE_FILE)
    except OSError as error:
        log.warning("language not kept", why=error.strerror)


def _button_and_light(
    settings: PanelSettings,
    clock: Clock,
    keys: TextIO,
    out: TextIO,
    hands: Hands,
) -> tuple[Button, Light, Callable[[], None]]:
    if settings.pins == "none":
        keyboard = KeyboardButton(keys)
        keyboard.listen_arms(hands.on_arms)
        print(HELP, file=out, flush=True)
        return keyboard, TerminalLight(out), lambda: None
    try:
        switch, colours = _board(settings)
    except ImportError as error:
        raise PanelError(
            f"pins {settings.pins!r} need {error.name}: `pip install 'stroke-screen[pins]'`"
        ) from error
    light = GpioLight(colours, clock)
    return GpioButton(switch, clock, hands.on_stuck), light, light.close


def _board(settings: PanelSettings) -> tuple[Switch, ColourPins]:
    """The pins by the library of the board, which only a board has to have."""
    red, green, blue = settings.red, settings.green, settings.blue
    if settings.pins == "gpiod":
        from firmware_service.panel import gpiod_pins as gpiod  # noqa: PLC0415

        switch = gpiod.GpiodSwitch(settings.chip, settings.button)
        return switch, gpiod.GpiodColours(settings.chip, red, green, blue)
    from firmware_service.panel import gpiozero_pins as gpiozero  # noqa: PLC0415

    factory = gpiozero.raspberry_pi()
    return (
        gpiozero.GpiozeroSwitch(settings.button, factory),
        gpiozero.GpiozeroColours(red, green, blue, factory),
    )
