"""The tracker on scripted networks; with the real ones it runs in tests/contracts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.measure.points import RIGID
from firmware_service.measure.pose import MEAN_HEAD
from firmware_service.perceive.detections import ANCHORS
from firmware_service.perceive.mesh import Mesh
from firmware_service.perceive.track import COUNT_EVERY_S, HOLD_S, TrackedFace
from firmware_service.types import Frame, Landmarks

SIZE = 512
BACKGROUND = np.zeros((SIZE, SIZE, 3), np.uint8)
MESH_ON_CROP = 192 / 1.5  # the landmarks' box fills the crop but for its margin


def mean_mesh() -> NDArray[np.float32]:
    """478 points whose rigid ones are the mean head, upright in the middle of a crop."""
    points = np.zeros((478, 3))
    points[list(RIGID)] = MEAN_HEAD * (1, -1, -1)
    size = np.ptp(points[:, :2], axis=0).max()
    points *= MESH_ON_CROP / size
    points[:, :2] += 96 - (points[:, :2].max(axis=0) + points[:, :2].min(axis=0)) / 2
    return points.astype(np.float32)


MEAN_MESH = mean_mesh()


@dataclass(frozen=True)
class Person:
    """A face as the camera shows it: centre, box side (px), clockwise turn, detector's logits."""

    x: float
    y: float
    side: float
    quarters: int = 0
    logit: float = 3.0
    logit_at: dict[int, float] = field(default_factory=dict)
    has_face: bool = True


