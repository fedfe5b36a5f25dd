"""Two fixed crops of Grace Hopper's portrait, and what MediaPipe itself finds on them.

`.build-models/venv/bin/python -m tests.models.portrait` writes the truth again, in the environment
that scripts/build-models makes; the tests only read it.
"""

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
PORTRAIT = ROOT / "firmware_service/simulate/portraits/grace_hopper.png"
TRUTH = Path(__file__).with_name("mediapipe_truth.json")
CROP_PX = 192
STEP = 2  # every second pixel, so that no version of a resampler matters
# Top and left in the portrait. In the second an eye's frame hangs over the edge of the crop.
CROPS = {"whole": (48, 128), "cut off": (73, 58)}


def crop(name: str) -> NDArray[np.uint8]:
    """The face with its surroundings, RGB, uint8 [192, 192, 3]."""
    top, left = CROPS[name]
    image = cv2.imread(str(PORTRAIT))
    assert image is not None, PORTRAIT
    side = CROP_PX * STEP
    face = image[top : top + side : STEP, left : left + side : STEP, ::-1]
    assert face.shape == (CROP_PX, CROP_PX, 3), face.shape
    return np.ascontiguousarray(face, dtype=np.uint8)


def truth(name: str) -> dict[str, NDArray[np.float64]]:
    """MediaPipe's points in a crop by the name of the output, [n, 2] in crop pixels."""
    found = json.loads(TRUTH.read_text(encoding="utf-8"))[name]
    return {name: np.array(points) for name, points in found.items()}


if __name__ == "__main__":
    from models.reference import Reference

    mediapipe = Reference()
    found = {
        name: {output: points.round(4).tolist() for output, points in mediapipe(crop(name)).items()}
        for name in CROPS
    }
    TRUTH.write_text(json.dumps(found) + "\n", encoding="utf-8")
