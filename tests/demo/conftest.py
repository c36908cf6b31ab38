"""A demonstration of its own."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from portal.demo import cast
from tests.demo.working import worked_off
from tests.harness.folders import places

__all__ = ["places", "worked_off"]


@pytest.fixture
def harbour(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bank that is not the one that the cast of the tests works at, which has the same name."""
    parts = [replace(part, email=part.email.replace("northwind", "harbour")) for part in cast.PARTS]
    monkeypatch.setattr(cast, "ORGANISATION", ("harbour", "Harbour Bank"))
    monkeypatch.setattr(cast, "PARTS", parts)
    monkeypatch.setattr(settings.ENV, "countersign_var", tmp_path)
