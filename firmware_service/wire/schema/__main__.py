"""`python -m firmware_service.wire.schema [--check]`."""

from __future__ import annotations

import sys

from firmware_service.wire.schema import FOLDER, drifted, write

USAGE = "usage: scripts/schema [--check]"


def main(arguments: list[str]) -> int:
    """Write the schemas, or with --check say which differ; exit 1 when any does."""
    if arguments == ["--check"]:
        names = drifted()
        for name in names:
            sys.stderr.write(f"{name} is not what the models say; run scripts/schema\n")
        return 1 if names else 0
    if arguments:
        sys.stderr.write(USAGE + "\n")
        return 2
    write()
    sys.stdout.write(f"{len(list(FOLDER.glob('*.json')))} schemas in {FOLDER.name}/\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
