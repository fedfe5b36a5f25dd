"""Patients do what they are asked, as well as they can, the same way every time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from firmware_service.ports import EndOfRecording
from firmware_service.simulate.camera import SimulatedCamera
from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.simulate.scenarios import Palsy, scenario
from firmware_service.simulate.state import HalfTruth
from firmware_service.types import HeadPose, Side, Task

ASKED_AT = 2.0
HELD_AT = 3.6


@cache
def patient(name: str, task: Task | None = None) -> SimulatedPatient:
    made = SimulatedPatient.load(name)
    if task is not None:
        made.asked(task, ASKED_AT)
        made.relaxed(5.0)
    return made


def halves(name: str, task: Task | None, at: float) -> tuple[HalfTruth, HalfTruth]:
    truth = patient(name, task).render(at, 0)[1]
    return truth.halves[Side.LEFT], truth.halves[Side.RIGHT]


def test_the_healthy_smile_is_even_and_goes_back_to_rest() -> None:
    left, right = halves("healthy", Task.SMILE, HELD_AT)
    assert left.commissure_up_mm > 6
    assert left.commissure_up_mm == pytest.approx(right.commissure_up_mm, abs=0.1)
    assert left.commissure_lateral_mm == pytest.approx(right.commissure_lateral_mm, abs=0.1)
    for at in (1.9, 6.5):
        assert abs(halves("healthy", Task.SMILE, at)[0].commissure_up_mm) < 0.1


def test_nobody_moves_before_the_reaction_time() -> None:
    asked = patient("healthy", Task.SMILE)
    assert asked.state(ASKED_AT + 0.45).left.smile_mm == 0.0
    assert 0.5 < asked.state(ASKED_AT + 0.75).left.smile_mm < 8.5
    assert asked.state(ASKED_AT + 1.0).left.smile_mm > 8.5


@pytest.mark.parametrize(("name", "weak"), [("left-droop", Side.LEFT), ("right-droop", Side.RIGHT)])
def test_a_central_palsy_takes_the_mouth_and_spares_the_forehead(name: str, weak: Side) -> None:
    rest = dict(zip(Side, halves(name, None, 1.0), strict=True))
    smile = dict(zip(Side, halves(name, Task.SMILE, HELD_AT), strict=True))
    brows = dict(zip(Side, halves(name, Task.BROWS, HELD_AT), strict=True))
    assert rest[weak].commissure_up_mm < -4
    assert abs(rest[weak.other].commissure_up_mm) < 0.1
    excursion = {s: smile[s].commissure_up_mm - rest[s].commissure_up_mm for s in Side}
    assert excursion[weak] < 0.3 * excursion[weak.other]
    assert brows[weak].brow_up_mm > 0.9 * brows[weak.other].brow_up_mm > 5


def test_bells_palsy_takes_the_whole_half() -> None:
    rest, brows, eyes = (
        halves("bells-palsy", task, HELD_AT) for task in (None, Task.BROWS, Task.EYES)
    )
    assert rest[0].commissure_up_mm < -4
    assert brows[0].brow_up_mm - rest[0].brow_up_mm < 1
    assert brows[1].brow_up_mm > 5
    assert eyes[1].fissure_mm < 0.6
    assert eyes[0].fissure_mm > 4


def test_who_does_not_perform_hardly_moves() -> None:
    left, right = halves("not-performed", Task.SMILE, HELD_AT)
    assert max(left.commissure_up_mm, right.commissure_up_mm) < 1


def test_the_patient_blinks_every_few_seconds_and_only_shortly() -> None:
    closure = np.array([patient("healthy").state(i / 50).left.closure for i in range(3000)])
    starts = np.flatnonzero(np.diff((closure > 0.5).astype(int)) == 1)
    assert 8 <= len(starts) <= 30
    assert (closure > 0.5).mean() < 0.08


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    one, same, other = (SimulatedPatient.load("left-droop", seed) for seed in (7, 7, 8))
    for made in (one, same, other):
        made.asked(Task.SMILE, 0.5)
    pictures = [made.render(1.5, 37)[0].tobytes() for made in (one, same, other)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_what_was_seen_does_not_change_with_what_is_asked_later() -> None:
    made = SimulatedPatient.load("healthy")
    before = made.render(1.0, 25)[0]
    made.asked(Task.SMILE, 1.0)
    assert np.array_equal(made.render(1.0, 25)[0], before)
    assert not np.array_equal(made.render(2.5, 25)[0], before)


def test_the_camera_gives_every_frame_in_order_and_its_truth() -> None:
    camera = SimulatedCamera(patient("healthy", Task.SMILE), rate_hz=25.0, duration_s=0.2)
    frames = [camera.read() for _ in range(5)]
    assert [frame.seq for frame in frames] == list(range(5))
    assert [frame.captured_at for frame in frames] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
    with pytest.raises(EndOfRecording):
        camera.read()
    smiling = camera.truth_of(round(HELD_AT * 25)).halves[Side.LEFT]
    assert smiling.commissure_up_mm > 6


def test_a_cover_hides_a_droop_completely() -> None:
    covered = scenario("mask")
    well = SimulatedPatient(replace(covered, face=Palsy()))
    ill = SimulatedPatient(covered)
    (one, truth), (other, _) = well.render(1.0, 25), ill.render(1.0, 25)
    x, y = np.rint(truth.points[[61, 0, 291, 17]]).astype(int).T
    assert np.abs(one[y, x].astype(int) - other[y, x].astype(int)).max() <= 1
    clear = replace(covered, ambulance=scenario("clear-mask").ambulance)
    through = SimulatedPatient(clear).render(1.0, 25)[0]
    free = SimulatedPatient(replace(clear, face=Palsy())).render(1.0, 25)[0]
    assert np.abs(through.astype(int) - free.astype(int)).max() > 10


def test_the_dark_is_dark_and_noisy() -> None:
    night = patient("dark").render(1.0, 25)[0].astype(float)
    day = patient("mask").render(1.0, 25)[0].astype(float)
    assert night.mean() < 0.2 * day.mean()
    next_night = patient("dark").render(1.0, 26)[0].astype(float)
    assert 3 < (night - next_night).std() < 8


def test_side_light_leaves_the_patients_left_lit() -> None:
    image, truth = patient("side-light").render(1.0, 25)
    plain = patient("healthy").render(1.0, 25)[0]
    ratio = image.mean(axis=2) / np.maximum(plain.mean(axis=2), 1)
    x, y = np.rint(truth.points[[50, 280]]).astype(int).T
    right, left = (
        ratio[cy - 5 : cy + 5, cx - 5 : cx + 5].mean() for cx, cy in zip(x, y, strict=True)
    )
    assert right < 0.75
    assert left > 0.85


def test_a_frozen_camera_repeats_its_picture() -> None:
    made = patient("frozen", Task.SMILE)
    assert np.array_equal(made.render(1.5, 37)[0], made.render(4.0, 100)[0])
    assert not np.array_equal(made.render(0.5, 12)[0], made.render(0.9, 22)[0])


def test_vibration_shakes_the_picture_and_the_truth_with_it() -> None:
    calm, rough = (
        np.array([patient(name).render(1 + i / 25, i)[1].points[4] for i in range(25)])
        for name in ("left-droop", "vibration")
    )
    assert np.diff(rough[:, 1]).std() > 3 * np.diff(calm[:, 1]).std()


def test_the_turned_patient_looks_to_her_left() -> None:
    pose = patient("turned").state(1.0).pose
    assert isinstance(pose, HeadPose)
    assert pose.yaw_deg == pytest.approx(25, abs=3)


def test_an_empty_stretcher_has_no_face_and_no_truth_about_one() -> None:
    truth = patient("nobody").render(1.0, 25)[1]
    assert not truth.face_visible
    assert truth.halves == {}


def test_the_second_face_stands_at_the_patients_left() -> None:
    alone = SimulatedPatient(
        replace(scenario("second-face"), ambulance=scenario("glasses").ambulance)
    )
    pair = patient("second-face").render(1.0, 25)[0].astype(int)
    changed = np.abs(pair - alone.render(1.0, 25)[0].astype(int)).max(axis=2) > 12
    columns = np.flatnonzero(changed.any(axis=0))
    assert changed.mean() > 0.05
    assert columns.min() > 330
