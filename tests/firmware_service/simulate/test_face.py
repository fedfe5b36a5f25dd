"""The truth that comes with a frame, against the frame's own pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.simulate.anatomy import EYES
from firmware_service.simulate.face import ActingFace
from firmware_service.simulate.portrait import Portrait, Sitter, load_portrait
from firmware_service.simulate.state import FaceState, HalfFace, HalfTruth
from firmware_service.types import HeadPose, Side

MARK = np.array([40, 255, 40])


def one_side(side: Side, half: HalfFace, other: HalfFace | None = None) -> FaceState:
    rest = other or HalfFace()
    return FaceState(left=half, right=rest) if side is Side.LEFT else FaceState(rest, half)


def marked(portrait: Portrait, places: NDArray[np.float64], radius: float) -> Portrait:
    image = portrait.image.copy()
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    for px, py in places:
        image[np.hypot(x - px, y - py) <= radius] = MARK
    return replace(portrait, image=image)


def marks(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How green each pixel is, beyond what skin and cloth are, 0…1."""
    colour = image.astype(np.float64)
    return np.asarray(
        np.clip((colour[..., 1] - np.maximum(colour[..., 0], colour[..., 2]) - 60) / 155, 0, 1)
    )


def centre(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    weight = marks(image)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.asarray([(weight * x).sum(), (weight * y).sum()] / weight.sum())


STATES = {
    "smile": lambda side: one_side(side, HalfFace(smile_mm=8.0)),
    "droop": lambda side: one_side(side, HalfFace(droop_mm=5.0)),
    "droop with the head moved": lambda side: replace(
        one_side(side, HalfFace(droop_mm=5.0)),
        pose=HeadPose(8.0, -5.0, 6.0),
        shift_mm=(6.0, -3.0),
        camera_shift_mm=(1.0, 2.0),
    ),
}


SKIN = (61, 291, 182, 406, 187, 411, 50, 280, 104, 333)
WINDOW_PX = 9


@cache
def spotted(sitter: Sitter) -> ActingFace:
    portrait = load_portrait(sitter)
    return ActingFace(marked(portrait, portrait.points[list(SKIN), :2], 1.8))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize("sitter", Sitter)
def test_marks_on_the_skin_go_where_the_truth_says(
    sitter: Sitter, state: Callable[[Side], FaceState], side: Side
) -> None:
    image, truth = spotted(sitter).render(state(side))
    her_lips_are_drawn_over = 4 if sitter is Sitter.EILEEN_COLLINS else 0
    for index in SKIN[her_lips_are_drawn_over:]:
        x, y = np.rint(truth.points[index]).astype(int) - WINDOW_PX
        near = image[y : y + 2 * WINDOW_PX + 1, x : x + 2 * WINDOW_PX + 1]
        off_px = centre(near) + np.array([x, y]) - truth.points[index]
        assert np.linalg.norm(off_px) * truth.mm_per_px < 0.2, index


@pytest.mark.parametrize("side", Side)
def test_doses_arrive_in_full_on_their_side_alone(face: ActingFace, side: Side) -> None:
    truth = face.render(one_side(side, HalfFace(smile_mm=9.0, brow_raise_mm=6.0)))[1]
    near, far = truth.halves[side], truth.halves[side.other]
    corner = np.hypot(near.commissure_lateral_mm, near.commissure_up_mm)
    assert corner == pytest.approx(9.0, abs=0.25)
    assert near.commissure_up_mm > 5
    assert near.commissure_lateral_mm > 4
    assert near.brow_up_mm == pytest.approx(6.0, abs=0.3)
    assert abs(far.commissure_up_mm) < 0.1
    assert abs(far.brow_up_mm) < 0.1


def test_a_droop_is_down_and_towards_the_middle(face: ActingFace) -> None:
    truth = face.render(one_side(Side.LEFT, HalfFace(droop_mm=5.0)))[1].halves[Side.LEFT]
    assert truth.commissure_up_mm == pytest.approx(-4.8, abs=0.2)
    assert truth.commissure_lateral_mm == pytest.approx(-1.5, abs=0.2)


@pytest.mark.parametrize(
    ("dose", "seen"),
    [
        ("smile_mm", lambda half: half.commissure_up_mm),
        ("droop_mm", lambda half: -half.commissure_up_mm),
        ("brow_raise_mm", lambda half: half.brow_up_mm),
        ("brow_droop_mm", lambda half: -half.brow_up_mm),
        ("pucker_mm", lambda half: -half.commissure_lateral_mm),
        ("lower_lid_droop_mm", lambda half: half.fissure_mm),
    ],
)
def test_more_dose_moves_more(
    face: ActingFace, dose: str, seen: Callable[[HalfTruth], float]
) -> None:
    moved = [
        seen(face.render(one_side(Side.LEFT, HalfFace(**{dose: mm})))[1].halves[Side.LEFT])
        for mm in (0.0, 1.0, 2.0, 4.0)
    ]
    assert np.all(np.diff(moved) > 0.3)


def test_closing_an_eye_narrows_the_fissure_to_nothing(face: ActingFace) -> None:
    gaps = [
        face.render(one_side(Side.RIGHT, HalfFace(closure=c)))[1].halves[Side.RIGHT].fissure_mm
        for c in (0.0, 0.3, 0.6, 1.0)
    ]
    assert np.all(np.diff(gaps) < -1.0)
    assert gaps[-1] < 0.5


@pytest.mark.parametrize("side", Side)
def test_the_eyeball_is_hidden_behind_the_shut_lid_and_stays_where_it_is(
    face: ActingFace, side: Side
) -> None:
    iris = face.portrait.points[468 if side is Side.RIGHT else 473, :2]
    acting = ActingFace(marked(face.portrait, iris[None], 3.0))
    wide = acting.render(FaceState())[0]
    half = acting.render(one_side(side, HalfFace(closure=0.35)))[0]
    shut = acting.render(one_side(side, HalfFace(closure=1.0)))[0]
    assert centre(wide) == pytest.approx(iris, abs=0.5)
    assert centre(half)[0] == pytest.approx(iris[0], abs=1.0)
    assert marks(shut).sum() < 0.05 * marks(wide).sum()


def test_her_teeth_show_in_her_smile_and_not_at_rest() -> None:
    portrait = load_portrait(Sitter.EILEEN_COLLINS)
    teeth = portrait.points[[13, 14], :2].mean(axis=0)
    acting = ActingFace(marked(portrait, teeth[None], 4.0))
    smiling = HalfFace(smile_mm=8.0, lips_parted=1.0)
    seen = marks(acting.render(FaceState(smiling, smiling))[0]).sum()
    assert seen > 20
    assert marks(acting.render(FaceState())[0]).sum() < 0.02 * seen


def test_mirrored_states_have_mirrored_truths(face: ActingFace) -> None:
    state = FaceState(HalfFace(smile_mm=3.0, droop_mm=4.0), HalfFace(smile_mm=9.0, closure=0.5))
    here = face.render(state)[1].halves
    there = face.render(FaceState(state.right, state.left))[1].halves
    for side in Side:
        for name in ("commissure_lateral_mm", "commissure_up_mm", "brow_up_mm"):
            assert getattr(here[side], name) == pytest.approx(
                getattr(there[side.other], name), abs=0.15
            )


@pytest.mark.parametrize(
    ("pose", "axis", "sign"),
    [
        (HeadPose(10.0, 0.0, 0.0), 0, +1),  # to the patient's left: the picture's right
        (HeadPose(0.0, 10.0, 0.0), 1, -1),  # up
    ],
)
def test_the_nose_goes_where_the_head_turns(
    face: ActingFace, pose: HeadPose, axis: int, sign: int
) -> None:
    still, turned = (face.render(FaceState(pose=p))[1].points for p in (HeadPose(0, 0, 0), pose))
    eyes = [33, 263]
    nose = (turned[4] - turned[eyes].mean(axis=0)) - (still[4] - still[eyes].mean(axis=0))
    assert sign * nose[axis] > 3


def test_rolling_to_the_left_shoulder_lowers_the_left_eye_in_the_picture(face: ActingFace) -> None:
    points = face.render(FaceState(pose=HeadPose(0.0, 0.0, 8.0)))[1].points
    right, left = points[list(EYES[Side.RIGHT][0])], points[list(EYES[Side.LEFT][0])]
    dx, dy = left.mean(axis=0) - right.mean(axis=0)
    assert np.degrees(np.arctan2(dy, dx)) == pytest.approx(8.0, abs=1.0)


def test_nothing_outside_the_face_is_touched_by_its_muscles(face: ActingFace) -> None:
    rest = face.render(FaceState())[0]
    act = face.render(one_side(Side.LEFT, HalfFace(smile_mm=9.0, brow_raise_mm=6.0)))[0]
    points = face.portrait.points
    top, bottom = int(points[:, 1].min()) - 50, int(points[:, 1].max()) + 50
    left, right = int(points[:, 0].min()) - 60, int(points[:, 0].max()) + 60
    changed = np.abs(rest.astype(int) - act.astype(int)).max(axis=2)
    changed[top:bottom, left:right] = 0
    assert np.percentile(changed, 99.5) <= 6
