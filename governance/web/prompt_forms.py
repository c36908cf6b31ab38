"""The prompt editor: rows of messages and rows of variables, more of either on request, without a script."""

from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.http import QueryDict

from governance.catalog.models import Version
from governance.catalog.prompts import LONGEST_MESSAGE
from governance.errors import Invalid

ROLES = [("system", "System"), ("user", "User"), ("assistant", "Assistant")]
MOST_MESSAGES, MOST_VARIABLES = 20, 40


class PromptMessageForm(forms.Form):
    """One message. An empty text leaves the message out."""

    role = forms.ChoiceField(choices=ROLES)
    content = forms.CharField(
        label="Text",
        required=False,
        max_length=LONGEST_MESSAGE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7, "class": "mono", "spellcheck": "true"}),
    )

    def clean_content(self) -> str:
        """Browsers send line ends as carriage return and line feed; a prompt has line feeds."""
        content: str = self.cleaned_data["content"]
        return content.replace("\r\n", "\n").replace("\r", "\n")


class VariableForm(forms.Form):
    """One declared place. An empty name leaves the variable out."""

    name = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false"})
    )
    description = forms.CharField(required=False, max_length=400)
    max_characters = forms.IntegerField(
        label="At most", required=False, min_value=1, max_value=LONGEST_MESSAGE
    )


class PromptDraft:
    """The two sets of rows as one form."""

    def __init__(self, newest: Version | None, posted: QueryDict | None) -> None:
        document: dict[str, Any] = newest.document if newest else {}
        self.errors_by_place: list[tuple[str, str]] = []
        self.messages = _rows(
            PromptMessageForm,
            "messages",
            MOST_MESSAGES,
            posted,
            document.get("messages") or [{"role": "system"}, {"role": "user"}],
        )
        self.variables = _rows(
            VariableForm, "variables", MOST_VARIABLES, posted, document.get("variables") or [{}]
        )

    def is_valid(self) -> bool:
        """Whether every row can be read."""
        return all([self.messages.is_valid(), self.variables.is_valid()])

    @property
    def errors(self) -> bool:
        """Whether any row is wrong."""
        return self.messages.is_bound and not self.is_valid()

    def content(self) -> dict[str, Any]:
        """The draft; rows without a text or a name are left out."""
        return {
            "messages": [
                {"role": row["role"], "content": row["content"]}
                for row in _given(self.messages)
                if row.get("content", "").strip()
            ],
            "variables": [
                {key: row[key] for key in ("name", "description", "max_characters") if row.get(key)}
                for row in _given(self.variables)
                if row.get("name")
            ],
        }

    def refuse(self, problem: Invalid) -> None:
        """Keep what the service found wrong, by place."""
        self.errors_by_place = [(_place(place), reason) for place, reason in problem.fields.items()]
        if not self.errors_by_place:
            self.errors_by_place = [("Prompt", problem.message)]


def _given(rows: "BaseFormSet[forms.Form]") -> list[dict[str, Any]]:
    return [form.cleaned_data for form in rows.forms if form.is_valid()]


def _place(place: str) -> str:
    name, _, rest = place.partition(".")
    number = rest.partition(".")[0]
    if number in map(str, range(MOST_VARIABLES)):
        return f"{name.removesuffix('s').capitalize()} {int(number) + 1}"
    return name.capitalize()


def _rows(
    row: type[forms.Form], prefix: str, most: int, posted: QueryDict | None, initial: list[dict[str, Any]]
) -> "BaseFormSet[forms.Form]":
    """A formset; pressing “add” (`more=<prefix>`) shows it again with one row more."""
    made = forms.formset_factory(row, extra=0, max_num=most, absolute_max=most, validate_max=True)
    if posted is None:
        return made(prefix=prefix, initial=initial)
    count = f"{prefix}-TOTAL_FORMS"
    if posted.get("more") == prefix and posted.get(count, "") in map(str, range(most)):
        posted = posted.copy()
        posted[count] = str(int(posted.get(count, "")) + 1)
    return made(posted, prefix=prefix, initial=initial)
