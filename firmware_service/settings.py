"""Typed settings: a TOML file, overridden by STROKE_… environment variables, and nothing unknown.

`STROKE_CAMERA__INDEX=2` overrides `index` in `[camera]`. Secrets are files, named by path; under
systemd the paths may point into `$CREDENTIALS_DIRECTORY`, written as `%d/name`.
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

from firmware_service.ports import DeviceError
from firmware_service.wire.v1 import Name

PREFIX = "STROKE_"
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h


class SettingsError(DeviceError):
    """A setting is unknown, missing or wrong; the message names the key and the remedy."""


def _credential(path: object) -> object:
    """A path in which %d stands for systemd's credentials directory."""
    if isinstance(path, str) and path.startswith("%d/"):
        return Path(os.environ.get("CREDENTIALS_DIRECTORY", ".")) / path[3:]
    return path


CredentialPath = Annotated[Path, BeforeValidator(_credential)]


class Section(BaseModel):
    """One table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CameraSettings(Section):
    """Which camera, and the picture asked of it.

    `kind` is how it is reached: v4l2 (USB), libcamera (a Raspberry Pi's ribbon), argus (a Jetson's
    ribbon). `device` is a path that survives replugging, as /dev/v4l/by-id/…, instead of `index`.
    """

    kind: Literal["v4l2", "libcamera", "argus"] = "v4l2"
    index: int = Field(0, ge=0)
    device: str | None = None
    width: int = Field(640, ge=160, le=3840)
    height: int = Field(480, ge=120, le=2160)
    rate_hz: float = Field(30.0, gt=0, le=240)


def _number_or_name(device: object) -> object:
    """The environment has only text, and PortAudio takes "2" for a part of a name."""
    return int(device) if isinstance(device, str) and device.isdecimal() else device


class MicrophoneSettings(Section):
    """Which microphone, by PortAudio's name or number; none of either takes the default.

    `library` is what reads it: sounddevice or PyAudio.
    """

    library: Literal["sounddevice", "pyaudio"] = "sounddevice"
    device: Annotated[str | int | None, BeforeValidator(_number_or_name)] = None


class PanelSettings(Section):
    """The button, the light and the voice.

    `pins` is the library that drives them: gpiozero (BCM numbers of a Raspberry Pi), gpiod (lines
    of `chip`, as on a Jetson), or none for a keyboard and a terminal. `speaker` voice plays the
    recordings on ALSA's device `loudspeaker`; `language` is what it speaks until the button chose.
    """

    pins: Literal["none", "gpiozero", "gpiod"] = "none"
    chip: str = "/dev/gpiochip0"
    button: int = Field(17, ge=0)
    red: int = Field(22, ge=0)
    green: int = Field(23, ge=0)
    blue: int = Field(24, ge=0)
    speaker: Literal["text", "voice"] = "text"
    loudspeaker: str = "default"
    language: Literal["en", "es", "de", "fr", "tr", "zh"] = "en"


class FaceSettings(Section):
    """The face model's backend and its threads."""

    backend: Literal["onnx", "onnx-fp16", "tflite", "mediapipe"] = "onnx"


class BrokerSettings(Section):
    """Where the broker is and how it is spoken to."""

    host: str = "127.0.0.1"
    port: int = Field(1883, ge=1, le=65535)
    protocol: Literal["5", "3.1.1"] = "5"
    keepalive_s: int = Field(4, ge=1, le=300)
    username: str | None = None
    password_file: CredentialPath | None = None
    ca_file: CredentialPath | None = None
    certificate_file: CredentialPath | None = None
    certificate_key_file: CredentialPath | None = None


class Settings(Section):
    """Everything that a unit can be told before it starts."""

    agency: Name = "demo-agency"
    unit: Name = "demo-unit"
    site: Name = "demo-ed"
    state_dir: Path = Path("/var/lib/stroke-device")
    models_dir: Path = Path(__file__).resolve().parent.parent / "models"
    signing_key_file: CredentialPath = Path("/etc/stroke-device/unit.key")
    hospital_keys_dir: Path = Path("/etc/stroke-device/hospital")
    camera: CameraSettings = CameraSettings()
    microphone: MicrophoneSettings = MicrophoneSettings()
    panel: PanelSettings = PanelSettings()
    face: FaceSettings = FaceSettings()
    broker: BrokerSettings = BrokerSettings()


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of `path`, overridden by the environment; defaults where neither speaks.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or wrong.
    """
    tree = _read_toml(path) if path is not None else {}
    for name, value in environment.items():
        if name.startswith(PREFIX) and name not in {"STROKE_DATA", "STROKE_SETTINGS"}:
            _put(tree, name[len(PREFIX) :].lower().split("__"), value, name)
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
    section = Settings
    for part in error["loc"][:-1]:
        annotation = section.model_fields[str(part)].annotation
        section = annotation if isinstance(annotation, type) else section
    near = difflib.get_close_matches(str(error["loc"][-1]), section.model_fields, n=1)
    hint = (
        f"; did you mean {near[0]}?" if near else f"; known are {', '.join(section.model_fields)}"
    )
    return f"setting {where} is unknown{hint}"
