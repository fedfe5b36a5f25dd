"""The command line of the receiver: serve, keys, show, seen, export."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hospital_service import logs
from hospital_service.errors import HospitalError, SettingsError
from hospital_service.events import Event, Ready
from hospital_service.files import write_files
from hospital_service.journal import log_event
from hospital_service.lines import line_of
from hospital_service.seen import NoSuchScreen, mark_seen
from hospital_service.service import Service
from hospital_service.settings import EXIT_CONFIG, SETTINGS_VARIABLE, Settings, load
from hospital_service.show import quarantine_lines, screen_lines, screens_lines, units_lines
from hospital_service.store.repository import Store
from hospital_service.trust import HospitalKeys, TrustedUnits

_OVERRIDES = {
    "agency": "agency",
    "site": "site",
    "state": "state_dir",
    "database": "database",
    "keys": "keys_dir",
    "units": "units_dir",
    "out": "out_dir",
    "host": "broker.host",
    "port": "broker.port",
    "protocol": "broker.protocol",
    "username": "broker.username",
}
"""Options that every command takes, and the settings that they override."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit 0 done, 1 failed, 2 wrong usage, 78 wrong settings."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options, os.environ)
        code: int = options.run(options, settings)
    except SettingsError as error:
        print(f"stroke-hospital: {error}", file=sys.stderr)
        return EXIT_CONFIG
    except HospitalError as error:
        print(f"stroke-hospital: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read us has gone; say nothing more, also not while Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--settings", type=Path, help=f"TOML file (or ${SETTINGS_VARIABLE})")
    for option, key in _OVERRIDES.items():
        common.add_argument(f"--{option}", dest=key, help=f"overrides the setting {key}")

    parser = argparse.ArgumentParser(
        prog="stroke-hospital", description="Receives stroke screens from ambulances."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", parents=[common], help="receive until stopped")
    serve.add_argument("--print", action="store_true", help="a line for people for every event")
    serve.set_defaults(run=_serve)

    keys = commands.add_parser("keys", parents=[common], help="make our keys, list the units'")
    keys.set_defaults(run=_keys)

    show = commands.add_parser("show", parents=[common], help="what has been received")
    show.add_argument("screen_id", nargs="?", help="one screen in full")
    show.add_argument("--quarantine", action="store_true", help="what was refused, and why")
    show.add_argument("--by-unit", action="store_true", help="the units and their links")
    show.set_defaults(run=_show)

    seen = commands.add_parser("seen", parents=[common], help="tell the unit that we saw a screen")
    seen.add_argument("screen_id")
    seen.add_argument("--role", default="physician", help="nurse, physician, …: never a name")
    seen.set_defaults(run=_seen)

    export = commands.add_parser("export", parents=[common], help="write a report's files to --out")
    export.add_argument("screen_id")
    export.set_defaults(run=_export)
    return parser


def _settings(options: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    given = vars(options)
    named = environment.get(SETTINGS_VARIABLE)
    path = options.settings or (Path(named) if named else None)
    overrides = {key: given[key] for key in _OVERRIDES.values() if given[key] is not None}
    return load(path, environment, overrides)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    logs.configure(human=sys.stderr.isatty())

    def show(event: Event) -> None:
        if options.print or isinstance(event, Ready):
            print(line_of(event, datetime.now(UTC)), flush=True)

    service = Service(settings, [log_event, show])
    for problem in service.units.problems:
        print(f"stroke-hospital: left out: {problem}", file=sys.stderr)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    service.run()
    return 0


def _keys(_options: argparse.Namespace, settings: Settings) -> int:
    keys = HospitalKeys.load_or_make(settings.keys_dir)
    print(f"our signing key  {keys.signing.id}  {settings.keys_dir / 'signing.pub.pem'}")
    for key in keys.sealing[:1]:
        print(f"our sealing key  {key.id}  {settings.keys_dir / 'sealing.pub.pem'}")
    for key in keys.sealing[1:]:
        print(f"earlier sealing  {key.id}  opens what was sealed to it before")
    units = TrustedUnits(settings.units_dir, settings.agency)
    for sender in units.all():
        print(f"unit {sender.unit}  {sender.key.id}  {'REVOKED' if sender.revoked else 'trusted'}")
    for problem in units.problems:
        print(f"left out: {problem}")
    return 0


def _show(options: argparse.Namespace, settings: Settings) -> int:
    store = Store(settings.database_url)
    try:
        with store.reading() as reading:
            if options.quarantine:
                lines = quarantine_lines(reading)
            elif options.by_unit:
                lines = units_lines(reading)
            elif options.screen_id:
                lines = screen_lines(reading, options.screen_id)
            else:
                lines = screens_lines(reading)
    finally:
        store.close()
    print("\n".join(lines))
    return 0


def _seen(options: argparse.Namespace, settings: Settings) -> int:
    store = Store(settings.database_url)
    try:
        first = mark_seen(
            store,
            options.screen_id,
            role=options.role,
            site=settings.site,
            at=datetime.now(UTC),
        )
    finally:
        store.close()
    print("the service will tell the unit" if first else f"a {options.role} had seen it before")
    return 0


def _export(options: argparse.Namespace, settings: Settings) -> int:
    if settings.out_dir is None:
        raise SettingsError("export needs a folder: give --out DIR or the setting out_dir")
    store = Store(settings.database_url)
    try:
        with store.reading() as reading:
            stored = reading.report(options.screen_id)
    finally:
        store.close()
    if stored is None:
        raise NoSuchScreen(f"screen {options.screen_id} has no report here")
    try:
        paths = write_files(stored, settings.out_dir)
    except OSError as error:
        raise HospitalError(f"{settings.out_dir}: cannot be written ({error.strerror})") from error
    print("\n".join(str(path) for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
