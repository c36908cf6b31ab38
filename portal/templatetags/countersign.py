"""The tags of the design system: icons, pieces with a body, and the small pieces that lists repeat."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField, widgets
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.web import wording

register = template.Library()

SPRITE = "vendor/tabler-icons-3.51.0/sprite.svg"

register.filter("short_digest", wording.short_digest)
register.filter("short_id", wording.short_id)
register.filter("duration", wording.duration)
register.filter("money", wording.money)
register.filter("tokens", wording.tokens)
register.filter("relative", wording.relative)
register.filter("utc", wording.utc)
register.filter("initials", wording.initials)
register.filter("message_tone", wording.message_tone)
register.filter("tone_icon", wording.tone_icon)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing from the sprite; decoration only, so a word must stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static(SPRITE), name
    )


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """The address of the page, to come back to."""
    request: HttpRequest | None = getattr(context, "request", None)
    return request.get_full_path() if request else ""


@register.inclusion_tag("components/badge.html")
def badge(state: str, word: str = "", tone: str = "", shape: str = "") -> dict[str, str]:
    """A state as word, shape (an icon's name) and colour; what is not given follows from the state."""
    said = {"tone": tone or wording.state_tone(state), "word": word or wording.state_word(state)}
    return {**said, "shape": shape}


@register.inclusion_tag("components/digest.html")
def digest(value: object, label: str = "digest", *, copy: bool = True) -> dict[str, object]:
    """A SHA-256 in short, whole in the title and on paper, with a button that copies the whole."""
    return {"value": value, "label": label, "copy": copy}


@register.inclusion_tag("components/time.html")
def when(at: datetime | None, *, absolute: bool = False) -> dict[str, object]:
    """A moment: relative on the screen unless `absolute`, in UTC in the title and on paper."""
    return {"at": at, "absolute": absolute}


@register.inclusion_tag("components/crumbs.html")
def crumbs(*steps: object) -> dict[str, object]:
    """The way here: label and address in turn; an odd last label is the page itself."""
    labels, addresses = steps[0::2], steps[1::2]
    return {"items": [(label, addresses[n] if n < len(addresses) else "") for n, label in enumerate(labels)]}


@register.inclusion_tag("components/kv.html")
def kv(items: Mapping[str, object] | Iterable[tuple[str, object]]) -> dict[str, object]:
    """Names and values under one another, from a mapping or from pairs."""
    return {"items": items.items() if isinstance(items, Mapping) else items}


@register.simple_block_tag
def card(content: str, title: str = "", **options: Any) -> SafeString:
    """One idea in a frame. Options: `note` (a small fact on the right), `id`, `flush`, `foot`, `level`."""
    return render_to_string("components/card.html", {"content": content, "title": title, **options})


@register.simple_block_tag
def table(content: str, label: str, **options: Any) -> SafeString:
    """A table that scrolls inside its card, from its `<thead>` and `<tbody>`. Options: `keys`, `caption`."""
    return render_to_string("components/table.html", {"content": content, "label": label, **options})


@register.simple_block_tag
def scroll(content: str, label: str) -> SafeString:
    """What may be wider than its card (a drawing, a table of one's own): it scrolls, also by keyboard."""
    frame = '<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>'
    return format_html(frame, label, content)


@register.simple_block_tag
def page_head(content: str, title: str, **options: Any) -> SafeString:
    """A page's heading, from its badges and, in `<div class="actions">`, its actions. Option: `lead`."""
    return render_to_string("components/page_head.html", {"content": content, "title": title, **options})


@register.inclusion_tag("components/why_not_moving.html")
def why_not_moving(state: str, why: str) -> dict[str, str]:
    """The sentence that says what a run waits for or what stopped it, in the tone of its state."""
    tone, title = wording.why_of(state)
    return {"tone": tone, "title": title, "why": why}


@register.simple_block_tag(takes_context=True)
def confirm(context: Context, content: str, id: str, title: str, action: str, **options: Any) -> SafeString:
    """A dialog that `data-opens="<id>"` opens; confirming posts the fields in its body to `action`.

    Options: `verb` (the button's words), `danger`.
    """
    given = {"content": content, "id": id, "title": title, "action": action, **options}
    return render_to_string("components/confirm.html", {**given, "csrf_token": context.get("csrf_token", "")})


@register.simple_tag
def widget(field: BoundField, **attributes: Any) -> SafeString:
    """A form field's control in the portal's looks, described by its help and its errors."""
    hint = str(field.field.widget.attrs.get("placeholder", ""))
    if hint.lower().startswith(str(field.label).lower()):
        attributes["placeholder"] = False  # the label above says it already
    own = (_looks(field.field.widget), field.field.widget.attrs.get("class"), attributes.get("class"))
    attributes["class"] = " ".join(filter(None, own))
    return field.as_widget(attrs={name.replace("_", "-"): value for name, value in attributes.items()})


@register.filter
def is_blank(pieces: Iterable[str]) -> bool:
    """Whether rendered pieces show nothing."""
    return not "".join(pieces).strip()


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the field is one box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, widgets.CheckboxInput)


@register.filter
def is_choices(field: BoundField) -> bool:
    """Whether the field is a group of radio buttons or boxes, which needs a legend instead of a label."""
    return isinstance(field.field.widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple)


def _looks(control: widgets.Widget) -> str:
    if isinstance(control, widgets.CheckboxInput):
        return "form-check-input"
    if isinstance(control, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        return ""
    return "form-select" if isinstance(control, widgets.Select) else "form-control"
