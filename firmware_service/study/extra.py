"""The libraries that a study needs and the device does not carry."""

from __future__ import annotations

from importlib.util import find_spec

from firmware_service.study.errors import ExtraMissing

_PACKAGE_OF = {"matplotlib": "matplotlib", "shap": "shap", "sklearn": "scikit-learn"}


def require_extra() -> None:
    """Return when every library of the extra `study` is there.

    Raises:
        ExtraMissing: names those that are not, and how to get them.
    """
    missing = [package for module, package in _PACKAGE_OF.items() if find_spec(module) is None]
    if missing:
        raise ExtraMissing(
            f"a study needs {', '.join(missing)}, which the device does not carry; "
            "run: pip install -r requirements-study.txt (extras device and study)"
        )
