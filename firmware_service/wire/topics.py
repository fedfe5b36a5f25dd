"""Every topic of the wire, typed: `str(topic)` builds it, `parse` reads it back.

Names are lower-case letters, digits and hyphens, so no level can hold a slash or a wildcard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from firmware_service.wire.errors import ForeignTopic, TopicError, UnknownVersion

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
ULID_PATTERN = r"^[0-9A-HJKMNP-TV-Z]{26}$"
ROOT = "stroke"
VERSION = "v1"
ED = "ed"
"""The level that names a receiver; therefore no unit may be called so."""

_NAME = re.compile(NAME_PATTERN.strip("^$"))
_ULID = re.compile(ULID_PATTERN.strip("^$"))


def _name(value: str, what: str) -> None:
    if _NAME.fullmatch(value) is None:
        raise TopicError(f"{what} {value!r} is not a name; use a-z, 0-9 and '-', at most 63")


def _ulid(value: str, what: str) -> None:
    if _ULID.fullmatch(value) is None:
        raise TopicError(f"{what} {value!r} is not a ULID")


@dataclass(frozen=True, slots=True)
class _OfUnit:
    """The levels shared by all topics of a unit."""

    agency: str
    unit: str

    def __post_init__(self) -> None:
        _name(self.agency, "agency")
        _name(self.unit, "unit")
        if self.unit == ED:
            raise TopicError(f"unit {ED!r} is reserved for receivers; give the unit another name")

    @property
    def _prefix(self) -> str:
        return f"{ROOT}/{VERSION}/{self.agency}/{self.unit}"


@dataclass(frozen=True, slots=True)
class UnitStatusTopic(_OfUnit):
    """The retained birth or will of a unit."""

    def __str__(self) -> str:
        return f"{self._prefix}/status/unit"


@dataclass(frozen=True, slots=True)
class HealthTopic(_OfUnit):
    """The unit's health; no patient data."""

    def __str__(self) -> str:
        return f"{self._prefix}/status/health"


@dataclass(frozen=True, slots=True)
class TwinTopic(_OfUnit):
    """One retained part of what the unit says about itself: hardware, software, models, config."""

    name: str

    def __post_init__(self) -> None:
        _OfUnit.__post_init__(self)
        _name(self.name, "twin")

    def __str__(self) -> str:
        return f"{self._prefix}/twin/{self.name}"


class ScreenPart(StrEnum):
    """What a unit says about a screen; the word is the topic's last level and the kind inside."""

    STATE = "state"
    SIGNAL = "signal"
    REPORT = "report"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True)
class ScreenTopic(_OfUnit):
    """Unit to hospital, about one screen; never retained."""

    screen_id: str
    part: ScreenPart

    def __post_init__(self) -> None:
        _OfUnit.__post_init__(self)
        _ulid(self.screen_id, "screen")

    def __str__(self) -> str:
        return f"{self._prefix}/screen/{self.screen_id}/{self.part}"


@dataclass(frozen=True, slots=True)
class ReceiptTopic(_OfUnit):
    """Hospital to unit: stored, or seen."""

    screen_id: str

    def __post_init__(self) -> None:
        _OfUnit.__post_init__(self)
        _ulid(self.screen_id, "screen")

    def __str__(self) -> str:
        return f"{self._prefix}/screen/{self.screen_id}/receipt"


@dataclass(frozen=True, slots=True)
class CommandTopic(_OfUnit):
    """One command to a unit and its answers."""

    name: str
    command_id: str

    def __post_init__(self) -> None:
        _OfUnit.__post_init__(self)
        _name(self.name, "command")
        _ulid(self.command_id, "command id")

    def __str__(self) -> str:
        return f"{self._prefix}/cmd/{self.name}/{self.command_id}"


@dataclass(frozen=True, slots=True)
class ConfigTopic(_OfUnit):
    """The retained configuration that the unit should take on."""

    def __str__(self) -> str:
        return f"{self._prefix}/config/desired"


