from __future__ import annotations

import pytest

from firmware_service.simulate.scenarios import (
    BadScenario,
    UnknownPatient,
    read_scenario,
    scenario,
    scenario_names,
)
from firmware_service.types import ArmDrift, Level, Side

LEAST = {
    "summary": "x",
    "portrait": "grace_hopper",
    "expect": {"face": "raised", "speech": "unknown", "arm": "not raised"},
}


@pytest.mark.parametrize("name", scenario_names())
def test_every_patient_in_the_file_can_be_read_and_agrees_with_itself(name: str) -> None:
    read = scenario(name)
    arms = {ArmDrift.NONE: Level.NOT_RAISED, ArmDrift.NOT_DONE: Level.UNKNOWN}
    assert read.expect.arm is arms.get(read.arms, Level.RAISED)
    if read.expect.face is Level.RAISED:
        assert read.face.side is read.expect.weaker_side is not None


def test_the_demos_patients_are_there() -> None:
    demo = {"healthy", "left-droop", "right-droop", "bells-palsy", "mask", "dark", "nobody"}
    assert demo <= set(scenario_names())
    assert scenario("left-droop").expect.weaker_side is Side.LEFT


def test_an_unknown_patient_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownPatient, match=r"'left-drop'.*did you mean 'left-droop'"):
        scenario("left-drop")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"portrate": "x"}, r"p\.portrate.*did you mean 'portrait'"),
        ({"face": {"drop_mm": 3.0}}, r"p\.face\.drop_mm.*did you mean 'droop_mm'"),
        ({"face": {"side": "links"}}, r"p\.face\.side.*'left' or 'right'"),
        ({"ambulance": {"light": "bright"}}, r"p\.ambulance\.light"),
        ({"expect": {"face": "raised"}}, r"p\.expect"),
    ],
)
def test_what_does_not_belong_in_a_scenario_is_refused_by_name(
    change: dict[str, object], said: str
) -> None:
    with pytest.raises(BadScenario, match=said):
        read_scenario("p", LEAST | change)
