"""Typed settings: a TOML file, overridden by HOSPITAL_… environment variables, and nothing unknown.

`HOSPITAL_BROKER__PORT=1884` overrides `port` in `[broker]`. Secrets are files, named by path;
under systemd a path may point into `$CREDENTIALS_DIRECTORY`, written as `%d` or `%d/name`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from firmware_service.wire.v1 import Name
from hospital_service.errors import SettingsError

PREFIX = "HOSPITAL_"
SETTINGS_VARIABLE = "HOSPITAL_SETTINGS"
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h


def _credential(path: object) -> object:
    """A path in which a leading %d stands for systemd's credentials directory."""
    if isinstance(path, str) and (path == "%d" or path.startswith("%d/")):
        return Path(os.environ.get("CREDENTIALS_DIRECTORY", ".")) / path[3:]
    return path


CredentialPath = Annotated[Path, BeforeValidator(_credential)]


class Section(BaseModel):
    """One table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerSettings(Section):
    """Where the broker is and how it is spoken to.

    `auto` asks for MQTT 5 and falls back to 3.1.1 where the broker does not answer to it.
    """

    host: str = "127.0.0.1"
    port: int = Field(1883, ge=1, le=65535)
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    keepalive_s: int = Field(15, ge=1, le=300)
    username: str | None = None
    password_file: CredentialPath | None = None
    ca_file: CredentialPath | None = None
    certificate_file: CredentialPath | None = None
    certificate_key_file: CredentialPath | None = None


class Settings(Section):
    """Everything that a receiver can be told before it starts."""

    agency: Name = "demo-agency"
    site: Name = "demo-ed"
    state_dir: Path = Path("/var/lib/stroke-hospital")
    database: str | None = Field(None, description="SQLAlchemy URL; SQLite in state_dir if absent")
    keys_dir: CredentialPath = Path("/etc/stroke-hospital/keys")
    units_dir: Path = Path("/etc/stroke-hospital/units")
    out_dir: Path | None = Field(
        None, description="where report files go; none are written if absent"
    )
    broker: BrokerSettings = BrokerSettings()

    @property
    def database_url(self) -> str:
        """Where the database is, as SQLAlchemy writes it."""
        return self.database or f"sqlite:///{self.state_dir / 'hospital.sqlite3'}"


def load(
    path: Path | None, environment: Mapping[str, str], overrides: Mapping[str, str] | None = None
) -> Settings:
    """The settings of `path`, overridden by the environment, then by `overrides` (dotted keys).

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or wrong.
    """
    tree = _read_toml(path) if path is not None else {}
    for name, value in environment.items():
        if name.startswith(PREFIX) and name != SETTINGS_VARIABLE:
            _put(tree, name[len(PREFIX) :].lower().split("__"), value, name)
    for key, value in (overrides or {}).items():
        _put(tree, key.split("."), value, key)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(_one_line(error.errors()[0])) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from None


def _put(tree: dict[str, Any], keys: list[str], value: str, name: str) -> None:
    for key in keys[:-1]:
        branch = tree.setdefault(key, {})
        if not isinstance(branch, dict):
            raise SettingsError(f"{name}: {key} is not a table of settings")
        tree = branch
    tree[keys[-1]] = value


def _one_line(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return f"setting {where}: {error['msg']} (it is {error['input']!r})"
    section: type[BaseModel] = Settings
    for part in error["loc"][:-1]:
        annotation = section.model_fields[str(part)].annotation
        section = annotation if isinstance(annotation, type) else section
    near = difflib.get_close_matches(str(error["loc"][-1]), section.model_fields, n=1)
    known = f"; known are {', '.join(section.model_fields)}"
    return f"setting {where} is unknown" + (f"; did you mean {near[0]}?" if near else known)