@dataclass(frozen=True, slots=True)
class EdStatusTopic:
    """The retained birth or will of a receiver: "ED online"."""

    agency: str
    site: str

    def __post_init__(self) -> None:
        _name(self.agency, "agency")
        _name(self.site, "site")

    def __str__(self) -> str:
        return f"{ROOT}/{VERSION}/{self.agency}/{ED}/{self.site}/status"


Topic: TypeAlias = (
    UnitStatusTopic
    | HealthTopic
    | TwinTopic
    | ScreenTopic
    | ReceiptTopic
    | CommandTopic
    | ConfigTopic
    | EdStatusTopic
)


def parse(topic: str, *, agency: str | None = None, unit: str | None = None) -> Topic:
    """Read a topic; with `agency` and `unit`, only one that belongs to them.

    Raises:
        UnknownVersion: the root is ours but the major version is not 1.
        ForeignTopic: it belongs to another agency or unit.
        TopicError: it is none of ours: other root or shape, wildcard, empty or ill-named level.
    """
    levels = topic.split("/")
    if levels[0] != ROOT or len(levels) < 5:
        raise TopicError(f"topic {topic!r:.200} is not below {ROOT}/{VERSION}/<agency>/…")
    if levels[1] != VERSION:
        raise UnknownVersion(f"topic {topic!r:.200} is not {VERSION}; update this program")
    found = _read_ed(levels) if levels[3] == ED else _read_unit(levels)
    if found is None:
        raise TopicError(f"topic {topic!r:.200} is not one of version 1")
    if agency is not None and found.agency != agency:
        raise ForeignTopic(f"topic {topic!r:.200} belongs to agency {found.agency!r}")
    if unit is not None and getattr(found, "unit", None) != unit:
        raise ForeignTopic(f"topic {topic!r:.200} does not belong to unit {unit!r}")
    return found


def _read_ed(levels: list[str]) -> Topic | None:
    match levels[2:]:
        case [agency, _, site, "status"]:
            return EdStatusTopic(agency, site)
    return None


_PARTS = frozenset(ScreenPart)


def _read_unit(levels: list[str]) -> Topic | None:  # noqa: PLR0911 - one return a topic
    agency, unit = levels[2], levels[3]
    match levels[4:]:
        case ["status", "unit"]:
            return UnitStatusTopic(agency, unit)
        case ["status", "health"]:
            return HealthTopic(agency, unit)
        case ["twin", name]:
            return TwinTopic(agency, unit, name)
        case ["screen", screen_id, "receipt"]:
            return ReceiptTopic(agency, unit, screen_id)
        case ["screen", screen_id, part] if part in _PARTS:
            return ScreenTopic(agency, unit, screen_id, ScreenPart(part))
        case ["cmd", name, command_id]:
            return CommandTopic(agency, unit, name, command_id)
        case ["config", "desired"]:
            return ConfigTopic(agency, unit)
    return None


def kind_said_on(topic: Topic) -> str | None:
    """The kind of document that belongs on this topic; None where v1 has not fixed one yet."""
    match topic:
        case ScreenTopic(part=part):
            return part.value
        case ReceiptTopic():
            return "receipt"
        case UnitStatusTopic():
            return "unit-status"
        case EdStatusTopic():
            return "ed-status"
        case _:
            return None


def hospital_filters(agency: str) -> tuple[str, ...]:
    """What a hospital subscribes to, to hear every unit of one agency and no receipt."""
    _name(agency, "agency")
    units = f"{ROOT}/{VERSION}/{agency}/+"
    return (*(f"{units}/screen/+/{part}" for part in ScreenPart), f"{units}/status/unit")


def receipt_filter(agency: str, unit: str) -> str:
    """What a unit subscribes to, to hear the receipts for all its screens."""
    return f"{_OfUnit(agency, unit)._prefix}/screen/+/receipt"  # noqa: SLF001 - same module


def ed_status_filter(agency: str) -> str:
    """What a unit subscribes to, to know whether any receiver of its agency is online."""
    _name(agency, "agency")
    return f"{ROOT}/{VERSION}/{agency}/{ED}/+/status"