class Stage:
    """`Networks` that see the people on stage instead of pixels.

    Each person is painted as a grey block whose level is their number, so that what the crop
    and the letterbox show decides what is found.
    """

    def __init__(self, *people: Person) -> None:
        self.people = list(people)
        self.meshes = 0
        self.looks = 0

    def picture(self) -> NDArray[np.uint8]:
        image = BACKGROUND.copy()
        for number, person in enumerate(self.people, 1):
            half = person.side / 2
            rows = slice(max(int(person.y - half), 0), int(person.y + half))
            columns = slice(max(int(person.x - half), 0), int(person.x + half))
            image[rows, columns] = number * 60
            # the top quarter is brighter, so that a turned look can be told
            top = int(person.side / 4)
            edge = {
                0: (slice(rows.start, rows.start + top), columns),
                1: (rows, slice(columns.stop - top, columns.stop)),
                2: (slice(rows.stop - top, rows.stop), columns),
                3: (rows, slice(columns.start, columns.start + top)),
            }[person.quarters]
            image[edge] = number * 60 + 20
        return image

    def detect(
        self, tensor: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.looks += 1
        grey = np.rint((tensor[0, :, :, 0] + 1) * 127.5).astype(int)
        regressors, logits = np.zeros((896, 16), np.float32), np.full(896, -20, np.float32)
        for number, person in enumerate(self.people, 1):
            body = (grey == number * 60) | (grey == number * 60 + 20)
            if not body.any() or not person.has_face:
                continue
            rows, columns = np.nonzero(body)
            low = np.array([columns.min(), rows.min()])
            high = np.array([columns.max(), rows.max()]) + 1
            head = np.argwhere(grey == number * 60 + 20).mean(axis=0)[::-1] + 0.5
            middle = (low + high) / 2
            up = head - middle
            across = np.array([-up[1], up[0]]) / np.linalg.norm(up)
            seen_turned = round(math.atan2(across[1], across[0]) / (math.pi / 2)) % 4
            anchor = 100 * number
            pairs = np.zeros((8, 2))
            pairs[0] = middle / 128 - ANCHORS[anchor]
            pairs[1] = (high - low) / 128
            pairs[2], pairs[3] = pairs[0] - across * 0.05, pairs[0] + across * 0.05
            regressors[anchor] = (pairs * 128).ravel()
            logits[anchor] = person.logit_at.get(seen_turned, person.logit - 2 * (seen_turned != 0))
        return regressors, logits

    def find_mesh(self, tensor: NDArray[np.float32]) -> Mesh:
        self.meshes += 1
        grey = np.rint(tensor[0, :, :, 0] * 255).astype(int)
        centre = int(grey[96, 96])
        here = [p for n, p in enumerate(self.people, 1) if centre == n * 60]
        if not here or not here[0].has_face:
            return Mesh(MEAN_MESH, -5.0)
        rows, columns = np.nonzero((grey >= centre) & (grey <= centre + 20))
        middle = np.array([columns.min() + columns.max() + 1, rows.min() + rows.max() + 1, 192]) / 2
        return Mesh(MEAN_MESH + (middle - 96).astype(np.float32), 4.0)


def tracked(stage: Stage) -> TrackedFace:
    return TrackedFace(stage, name="scripted", may_measure=True, digests={"scripted": "0" * 64})


def look(model: TrackedFace, stage: Stage, at: float) -> Landmarks | None:
    return model.find(Frame(round(at * 30), at, stage.picture()))


def middle(landmarks: Landmarks | None) -> tuple[float, float]:
    assert landmarks is not None
    low, high = landmarks.points[:, :2].min(axis=0), landmarks.points[:, :2].max(axis=0)
    return tuple((low + high) / 2)


ONE = Person(x=200, y=260, side=128)


def test_the_detector_rests_while_the_face_is_followed() -> None:
    stage = Stage(replace(ONE, logit_at={0: 6.0}))
    model = tracked(stage)
    for step in range(30):
        stage.people[0] = replace(stage.people[0], x=200 + 2 * step)
        assert middle(look(model, stage, step / 30)) == pytest.approx((200 + 2 * step, 260), abs=4)
    assert model.detector_runs == stage.looks == 1
    assert stage.meshes == 30


def test_the_detector_counts_faces_now_and_then() -> None:
    stage = Stage(replace(ONE, logit_at={0: 6.0}))
    model = tracked(stage)
    look(model, stage, 0.0)
    stage.people.append(Person(x=420, y=200, side=90))
    look(model, stage, COUNT_EVERY_S - 0.1)
    assert model.faces_seen == 1
    look(model, stage, COUNT_EVERY_S)
    assert model.faces_seen == 2
    assert model.detector_runs == 2
    look(model, stage, COUNT_EVERY_S + 0.1)
    assert model.detector_runs == 2


def test_a_lost_face_is_searched_in_the_same_frame() -> None:
    stage = Stage(ONE)
    model = tracked(stage)
    look(model, stage, 0.0)
    stage.people[0] = replace(ONE, x=290)  # out of the crop's middle, near enough to be the same
    assert middle(look(model, stage, 0.1)) == pytest.approx((290, 260), abs=4)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_the_angle_that_scores_best_wins_and_is_remembered(quarters: int) -> None:
    # The real detector also sees an upside-down face upright, with its eyes the wrong way round.
    stage = Stage(replace(ONE, quarters=quarters, logit_at={0: 6.0, 1: 1.0, 2: 1.5, 3: 1.0}))
    model = tracked(stage)
    found = look(model, stage, 0.0)
    assert found is not None
    across = found.points[263] - found.points[33]
    turned = math.degrees(math.atan2(across[1], across[0])) % 360
    assert turned == pytest.approx(90 * quarters, abs=1)
    assert model.detector_runs == 4
    model_again = model.detector_runs
    stage.people[0] = replace(stage.people[0], has_face=False)
    assert look(model, stage, 0.1) is None
    assert model.detector_runs == model_again + 4
    stage.people[0] = replace(stage.people[0], has_face=True)
    look(model, stage, 0.2)
    assert model.detector_runs == model_again + 5  # the remembered angle came first, and sufficed


def test_the_patient_is_the_larger_face() -> None:
    stage = Stage(Person(x=120, y=256, side=90, logit=5.0), Person(x=392, y=256, side=150))
    model = tracked(stage)
    assert middle(look(model, stage, 0.0))[0] == pytest.approx(392, abs=4)
    assert model.faces_seen == 2


@pytest.mark.parametrize(
    ("side", "x", "rivals"), [(75.0, 420.0, 0), (90.0, 60.0, 0), (140.0, 400.0, 1)]
)
def test_only_a_face_about_as_prominent_could_be_the_patient(
    side: float, x: float, rivals: int
) -> None:
    other = Person(x=x, y=200, side=side)
    stage = Stage(replace(ONE, logit_at={0: 6.0}), other)
    model = tracked(stage)
    look(model, stage, 0.0)
    assert (model.faces_seen, model.rivals) == (2, rivals)
    look(model, stage, COUNT_EVERY_S)  # while following
    assert (model.faces_seen, model.rivals) == (2, rivals)
    stage.people.remove(other)
    look(model, stage, 2 * COUNT_EVERY_S)
    assert (model.faces_seen, model.rivals) == (1, 0)
    model.reset()
    assert model.rivals == 0


def test_of_equal_faces_the_patient_is_the_central_one() -> None:
    stage = Stage(Person(x=70, y=60, side=110), Person(x=270, y=260, side=110))
    assert middle(look(tracked(stage), stage, 0.0)) == pytest.approx((270, 260), abs=4)


def test_a_larger_face_that_comes_later_is_not_taken_for_the_patient() -> None:
    stage = Stage(ONE)
    model = tracked(stage)
    look(model, stage, 0.0)
    stage.people.append(Person(x=400, y=200, side=200))
    for step in range(1, 5):
        assert middle(look(model, stage, step / 2))[0] == pytest.approx(200, abs=4)


def test_a_bystander_is_not_taken_for_a_patient_just_lost() -> None:
    stage = Stage(ONE, Person(x=420, y=260, side=80))
    model = tracked(stage)
    look(model, stage, 0.0)
    stage.people[0] = replace(ONE, has_face=False)
    assert look(model, stage, HOLD_S / 2) is None
    assert middle(look(model, stage, HOLD_S + 0.1))[0] == pytest.approx(420, abs=4)


def test_a_detection_without_a_face_in_it_is_passed_over() -> None:
    class Fooled(Stage):
        def find_mesh(self, tensor: NDArray[np.float32]) -> Mesh:
            found = super().find_mesh(tensor)
            looked_at_first = int(np.rint(tensor[0, 96, 96, 0] * 255)) == 60
            return replace(found, presence=-1.0) if looked_at_first else found

    stage = Fooled(Person(x=150, y=256, side=160), Person(x=400, y=256, side=90))
    assert middle(look(tracked(stage), stage, 0.0))[0] == pytest.approx(400, abs=4)


def test_nobody_is_none_and_counts_none() -> None:
    stage = Stage()
    model = tracked(stage)
    assert look(model, stage, 0.0) is None
    assert model.faces_seen == 0


def test_reset_forgets_the_patient() -> None:
    stage = Stage(ONE)
    model = tracked(stage)
    look(model, stage, 0.0)
    stage.people.append(Person(x=400, y=200, side=200))
    model.reset()
    assert middle(look(model, stage, 0.1))[0] == pytest.approx(400, abs=4)


def test_a_new_recording_with_an_earlier_clock_is_counted_at_once() -> None:
    stage = Stage(replace(ONE, logit_at={0: 6.0}))
    model = tracked(stage)
    look(model, stage, 100.0)
    stage.people.append(Person(x=420, y=200, side=90))
    look(model, stage, 0.0)
    assert model.faces_seen == 2
