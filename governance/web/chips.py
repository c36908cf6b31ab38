"""The filters in force, each with the address of the list without it."""

from collections.abc import Iterator

from django.forms import Form
from django.http import QueryDict


def chips_of(form: Form, query: QueryDict) -> Iterator[dict[str, str]]:
    """Each filter in force, with the address without it."""
    for name, field in form.fields.items():
        if value := query.get(name, ""):
            rest = query.copy()
            for gone in (name, "after", "before"):
                rest.pop(gone, None)
            words = str(dict(getattr(field, "choices", ())).get(value, value))
            yield {"label": str(field.label), "value": words[:80], "remove_url": f"?{rest.urlencode()}"}
