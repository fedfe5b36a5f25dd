"""Pictures are upright for the face stage, and points find their way back into the file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from firmware_service.capture.pictures import EXIF_ORIENTATION, StillCamera, read_picture
from firmware_service.ports import CaptureError, EndOfRecording
from tests.firmware_service.capture.recordings import HEIGHT, WIDTH, picture


def write_turned(path: Path, orientation: int) -> Path:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    Image.fromarray(picture(0)[..., ::-1]).save(path, exif=exif, quality=95)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_shown_as_opencv_shows_it(orientation: int, tmp_path: Path) -> None:
    path = write_turned(tmp_path / "turned.jpg", orientation)
    shown = read_picture(path)
    assert np.array_equal(shown.image, cv2.imread(str(path)))
    assert shown.image.flags.c_contiguous


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_point_leads_back_to_the_same_pixel_of_the_file(orientation: int, tmp_path: Path) -> None:
    path = write_turned(tmp_path / "turned.jpg", orientation)
    shown = read_picture(path)
    stored = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    height, width = shown.image.shape[:2]
    points = np.array([[0, 0, 5], [width - 1, 3, 6], [7, height - 1, 7]], np.float32)
    back = shown.to_stored(points)
    assert stored.shape == (HEIGHT, WIDTH, 3)
    for (x, y, z), (stored_x, stored_y, stored_z) in zip(points, back, strict=True):
        assert np.array_equal(shown.image[int(y), int(x)], stored[int(stored_y), int(stored_x)])
        assert z == stored_z


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "webp", "tiff"])
def test_the_usual_formats_are_read_in_colour(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"Gesicht ä.{ending}"
    path.write_bytes(cv2.imencode(f".{ending}", picture(0))[1].tobytes())
    image = read_picture(path).image
    assert image[5, 5].tolist() == pytest.approx([220, 0, 0], abs=12)
    assert image[5, -5].tolist() == pytest.approx([0, 0, 220], abs=12)


def test_grey_deep_and_transparent_pictures_become_three_channels(tmp_path: Path) -> None:
    for name, pixels in {
        "grey": np.full((8, 8), 90, np.uint8),
        "deep": np.full((8, 8, 3), 90 * 257, np.uint16),
        "transparent": np.full((8, 8, 4), 90, np.uint8),
    }.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
        image = read_picture(path).image
        assert image.shape == (8, 8, 3)
        assert image.dtype == np.uint8
        assert image[4, 4].tolist() == [90, 90, 90]


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0 torn"])
def test_what_is_no_picture_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=r"broken\.jpg"):
        read_picture(path)


def test_one_bad_picture_does_not_end_the_rest(tmp_path: Path) -> None:
    good = write_turned(tmp_path / "good.jpg", 1)
    camera = StillCamera([tmp_path / "missing.jpg", good])
    with pytest.raises(CaptureError, match=r"missing\.jpg cannot be read: No such file"):
        camera.read()
    assert camera.read().seq == 1
    with pytest.raises(EndOfRecording):
        camera.read()
