"""How the panel fails."""

from __future__ import annotations

from firmware_service.ports import DeviceError


class PanelError(DeviceError):
    """A part of the panel cannot do what it was asked to."""


class NoSuchPrompt(PanelError):
    """There are no words for a prompt's key."""


class LoudspeakerFailed(PanelError):
    """A sound could not be played."""
