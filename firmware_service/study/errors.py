"""What can end a study."""

from __future__ import annotations

from firmware_service.ports import DeviceError


class StudyError(DeviceError):
    """A study that cannot be made."""


class ExtraMissing(StudyError):
    """The libraries of the extra `study` are not installed."""


class FolderInvalid(StudyError):
    """The labelled folder does not say what a study needs to know."""


class TooFewPeople(StudyError):
    """Too few people for figures that would hold for anybody else."""


class CannotWrite(StudyError):
    """The outputs cannot be written."""
