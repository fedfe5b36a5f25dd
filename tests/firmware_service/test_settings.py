from pathlib import Path

import pytest

from firmware_service.settings import SettingsError, load


def test_environment_overrides_file(tmp_path: Path) -> None:
    file = tmp_path / "unit.toml"
    file.write_text('unit = "medic-7"\n[camera]\nindex = 1\nwidth = 1280\n')
    settings = load(file, {"STROKE_CAMERA__INDEX": "2", "STROKE_DATA": "/elsewhere", "HOME": "/"})
    assert settings.unit == "medic-7"
    assert settings.camera.index == 2
    assert settings.camera.width == 1280


def test_a_microphones_number_is_a_number_from_the_environment_too() -> None:
    assert load(None, {"STROKE_MICROPHONE__DEVICE": "2"}).microphone.device == 2
    assert load(None, {"STROKE_MICROPHONE__DEVICE": "USB 2"}).microphone.device == "USB 2"


def test_unknown_key_is_named_with_the_near_one(tmp_path: Path) -> None:
    file = tmp_path / "unit.toml"
    file.write_text("[camera]\nwidht = 640\n")
    with pytest.raises(SettingsError, match=r"camera\.widht is unknown; did you mean width\?"):
        load(file, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('unit = "Medic Seven"', "setting unit"),
        ("[camera]\nindex = -1", r"setting camera\.index"),
        ("unit = ", "is not valid TOML"),
    ],
)
def test_a_wrong_value_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "unit.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        load(file, {})
    assert "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml: cannot be read"):
        load(tmp_path / "absent.toml", {})


def test_credentials_directory_is_filled_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/stroke")
    file = tmp_path / "unit.toml"
    file.write_text('signing_key_file = "%d/unit.key"')
    assert load(file, {}).signing_key_file == Path("/run/credentials/stroke/unit.key")
