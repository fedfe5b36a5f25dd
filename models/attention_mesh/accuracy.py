"""The face stage against landmarks set by hand, by sex and ethnicity.

    .venv/bin/python -m models.attention_mesh.accuracy DATA

DATA holds face_images_london/ (Face Research Lab London Set: pictures and 189 points by hand, of
which only those that mean the same spot in both schemes are used) and README.md with a line each.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from firmware_service.perceive.onnx_face import OnnxFace
from firmware_service.perceive.registry import Registry
from firmware_service.types import Frame

# Ours → theirs: irises, corners of the eyes, corners of the mouth, where the lips meet.
SAME_SPOT = {468: 0, 473: 1, 33: 18, 133: 22, 362: 23, 263: 27, 61: 87, 291: 93, 13: 96}
MOUTH = (61, 291)
SMALLEST_GROUP = 5  # people; fewer say nothing about a group
PERSON = re.compile(r"face_images_london/(\d+)_neutral\.jpg .* - (\w+), \w+, ([\w/]+) \(img")


def set_by_hand(file: Path) -> np.ndarray:
    """The points of a .tem file, [189, 2] in pixels."""
    count, *lines = file.read_text(encoding="utf-8").splitlines()
    return np.array([[float(value) for value in line.split()] for line in lines[: int(count)]])


def compare(model: OnnxFace, picture: Path) -> tuple[float, float]:
    """Mean distance, and the error of the mouth's tilt: both in % of the iris distance.

    The picture is shown three times, since a device spends its time tracking, not detecting.
    """
    image = cv2.imread(str(picture))
    for seq in range(3):
        found = model.find(Frame(seq, seq / 30, image))
    if found is None:
        raise SystemExit(f"{picture.name}: no face found")
    ours = found.points[list(SAME_SPOT), :2].astype(float)
    theirs = set_by_hand(picture.with_suffix(".tem"))[list(SAME_SPOT.values())]
    across = theirs[1] - theirs[0]
    distance = np.linalg.norm(across)
    error = (ours - theirs) / distance * 100
    down = np.array([-across[1], across[0]]) / distance
    right, left = (list(SAME_SPOT).index(point) for point in MOUTH)
    return float(np.linalg.norm(error, axis=1).mean()), float((error[right] - error[left]) @ down)


def main() -> None:
    """Print a table for the weights as int8 and as fp16."""
    data = Path(sys.argv[1])
    people = PERSON.findall((data / "README.md").read_text(encoding="utf-8"))
    registry = Registry.load(Path(__file__).parents[1])
    for weights in ("int8", "fp16"):
        groups = defaultdict(list)
        for number, sex, ethnicity in people:
            picture = data / "face_images_london" / f"{number}_neutral.jpg"
            model = OnnxFace(registry, weights)  # a new one: the last face must not be tracked
            errors = compare(model, picture)
            for group in ("all", sex, ethnicity):
                groups[group].append(errors)
        print(f"attention_mesh_{weights}: people, mean error %, tilt of the mouth: mean ± sd %")
        for group, values in groups.items():
            if len(values) < SMALLEST_GROUP:
                continue
            error, tilt = np.transpose(values)
            spread = f"{tilt.mean():+.2f} ± {tilt.std(ddof=1):.2f}"
            print(f"  {group:11} {len(values):3}  {error.mean():.2f}  {spread}")


if __name__ == "__main__":
    main()
