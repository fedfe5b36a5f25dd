"""`stroke-screen analyse`: every file in, one JSON object a line out, in order, as it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TextIO

from firmware_service.analyse import tables
from firmware_service.analyse.clip import clip_line
from firmware_service.analyse.faces import read_rest
from firmware_service.analyse.files import Kind, kind_of, walk
from firmware_service.analyse.line import Json, dump
from firmware_service.analyse.sound import sound_line
from firmware_service.analyse.still import still_line
from firmware_service.measure.baseline import RestingFace
from firmware_service.perceive.clarity_stage import ClarityStage, open_clarity
from firmware_service.perceive.face_models import open_face_model
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.registry import Registry
from firmware_service.ports import CaptureError, DeviceError, SpeechModel
from firmware_service.report.tables import Measured
from firmware_service.screen.thresholds import FOUND_QUALITY_GATES

ALL_READ = 0
SOME_UNREADABLE = 1


class CannotWrite(DeviceError):
    """The tables cannot be written."""


class Analysis:
    """The instruments, opened when the first file needs them, and what the files gave.

    Raises:
        ModelError: a model is missing or altered.
    """

    def __init__(
        self, models_dir: Path, backend: str, *, phrase: str | None, landmarks: bool
    ) -> None:
        self._registry = Registry.load(models_dir)
        self._backend = backend
        self._phrase = phrase
        self._landmarks = landmarks
        self.rest: RestingFace | None = None
        self.measured: list[Measured] = []

    @cached_property
    def stage(self) -> FaceStage:
        """The face stage; every file starts it anew."""
        model = open_face_model(self._backend, self._registry)
        return FaceStage(model, FOUND_QUALITY_GATES)

    @cached_property
    def _speech(self) -> SpeechModel:
        return SileroVad(self._registry)

    @cached_property
    def _clarity(self) -> ClarityStage:
        return open_clarity(self._registry)

    def line_of(self, path: Path) -> Mapping[str, Json]:
        """The line of one file.

        Raises:
            CaptureError: the file is missing, damaged, or of a kind that is not known.
        """
        if not path.exists():
            raise CaptureError(f"{path}: no such file")
        match kind_of(path):
            case Kind.IMAGE:
                line, still = still_line(path, self.stage, self.rest, landmarks=self._landmarks)
                self.measured.append(tables.of_still(path, still))
                return line
            case Kind.VIDEO:
                line, clip = clip_line(path, self.stage, self.rest, landmarks=self._landmarks)
                self.measured.append(tables.of_clip(path, clip))
                return line
            case Kind.AUDIO:
                return sound_line(path, self._speech, self._clarity, self._phrase)
            case None:
                raise CaptureError(f"{path}: not a picture, video or sound by its ending")


def analyse(
    paths: Sequence[Path], out: TextIO, analysis: Analysis, baseline: Path | None, csv: Path | None
) -> int:
    """Write a line for every file; 1 when some could not be read (their line has `error`).

    Raises:
        CaptureError: the baseline cannot be used.
        ModelError: a model is missing or altered.
        CannotWrite: the tables' folder cannot be written.
    """
    if baseline is not None:
        analysis.rest = read_rest(baseline, analysis.stage)
    code = ALL_READ
    for path in walk(paths):
        try:
            line = analysis.line_of(path)
        except (CaptureError, OSError) as error:
            line = {"path": str(path), "error": str(error)}
            code = SOME_UNREADABLE
        print(dump(line), file=out, flush=True)
    if csv is not None:
        try:
            tables.write(csv, analysis.measured)
        except OSError as error:
            raise CannotWrite(f"{csv}: cannot be written ({error.strerror})") from None
    return code
