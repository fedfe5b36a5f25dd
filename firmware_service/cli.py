"""The `stroke-screen` command. Errors are one line on standard error; 2 is wrong usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from firmware_service import __version__, logs, settings
from firmware_service.ports import DeviceError

SETTINGS_VARIABLE = "STROKE_SETTINGS"

# OpenCV and its FFmpeg read these when first used; what they would say, our own errors say.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; wrong settings give 78 (EX_CONFIG)."""
    options = _parser().parse_args(arguments)
    logs.configure(human=sys.stderr.isatty())
    try:
        code: int = options.command(options)
    except settings.SettingsError as error:
        print(f"stroke-screen: {error}", file=sys.stderr)
        return settings.EXIT_CONFIG
    except DeviceError as error:
        print(f"stroke-screen: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read us has gone; say nothing more, also not while Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stroke-screen",
        description="Screens for signs of stroke: risk signals, never a diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"stroke-screen {__version__}")
    with_settings = argparse.ArgumentParser(add_help=False)
    with_settings.add_argument("--settings", type=Path, help=f"TOML file (or ${SETTINGS_VARIABLE})")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser(
        "run", parents=[with_settings], help="the appliance: camera, microphone, button"
    )
    run.add_argument("--once", action="store_true", help="start at once and end after one screen")
    run.set_defaults(command=_run)

    screen = commands.add_parser(
        "screen", parents=[with_settings], help="one screen of a simulated or recorded patient"
    )
    source = screen.add_mutually_exclusive_group()
    source.add_argument("--patient", default="left-droop", help="a simulated patient")
    source.add_argument("--video", type=Path, help="a recorded screen")
    screen.add_argument("--audio", type=Path, help="the sound of --video, if it is not in it")
    screen.add_argument("--realtime", action="store_true", help="at the speed of the clock")
    screen.add_argument(
        "--wait", type=float, default=30.0, metavar="S", help="for the hospital's receipt, seconds"
    )
    screen.set_defaults(command=_screen)

    analyse = commands.add_parser("analyse", help="measure pictures, videos and sound files")
    analyse.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    analyse.add_argument("--json", action="store_true", help="one JSON object a line (the default)")
    analyse.add_argument("--baseline", type=Path, metavar="REST", help="the same person at rest")
    analyse.add_argument("--phrase", metavar="TEXT", help="what was to be said")
    analyse.add_argument("--landmarks", action="store_true", help="with all 478 points")
    analyse.add_argument("--out", type=Path, metavar="DIR", help="also write the two CSVs here")
    analyse.set_defaults(command=_analyse)

    study = commands.add_parser(
        "study", help="how well the measures tell labelled folders apart (extra: study)"
    )
    study.add_argument("folder", type=Path, metavar="LABELLED_FOLDER")
    study.add_argument("--out", type=Path, metavar="DIR", required=True, help="where it all goes")
    study.add_argument("--healthy", metavar="LABEL", help="the sub-folder of the healthy")
    study.set_defaults(command=_study)

    config = commands.add_parser(
        "config", parents=[with_settings], help="the settings in force, as JSON"
    )
    config.set_defaults(command=_config)
    return parser


# Each command imports its stages itself: `config` needs no model, `analyse` no broker.


def _settings(options: argparse.Namespace) -> settings.Settings:
    named = os.environ.get(SETTINGS_VARIABLE)
    path = options.settings or (Path(named) if named else None)
    return settings.load(path, os.environ)


def _run(options: argparse.Namespace) -> int:
    from firmware_service.app import delivery, live  # noqa: PLC0415

    chosen = _settings(options)
    code = live.run(chosen, sys.stdin, sys.stdout, once=options.once)
    if code == delivery.NOT_YET_DELIVERED:
        _tell_not_signed(live.RECEIPT_WAIT_S, chosen.state_dir)
    return code


def _tell_not_signed(waited_s: float, state_dir: Path) -> None:
    print(
        f"stroke-screen: the hospital has not signed for the report within {waited_s:.0f} "
        f"s; it is safe in {state_dir} and goes out with the next start",
        file=sys.stderr,
    )


def _screen(options: argparse.Namespace) -> int:
    from firmware_service.app import delivery, one_screen  # noqa: PLC0415

    chosen = _settings(options)
    if options.video is None:
        if options.audio is not None:
            raise settings.SettingsError("--audio goes with --video")
        source = one_screen.simulated(options.patient)
    else:
        source = one_screen.recorded(options.video, options.audio)
    screen = one_screen.OneScreen(chosen, source, sys.stdout, realtime=options.realtime)
    code = screen.run(options.wait)
    if code == delivery.NOT_YET_DELIVERED:
        _tell_not_signed(options.wait, chosen.state_dir)
    return code


def _analyse(options: argparse.Namespace) -> int:
    from firmware_service.analyse.command import Analysis, analyse  # noqa: PLC0415

    chosen = settings.load(None, os.environ)
    analysis = Analysis(
        chosen.models_dir,
        chosen.face.backend,
        phrase=options.phrase,
        landmarks=options.landmarks,
    )
    return analyse(options.paths, sys.stdout, analysis, options.baseline, options.out)


def _study(options: argparse.Namespace) -> int:
    from firmware_service.study.extra import require_extra  # noqa: PLC0415

    require_extra()
    from firmware_service.analyse.command import Analysis  # noqa: PLC0415
    from firmware_service.study.command import study  # noqa: PLC0415

    chosen = settings.load(None, os.environ)
    analysis = Analysis(chosen.models_dir, chosen.face.backend, phrase=None, landmarks=False)
    study(
        options.folder,
        options.out,
        analysis.stage,
        healthy=options.healthy,
        show=sys.stdout,
        progress=sys.stderr,
    )
    return 0


def _config(options: argparse.Namespace) -> int:
    print(_settings(options).model_dump_json(indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
