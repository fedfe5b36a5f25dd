"""The same rewriting for TFLite: built-in operations spliced in where the custom ones were.

Nothing else of MediaPipe's file is touched: its convolutions, PRelu and fp16 weights stay as they
are. The two spliced parts are TensorFlow functions that the TFLite converter turns into operations.
"""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf
from flatbuffers import flexbuffers
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

from models.attention_mesh.regions import CROP_PX, CUT_PX, MAP_PX, MARGIN, POINT_UNITS

CUSTOM = ("Landmarks2TransformMatrix", "TransformTensorBilinear", "TransformLandmarks")
CHANNELS = 32


def with_builtin_operations(content: bytes) -> bytes:
    """The attention mesh without custom operations; SystemExit when it is not as expected."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    graph = model.subgraphs[0]
    producer = {int(t): op for op in graph.operators for t in op.outputs}
    frame, cut, back = ([op for op in graph.operators if kind(model, op) == n] for n in CUSTOM)
    if (len(frame), len(cut), len(back)) != (3, 3, 5):
        raise SystemExit("attention mesh: want 3 frames, 3 cuts and 5 ways back")
    reshapes = [producer[producer[op.inputs[0]].inputs[0]] for op in frame]
    if len({int(op.inputs[0]) for op in reshapes}) != 1:
        raise SystemExit("attention mesh: its regions are framed by different meshes")
    mesh = int(reshapes[0].outputs[0])
    (feature_map,) = {int(op.inputs[0]) for op in cut}
    regions = [flexbuffers.Loads(bytes(producer[op.inputs[1]].customOptions)) for op in cut]
    region_of = {int(op.inputs[1]): k for k, op in enumerate(cut)}
    which = [region_of[int(producer[op.inputs[1]].inputs[0])] for op in back]
    points = [int(op.inputs[0]) for op in back]

    cuts = [int(op.outputs[0]) for op in cut]
    frames = splice(model, cutter(regions), [mesh, feature_map], cuts, before=frame[0])
    returned = [int(op.outputs[0]) for op in back]
    splice(model, returner(which), [*frames, *points], returned, before=back[0])
    drop(model, [*frame, *cut, *back])
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def kind(model: schema.ModelT, operation: schema.OperatorT) -> str:
    """The name of a custom operation, "" for a built-in one."""
    return (model.operatorCodes[operation.opcodeIndex].customCode or b"").decode()


def splice(
    model: schema.ModelT,
    function: Callable[..., Sequence[tf.Tensor]],
    inputs: list[int],
    outputs: list[int],
    before: schema.OperatorT,
) -> list[int]:
    """Put a function's operations into the model's graph ahead of an operation.

    inputs, outputs: tensors of the graph that the function reads and makes. It may make more than
    `outputs` names: the rest become new tensors, whose numbers are returned.
    """
    graph = model.subgraphs[0]
    shapes = [tuple(int(n) for n in graph.tensors[t].shape) for t in inputs]
    signature = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    concrete = tf.function(function).get_concrete_function(*signature)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    part = flatbuffer_utils.convert_bytearray_to_object(bytearray(converter.convert()))
    made = part.subgraphs[0]

    number = dict(zip((int(t) for t in made.inputs), inputs, strict=True))
    number |= dict(zip((int(t) for t in made.outputs), outputs, strict=False))
    for old, tensor in enumerate(made.tensors):
        if old in number:
            if list(graph.tensors[number[old]].shape) != list(tensor.shape):
                raise SystemExit(f"attention mesh: {tensor.name} has another shape than expected")
            continue
        number[old] = len(graph.tensors)
        tensor.buffer += len(model.buffers)
        graph.tensors.append(tensor)
    for operation in made.operators:
        operation.opcodeIndex += len(model.operatorCodes)
        operation.inputs = [number[int(t)] for t in operation.inputs]
        operation.outputs = [number[int(t)] for t in operation.outputs]
    model.buffers += part.buffers
    model.operatorCodes += part.operatorCodes
    place = graph.operators.index(before)
    graph.operators[place:place] = made.operators
    return [number[int(t)] for t in made.outputs[len(outputs) :]]


def drop(model: schema.ModelT, operations: list[schema.OperatorT]) -> None:
    """Remove operations, what only they needed, and the operation codes that nothing uses."""
    graph = model.subgraphs[0]
    graph.operators = [op for op in graph.operators if op not in operations]
    while True:
        wanted = {int(t) for op in graph.operators for t in op.inputs}
        wanted |= {int(t) for t in graph.outputs}
        needed = [op for op in graph.operators if wanted & {int(t) for t in op.outputs}]
        if len(needed) == len(graph.operators):
            break
        graph.operators = needed
    used = sorted({op.opcodeIndex for op in graph.operators})
    for op in graph.operators:
        op.opcodeIndex = used.index(op.opcodeIndex)
    model.operatorCodes = [model.operatorCodes[k] for k in used]


def cutter(regions: list[dict[str, object]]) -> Callable[..., tuple[tf.Tensor, ...]]:
    """Mesh [1, 468, 3] and map → the cuts, their frames [3, 2, 2] and middles [3, 1, 2]."""
    corners = [[r["left_rotation_idx"], r["right_rotation_idx"]] for r in regions]
    longest = max(len(r["subset_idxs"]) for r in regions)
    subsets = np.array([np.resize(r["subset_idxs"], longest) for r in regions])
    centre = (np.arange(CUT_PX) + 0.5) / CUT_PX - 0.5
    pixels = np.stack(np.meshgrid(centre, centre), axis=-1).reshape(1, -1, 2) * MARGIN
    pixels = np.float32(np.repeat(pixels, len(regions), axis=0))

    def cut(mesh: tf.Tensor, feature_map: tf.Tensor) -> tuple[tf.Tensor, ...]:
        xy = mesh[0, :, :2]
        ends = tf.gather(xy, np.array(corners))
        across = ends[:, 1] - ends[:, 0]
        x_axis = across / tf.sqrt(tf.reduce_sum(across * across, axis=1, keepdims=True))
        y_axis = tf.stack([-x_axis[:, 1], x_axis[:, 0]], axis=1)
        turn = tf.stack([x_axis, y_axis], axis=1)
        upright = tf.matmul(tf.gather(xy, subsets), turn, transpose_b=True)
        high = tf.reduce_max(upright, axis=1, keepdims=True)
        low = tf.reduce_min(upright, axis=1, keepdims=True)
        frame = turn * tf.reshape(high - low, (-1, 2, 1))
        middle = tf.matmul((high + low) * 0.5, turn)
        place = (tf.matmul(pixels, frame) + middle) * (MAP_PX / CROP_PX) - 0.5
        inside = tf.reduce_min(tf.minimum(place, MAP_PX - 1 - place), axis=2, keepdims=True) >= 0
        corner = tf.clip_by_value(tf.floor(place), 0, MAP_PX - 2)
        right, down = tf.split(place - corner, 2, axis=2)
        column, row = tf.split(tf.cast(corner, tf.int32), 2, axis=2)
        first = (row * MAP_PX + column)[:, :, 0]
        rows = tf.reshape(feature_map, (MAP_PX * MAP_PX, CHANNELS))
        upper = tf.gather(rows, first) * (1 - right) + tf.gather(rows, first + 1) * right
        first += MAP_PX
        lower = tf.gather(rows, first) * (1 - right) + tf.gather(rows, first + 1) * right
        cuts = (upper * (1 - down) + lower * down) * tf.cast(inside, tf.float32)
        images = tf.reshape(cuts, (len(regions), CUT_PX, CUT_PX, CHANNELS))
        return (*tf.split(images, len(regions)), frame, middle)

    return cut


def returner(which: list[int]) -> Callable[..., list[tf.Tensor]]:
    """Frames, middles and refined points [1, n, 2] → the points in crop pixels."""

    def back(frame: tf.Tensor, middle: tf.Tensor, *points: tf.Tensor) -> list[tf.Tensor]:
        scale, half = MARGIN / POINT_UNITS, MARGIN / 2
        return [
            tf.matmul(p * scale - half, frame[k : k + 1]) + middle[k : k + 1]
            for p, k in zip(points, which, strict=True)
        ]

    return back
