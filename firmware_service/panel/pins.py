"""What the panel needs of a board's pins, whatever library drives them."""

from __future__ import annotations

from typing import Protocol


class Switch(Protocol):
    """A contact that closes while the button is held."""

    @property
    def closed_contact(self) -> bool:
        """Whether the contact is closed now."""
        ...

    def wait(self, timeout_s: float | None) -> None:
        """Return at the next change of the contact, after `timeout_s`, or when woken."""
        ...

    def wake(self) -> None:
        """From any thread: let who waits go on."""
        ...

    def close(self) -> None:
        """Free the pin, once nobody waits any more; calling it twice is allowed."""
        ...


class ColourPins(Protocol):
    """A red, a green and a blue light behind one window."""

    def put(self, red: float, green: float, blue: float) -> None:
        """Set the brightness of each, 0…1; pins that cannot dim switch at half."""
        ...

    def close(self) -> None:
        """Switch off and free the pins; calling it twice is allowed."""
        ...
