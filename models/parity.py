"""Compare every face model with MediaPipe on equal crops, and time every model on one thread.

Run by `scripts/build-models --parity [FACES]`. Without a folder the one face is Grace Hopper's
portrait, which matplotlib ships. This is the network alone; detection, cropping and tracking are
compared by the stage that does them. Exit 1 when a limit is passed.
"""

import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import cv2
import matplotlib.cbook
import mediapipe as mp
import numpy as np
import onnxruntime
import tensorflow as tf

from firmware_service.perceive.mesh import refined
from models.reference import OUTPUTS, Reference

MODELS = Path(__file__).parent
CROP_PX = 192
# Percent of the distance between the irises: mean over points and faces, and left against right.
MEAN_LIMIT = {"fp16 weights": 0.05, "int8 weights, fp16 output heads": 0.3}
BIAS_LIMIT = 0.1
FACES_FOR_BIAS = 50  # a mean over fewer faces says little about a bias
IRISES = ("output_left_iris", "output_right_iris")
# Pairs of points that a droop is read from, patient's right and left: mouth corners, lips, lids,
# brows, wings of the nose.
PAIRS = [
    (61, 291), (40, 270), (91, 321), (159, 386), (145, 374), (33, 263), (133, 362),
    (70, 300), (105, 334), (107, 336), (48, 278),
]  # fmt: skip
Run = Callable[[np.ndarray], dict[str, np.ndarray]]


def runner(path: Path) -> Run:
    """A one-thread runner of an ONNX or TFLite file: input array → outputs by name."""
    if path.suffix == ".onnx":
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path.read_bytes(), settings)
        name, outputs = session.get_inputs()[0].name, [o.name for o in session.get_outputs()]
        return lambda x: dict(zip(outputs, session.run(outputs, {name: x}), strict=True))
    network = tf.lite.Interpreter(model_content=path.read_bytes(), num_threads=1)
    network.allocate_tensors()

    def run(x: np.ndarray) -> dict[str, np.ndarray]:
        network.set_tensor(network.get_input_details()[0]["index"], x)
        network.invoke()
        return {o["name"]: network.get_tensor(o["index"]) for o in network.get_output_details()}

    return run


def voice_runner(path: Path) -> Run:
    """A one-thread runner of the voice activity detector on 16 kHz sound, from a fresh state."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path.read_bytes(), settings)
    fixed = {"state": np.zeros((2, 1, 128), np.float32), "sr": np.array(16000)}
    return lambda x: {"output": session.run(["output"], {"input": x} | fixed)[0]}


def crops(pictures: list[Path]) -> list[np.ndarray]:
    """RGB crops of 192 × 192, framed as while tracking: 1.5 × the face's box, eyes level."""
    found = []
    with mp.solutions.face_mesh.FaceMesh(static_image_mode=True) as finder:
        for picture in pictures:
            image = cv2.cvtColor(cv2.imread(str(picture)), cv2.COLOR_BGR2RGB)
            faces = finder.process(image).multi_face_landmarks
            if not faces:
                print(f"{picture.name}: no face found", file=sys.stderr)
                continue
            points = np.array([[p.x, p.y] for p in faces[0].landmark]) * image.shape[1::-1]
            low, high = points.min(axis=0), points.max(axis=0)
            across = points[263] - points[33]
            c, s = across / np.linalg.norm(across) * (high - low).max() * 1.5 / CROP_PX
            turn = np.array([[c, -s], [s, c]])
            corner = (low + high) / 2 - turn @ [CROP_PX / 2, CROP_PX / 2]
            matrix = np.column_stack([turn, corner])
            how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            found.append(cv2.warpAffine(image, matrix, (CROP_PX, CROP_PX), flags=how))
    return found


def face_points(outputs: dict[str, np.ndarray]) -> np.ndarray:
    """All 478 points [478, 2] from the six outputs, by the device's own rule."""
    regions = [np.float32(outputs[name]) for name in list(OUTPUTS)[1:]]
    points = np.float32(outputs["output_mesh_identity"]).reshape(468, -1)[:, :2]
    return refined(np.pad(points, ((0, 0), (0, 1))), regions, presence=0).points[:, :2]


def difference(run: Run, faces: list[np.ndarray]) -> tuple[float, float, float]:
    """Mean error, greatest error and greatest left–right bias in % of the iris distance."""
    reference, errors = Reference(), []
    for crop in faces:
        expected = reference(crop)
        distance = np.linalg.norm(np.subtract(*(expected[name].mean(axis=0) for name in IRISES)))
        given = run(np.float32(crop[None]) / 255)
        errors.append((face_points(given) - face_points(expected)) / distance * 100)
    lengths = np.linalg.norm(errors, axis=2)
    shift = np.mean(errors, axis=0)
    mirrored = [shift[right] * (-1, 1) - shift[left] for right, left in PAIRS]
    return float(lengths.mean()), float(lengths.max()), float(np.abs(mirrored).max())


def milliseconds(run: Run, x: np.ndarray) -> float:
    """Median time of 300 runs after 30 for warming up."""
    times = []
    for _ in range(330):
        start = time.perf_counter()
        run(x)
        times.append(time.perf_counter() - start)
    return float(np.median(times[30:]) * 1000)


def main() -> int:
    """Print a line per model; the exit status says whether all limits were kept."""
    if len(sys.argv) > 1:
        pictures = sorted(p for p in Path(sys.argv[1]).iterdir() if p.suffix in {".jpg", ".png"})
    else:
        pictures = [Path(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))]
    faces = crops(pictures)
    if not faces:
        raise SystemExit("no face in these pictures: nothing was compared")
    manifest = tomllib.loads((MODELS / "manifest.toml").read_text(encoding="utf-8"))
    kept = True
    print(f"{len(faces)} faces; errors in % of the distance between the irises")
    for model in manifest["model"]:
        path = MODELS / model["file"]
        if not (path.parent / "build.py").exists():
            continue  # trained here: MediaPipe has nothing to compare it with
        line = f"{model['name']}: {path.stat().st_size / 1000:.0f} kB"
        if model["name"] == "silero_vad":
            run, x = voice_runner(path), np.zeros((1, 64 + 512), np.float32)
        else:
            side = 128 if "detector" in model["name"] else CROP_PX
            run, x = runner(path), np.float32(cv2.resize(faces[0], (side, side))[None]) / 127.5 - 1
        line += f", {milliseconds(run, x):.2f} ms"
        if model["name"].startswith("attention_mesh"):
            mean, greatest, bias = difference(run, faces)
            line += f", mean {mean:.5f}, greatest {greatest:.4f}, left–right bias {bias:.4f}"
            kept &= mean <= MEAN_LIMIT[model["quantisation"]]
            kept &= bias <= BIAS_LIMIT or len(faces) < FACES_FOR_BIAS
        if model["name"] == "face_detector_fp16":
            exact = runner(MODELS / "face_detector/face_detector.tflite")(x)
            found = run(x)
            greatest = max(float(np.abs(found[k] - exact[k]).max()) for k in exact)
            line += f", greatest difference from TFLite {greatest:.1e} of 128 px"
            kept &= greatest <= 1e-3
        print(line, flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
