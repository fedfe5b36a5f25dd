"""Every light: it shows each state, and a state shown again is no new one."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from firmware_service.panel.light import LOOKS, LogLight, TerminalLight
from firmware_service.ports import Lamp, Light


def log() -> tuple[Light, Callable[[], list[str]]]:
    light = LogLight()
    return light, lambda: [LOOKS[lamp].words for lamp in light.shown]


def terminal() -> tuple[Light, Callable[[], list[str]]]:
    out = io.StringIO()
    return TerminalLight(out), lambda: [
        line.split(": ", 1)[1] for line in out.getvalue().splitlines()
    ]


@pytest.mark.parametrize("make", [log, terminal])
def test_every_state_is_shown_in_order_and_once(
    make: Callable[[], tuple[Light, Callable[[], list[str]]]],
) -> None:
    light, shown = make()
    for lamp in Lamp:
        light.show(lamp)
        light.show(lamp)
    assert shown() == [LOOKS[lamp].words for lamp in Lamp]
