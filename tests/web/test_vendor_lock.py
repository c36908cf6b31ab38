"""What is vendored is what the lock says, in both directions and without a network."""

from pathlib import Path

import pytest
from django.conf import settings

from portal.web.vendor import LOCK, locked, vendored, write_lock

VENDOR = Path(settings.STATICFILES_DIRS[0]) / "vendor"


def test_every_vendored_file_is_locked_and_every_locked_file_is_there_unchanged() -> None:
    assert locked(VENDOR) == list(vendored(VENDOR))


def test_every_package_carries_its_licence() -> None:
    with_licence = {entry["name"] for entry in locked(VENDOR) if entry["file"].endswith("/LICENSE")}
    assert with_licence == {entry["name"] for entry in locked(VENDOR)}


def test_the_lock_names_no_address() -> None:
    assert "://" not in (VENDOR / LOCK).read_text()


def test_the_charts_are_drawn_by_the_version_that_the_figures_are_built_for() -> None:
    from plotly.offline import get_plotlyjs_version

    versions = {entry["version"] for entry in locked(VENDOR) if entry["name"] == "plotly.js-basic-dist-min"}
    assert versions == {get_plotlyjs_version()}


@pytest.mark.parametrize("damage", ["changed", "added", "removed"])
def test_what_is_changed_added_or_removed_differs_from_the_lock(damage: str, tmp_path: Path) -> None:
    package = tmp_path / "thing-1.0"
    package.mkdir()
    (package / "thing.js").write_text("one")
    (package / "LICENSE").write_text("free")
    write_lock(tmp_path)
    assert locked(tmp_path) == list(vendored(tmp_path))

    if damage == "changed":
        (package / "thing.js").write_text("two")
    elif damage == "added":
        (package / "more.js").write_text("more")
    else:
        (package / "LICENSE").unlink()

    assert locked(tmp_path) != list(vendored(tmp_path))
