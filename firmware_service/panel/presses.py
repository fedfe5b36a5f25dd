"""From a bouncing contact to presses: short, double, long, and a button that is stuck. Pure.

Times are seconds on the capture clock. A contact counts only once it has rested for `DEBOUNCE_S`,
so that bouncing, a brush of the sleeve and radio interference are no presses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from firmware_service.ports import Press

DEBOUNCE_S = 0.03
DOUBLE_S = 0.4
"""After a release: a second press that begins within this makes a double; gloves are slow."""
LONG_S = 1.2
STUCK_S = 10.0


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of the button: the contact as it is, and as it counts.

    `raw` is how the contact stood when last looked at, since `raw_since`; `down` how it counts,
    since `since`. `clicks` have ended and not been told. `told` means that this hold has been told
    as a long press, or began before the device did; `stuck` that no hand means to hold so long.
    """

    raw: bool
    raw_since: float
    down: bool
    since: float
    clicks: int = 0
    told: bool = False
    stuck: bool = False

    @classmethod
    def at_start(cls, raw: bool, now: float) -> Contact:  # noqa: FBT001 - the contact itself
        """A button that is already held when the device starts means nothing until released."""
        return cls(raw, now, raw, now, told=raw)


def look(contact: Contact, raw: bool, now: float) -> tuple[Contact, tuple[Press, ...]]:  # noqa: FBT001
    """The contact stands like `raw` now: what counts from here on, and the presses it completes.

    To be called at every change of the contact, and again when `next_look` says.
    """
    contact, settled = _settle(contact, now)
    contact, timed = _time_out(contact, now)
    if raw != contact.raw:
        contact = replace(contact, raw=raw, raw_since=now)
    return contact, settled + timed


def next_look(contact: Contact) -> float | None:
    """When `look` must be called even if the contact does not change; None for never."""
    due = []
    if contact.raw != contact.down:
        due.append(contact.raw_since + DEBOUNCE_S)
    if contact.down and not contact.told:
        due.append(contact.since + LONG_S)
    if not contact.down and contact.clicks and not contact.raw:
        due.append(contact.since + DOUBLE_S)
    if contact.down and contact.told and not contact.stuck:
        due.append(contact.since + STUCK_S)
    return min(due, default=None)


def _settle(contact: Contact, now: float) -> tuple[Contact, tuple[Press, ...]]:
    """Let a contact that has rested long enough count."""
    if contact.raw == contact.down or now < contact.raw_since + DEBOUNCE_S:
        return contact, ()
    if contact.raw:
        return replace(contact, down=True, since=contact.raw_since), ()
    clicks = 0 if contact.told else contact.clicks + 1
    up = replace(contact, down=False, since=contact.raw_since, clicks=clicks)
    up = replace(up, told=False, stuck=False)
    if clicks < 2:
        return up, ()
    return replace(up, clicks=0), (Press.DOUBLE,)


def _time_out(contact: Contact, now: float) -> tuple[Contact, tuple[Press, ...]]:
    if contact.down and not contact.told and now >= contact.since + LONG_S:
        return replace(contact, told=True, clicks=0), (Press.LONG,)
    if contact.down and now >= contact.since + STUCK_S:
        return replace(contact, stuck=True), ()
    second_begins = contact.raw and not contact.down
    over = now >= contact.since + DOUBLE_S and not second_begins
    if not contact.down and contact.clicks and over:
        return replace(contact, clicks=0), (Press.SHORT,)
    return contact, ()
