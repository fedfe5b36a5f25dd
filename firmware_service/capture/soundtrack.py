"""Decoding of sound files, and of the sound tracks of videos, into 16 kHz mono blocks."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, cast

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware_service.capture.blocks import RATE_HZ, BlockMaker
from firmware_service.ports import CaptureError

_CHUNK_SAMPLES = 8192
_LIBSNDFILE = frozenset(
    {".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav"}
)


def decode(path: Path) -> Generator[NDArray[np.float32], None, None]:
    """The file's sound as float32 blocks of 512 in −1…1, 16 kHz mono; the last may be shorter.

    Closing the generator closes the file, and ffmpeg where it was needed (videos, AAC).

    Raises:
        CaptureError: the file is missing, damaged, or without sound, or needs an absent ffmpeg.
    """
    if not path.is_file():
        raise CaptureError(f"{path}: no such file")
    if path.suffix.lower() in _LIBSNDFILE:
        return _with_libsndfile(path)
    return _with_ffmpeg(path)


def _with_libsndfile(path: Path) -> Generator[NDArray[np.float32], None, None]:
    try:
        with soundfile.SoundFile(path) as sound:
            blocks = BlockMaker(sound.samplerate)
            while len(chunk := sound.read(_CHUNK_SAMPLES, dtype="float32", always_2d=True)):
                if not np.isfinite(chunk).all():
                    raise CaptureError(f"{path} is damaged: it holds samples that are no numbers")
                yield from blocks.feed(chunk)
    except soundfile.LibsndfileError as error:
        raise CaptureError(
            f"{path} is not sound that can be read ({error.error_string}); "
            f"try `ffmpeg -i {path.name} converted.wav`"
        ) from error
    yield from blocks.finish()


def _with_ffmpeg(path: Path) -> Generator[NDArray[np.float32], None, None]:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", f"file:{path}", "-vn", "-ac", "1"]
    command += ["-ar", str(RATE_HZ), "-f", "f32le", "pipe:1"]
    blocks = BlockMaker(RATE_HZ)
    with tempfile.TemporaryFile() as complaints:
        try:
            ffmpeg = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints)
        except FileNotFoundError as error:
            raise CaptureError(
                f"the sound of {path} needs the ffmpeg program: `apt install ffmpeg`"
            ) from error
        with ffmpeg:  # leaving closes the pipe, which also ends an ffmpeg that is still writing
            sound = cast("IO[bytes]", ffmpeg.stdout)
            while chunk := sound.read(_CHUNK_SAMPLES * 4):
                yield from blocks.feed(np.frombuffer(chunk, np.float32)[:, None])
        if ffmpeg.returncode != 0:  # below 0: a signal ended it, and the sound is cut short
            raise CaptureError(f"{path} has no sound that can be read: {_last_line(complaints)}")
    yield from blocks.finish()


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no reason given")
