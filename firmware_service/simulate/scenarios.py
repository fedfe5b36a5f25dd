"""The patients of scenarios.toml, read strictly: an unknown name or key is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from firmware_service.ports import DeviceError
from firmware_service.simulate.ambulance import Conditions
from firmware_service.simulate.portrait import Sitter
from firmware_service.simulate.voice import Phrase, Talker, Voice
from firmware_service.types import ArmDrift, Level, Side

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

STRICT = ConfigDict(extra="forbid")


class SimulationError(DeviceError):
    """A simulated patient could not be made."""


class UnknownPatient(SimulationError):
    """No scenario has this name."""


class BadScenario(SimulationError):
    """scenarios.toml holds something that is not a scenario."""


@dataclass(frozen=True, slots=True)
class Palsy:
    """What is lost on one side; a ratio is the part of the healthy movement that is left.

    `performs` is how fully the patient carries out what is asked, on both sides.
    """

    __pydantic_config__ = STRICT

    side: Side | None = None
    droop_mm: float = 0.0
    smile_ratio: float = 1.0
    brow_ratio: float = 1.0
    brow_droop_mm: float = 0.0
    closure_ratio: float = 1.0
    lower_lid_droop_mm: float = 0.0
    performs: float = 1.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What a screen that measures everything should say; `weaker_side` None when nothing is."""

    __pydantic_config__ = STRICT

    face: Level
    speech: Level
    arm: Level
    weaker_side: Side | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated patient, before anybody asks anything."""

    __pydantic_config__ = STRICT

    name: str
    summary: str
    portrait: Sitter
    expect: Expected
    voice: Voice = Voice.NORMAL
    talker: Talker = Talker.ADA
    phrase: Phrase = Phrase.OLD_DOG
    arms: ArmDrift = ArmDrift.NONE
    face: Palsy = field(default_factory=Palsy)
    ambulance: Conditions = field(default_factory=Conditions)


_SCENARIO = TypeAdapter(Scenario)


def scenario_names() -> tuple[str, ...]:
    """Every patient there is, in the file's order."""
    return tuple(_table())


def scenario(name: str) -> Scenario:
    """The scenario of this name.

    Raises:
        UnknownPatient: there is none; the message suggests the nearest.
        BadScenario: the file has an unknown or unfit key.
    """
    table = _table()
    if name not in table:
        near = get_close_matches(name, table, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(table)}"
        raise UnknownPatient(f"no simulated patient {name!r}; {hint}")
    return read_scenario(name, table[name])


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = (resources.files("firmware_service.simulate") / "scenarios.toml").read_text("utf-8")
    return tomllib.loads(text)


def read_scenario(name: str, table: Mapping[str, object]) -> Scenario:
    """A scenario out of its table.

    Raises:
        BadScenario: an unknown key (the message suggests the nearest) or a value that does not fit.
    """
    try:
        return _SCENARIO.validate_python({"name": name, **table})
    except ValidationError as refused:
        first = refused.errors()[0]
        where = ".".join([name, *map(str, first["loc"])])
        raise BadScenario(f"scenarios.toml {where}: {_complaint(first)}") from refused


def _complaint(error: ErrorDetails) -> str:
    if error["type"] != "unexpected_keyword_argument":
        return error["msg"]
    kinds = (Scenario, Palsy, Conditions, Expected)
    known = [f.name for kind in kinds for f in fields(kind)]
    near = get_close_matches(str(error["loc"][-1]), known, n=1)
    return f"unknown key; did you mean {near[0]!r}?" if near else "unknown key; remove it"
