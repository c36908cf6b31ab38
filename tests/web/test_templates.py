"""What every template keeps: no inline script or style, small components, icons that exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone

from portal.templatetags.countersign import SPRITE
from portal.web.vendor import sprite_names
from tests.web.template_inputs import declared, reads

TEMPLATES = Path(settings.TEMPLATES[0]["DIRS"][0])
STATIC = Path(settings.STATICFILES_DIRS[0])
EVERY = sorted(TEMPLATES.rglob("*.html"))
# allauth includes its own, and gives its elements attributes and slots.
OURS = [path for path in EVERY if path.relative_to(TEMPLATES).parts[0] not in {"account", "allauth", "mfa"}]
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
INLINE = re.compile(
    r"<style\b|\sstyle=|\son[a-z]+=|href=[\"']javascript:|"
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)",
    re.IGNORECASE,
)
ICON = re.compile(
    r"{%\s*icon\s+\"([^\"]+)\"|\bicon=\"([a-z0-9-]+)\"|shape=\"([a-z0-9-]+)\"|firstof icon \"([^\"]+)\""
)


def named(path: Path) -> str:
    """A template's name, for the test's own."""
    return path.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_a_template_has_no_inline_script_or_style(path: Path) -> None:
    assert INLINE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", COMPONENTS, ids=named)
def test_a_component_is_short_and_its_first_line_names_its_inputs(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) < 40
    assert re.match(r"{# .*inputs: .+ #}", lines[0])


@pytest.mark.parametrize("path", OURS, ids=named)
def test_what_is_included_sees_only_what_it_is_given(path: Path) -> None:
    included = re.findall(r"{% include [^%]+%}", path.read_text())
    assert [tag for tag in included if not tag.endswith(" only %}")] == []


@pytest.mark.parametrize("path", [path for path in OURS if declared(path.read_text())], ids=named)
def test_a_first_line_that_names_inputs_names_all_that_are_read(path: Path) -> None:
    said = declared(path.read_text()) or ""
    assert [name for name in sorted(reads(path.read_text())) if not re.search(rf"\b{name}\b", said)] == []


def test_what_a_template_reads_is_seen() -> None:
    loop = "{% for x in a.b|add:c %}{{ x.d }}{% include 'e' with f=g only %}{% endfor %}"
    text = "{# inputs: a #}" + loop + "{% csrf_token %}"
    assert reads(text) == {"a", "c", "g", "csrf_token"}
    assert declared(text) == "a "


def test_every_icon_that_a_page_shows_is_in_the_sprite() -> None:
    sources = [*EVERY, *TEMPLATES.parent.glob("portal/web/*.py")]
    shown = {name for path in sources for found in ICON.findall(path.read_text()) for name in found if name}
    assert shown - set(sprite_names(STATIC / SPRITE)) == set()


def test_the_rule_about_inline_code_sees_what_it_forbids() -> None:
    forbidden = [
        '<p style="x">',
        "<b onclick='x'>",
        "<style>",
        "<script>x</script>",
        '<a href="javascript:x">',
    ]
    assert all(INLINE.search(text) for text in forbidden)
    assert not INLINE.search('<script src="a.js"></script><script type="application/json">{}</script>')


def test_what_follows_a_moment_follows_at_once() -> None:
    """A full stop does not stand apart from it."""
    for at in (None, timezone.now()):
        said = Template("{% load countersign %}{% when at %}.").render(Context({"at": at}))
        assert re.search(r"</(time|span)>[.]$", said)
