"""What is served under /static/: collected as for a deployment, each file under a name with its digest."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.management import call_command
from django.test import override_settings
from django.utils.module_loading import import_string

from portal.settings import STORAGES
from portal.templatetags.countersign import SPRITE

TEMPLATES = Path(settings.TEMPLATES[0]["DIRS"][0])
URL = re.compile(r"url\([\"']?(?!data:|#)([^\"')]+)")  # of a file: neither inline nor a part of the page
DIGEST = re.compile(r"\.[0-9a-f]{12}\.\w+$")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder, filled by the part of the product's storage that names files; packing them takes longer."""
    folder = tmp_path_factory.mktemp("static")
    naming = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    with override_settings(STORAGES={**STORAGES, "staticfiles": naming}, STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


def test_the_product_names_its_files_in_this_way() -> None:
    assert issubclass(import_string(STORAGES["staticfiles"]["BACKEND"]), ManifestStaticFilesStorage)


def test_every_file_that_a_page_names_is_there(collected: Path) -> None:
    pages = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    named = {name for page in pages for name in re.findall(r"{% static [\"']([^\"']+)", page)} | {SPRITE}
    assert "css/base.css" in named
    for name in named:
        stored = staticfiles_storage.url(name).removeprefix(settings.STATIC_URL)
        assert DIGEST.search(stored), name
        assert (collected / stored).is_file(), name


def test_every_file_that_a_style_sheet_names_is_there(collected: Path) -> None:
    sheets = [path for path in collected.glob("css/*.css") if DIGEST.search(path.name)]
    named = [(sheet, url) for sheet in sheets for url in URL.findall(sheet.read_text())]
    assert named
    for sheet, url in named:
        assert (sheet.parent / url).resolve().is_file(), f"{sheet.name}: {url}"
