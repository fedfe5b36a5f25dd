from __future__ import annotations

import pytest

from firmware_service.simulate.face import ActingFace, acting_face
from firmware_service.simulate.portrait import Sitter


@pytest.fixture(scope="session", params=list(Sitter))
def face(request: pytest.FixtureRequest) -> ActingFace:
    return acting_face(request.param)
