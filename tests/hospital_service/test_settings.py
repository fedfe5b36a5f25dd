from pathlib import Path

import pytest

from hospital_service.errors import SettingsError
from hospital_service.settings import load


def test_overrides_beat_environment_beats_file(tmp_path: Path) -> None:
    file = tmp_path / "ed.toml"
    file.write_text('site = "north"\n[broker]\nport = 1001\nhost = "mqtt.example"\n')
    environment = {"HOSPITAL_BROKER__PORT": "1002", "HOSPITAL_AGENCY": "county", "HOME": "/"}
    settings = load(file, environment, {"agency": "city"})
    assert settings.broker.port == 1002
    assert settings.broker.host == "mqtt.example"
    assert (settings.site, settings.agency) == ("north", "city")


def test_database_defaults_to_a_file_in_the_state_folder(tmp_path: Path) -> None:
    settings = load(None, {"HOSPITAL_STATE_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/hospital.sqlite3"
    assert load(None, {"HOSPITAL_DATABASE": "postgresql://ed@db/ed"}).database_url.endswith("db/ed")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"HOSPITAL_STIE": "x"}, r"setting stie is unknown; did you mean site\?"),
        ({"HOSPITAL_BROKER__PROT": "1"}, r"setting broker\.prot is unknown; did you mean port\?"),
        ({"HOSPITAL_XYZZY": "1"}, r"setting xyzzy is unknown; known are agency"),
        ({"HOSPITAL_SITE": "North Wing"}, "setting site"),
        ({"HOSPITAL_BROKER__PORT": "0"}, r"setting broker\.port"),
    ],
)
def test_a_wrong_setting_is_one_line(environment: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        load(None, environment)
    assert "\n" not in str(caught.value)


def test_credentials_directory_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/ed")
    assert load(None, {"HOSPITAL_KEYS_DIR": "%d"}).keys_dir == Path("/run/credentials/ed")
