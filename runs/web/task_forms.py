"""The form that decides a task."""

from typing import Any

import orjson
from django import forms

from governance.errors import Invalid
from governance.ledger.strict_json import read_json
from runs.people.models import Task

FORM = "decide"


class TaskForm(forms.Form):
    """What can be decided, the reason, and of an edit what becomes of the subject."""

    decision = forms.ChoiceField(
        label="Your decision", widget=forms.RadioSelect, error_messages={"required": "Choose one of these."}
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is kept with your decision.",
        error_messages={"required": "Say why you decide so."},
    )

    def __init__(self, *args: Any, task: Task, original: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.task, self.original = task, original
        offered: forms.ChoiceField = self.fields["decision"]  # type: ignore[assignment]  # declared above
        offered.choices = list(task.offers.items())
        if task.kind == Task.Kind.EDIT:
            self.fields["value"] = forms.CharField(
                label="What you make of it",
                strip=False,
                required=False,
                initial=written(original),
                widget=forms.Textarea(attrs={"rows": 14, "form": FORM, "spellcheck": "true"}),
            )

    def clean(self) -> dict[str, Any]:
        """An edit is not lost by leaving the subject as it is."""
        found = super().clean() or {}
        text = found.get("value")
        if text is None:
            return found
        changed = lines(text) != lines(written(self.original))
        if found.get("decision") == Task.ACCEPTED and changed:
            self.add_error("decision", "You changed it: take your edit, or undo the change.")
        return found

    def value(self) -> Any:
        """The edited value, None where nothing is edited. Raises `Invalid` for what is no JSON."""
        if self.task.kind != Task.Kind.EDIT or self.cleaned_data["decision"] != Task.EDITED:
            return None
        text = lines(self.cleaned_data["value"])
        if isinstance(self.original, str):
            return self.original if text == lines(self.original) else text
        try:
            return read_json(text, what="Your edit")
        except Invalid as problem:
            raise Invalid(problem.message, fields={"value": problem.message}) from problem


def written(value: Any) -> str:
    """A value as a person edits it: text as it is, anything else as indented JSON."""
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def lines(text: str) -> str:
    """The text with the line ends of everywhere but browsers' forms."""
    return text.replace("\r\n", "\n")
