"""The form that starts a run: a reference, and each declared input as text or as a file."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from governance.catalog.workflows import Input
from governance.errors import Invalid
from runs.artifacts.store import Document

TEXT, FILE = "text_", "file_"


class StartForm(forms.Form):
    """Fields for what the workflow version declares. What was typed stays when something is refused."""

    reference = forms.CharField(
        max_length=200, required=False, help_text="Your own number for the case, to find the run by later."
    )
    # Made once for each form that is handed out, so that sending it twice starts one run.
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, declared: Sequence[Input], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declared = declared
        self.fields["key"].initial = f"page-{uuid4()}"
        for found in declared:
            name = found.name.replace("_", " ").capitalize()
            text = forms.CharField(
                label=name, required=False, strip=False, widget=forms.Textarea(attrs={"rows": 9})
            )
            file = forms.FileField(label=f"{name} as a file", required=False, allow_empty_file=True)
            self.fields |= {TEXT + found.name: text, FILE + found.name: file}

    def given(self) -> list[dict[str, Any]]:
        """Each declared input with its two fields, for the page."""
        return [
            {
                "name": self.fields[TEXT + found.name].label,
                "about": f"{found.classification}, {found.media_type}, at most {found.max_bytes:,} bytes",
                "text": self[TEXT + found.name],
                "file": self[FILE + found.name],
            }
            for found in self.declared
        ]

    def clean(self) -> dict[str, Any]:
        """Each input is given once: as text or as a file."""
        values = super().clean() or self.cleaned_data
        for found in self.declared:
            text, file = values.get(TEXT + found.name), values.get(FILE + found.name)
            if text and file:
                self.add_error(FILE + found.name, "Give the text or a file, not both.")
            elif file and file.size > found.max_bytes:
                self.add_error(FILE + found.name, f"{file.size:,} bytes; {found.max_bytes:,} are allowed.")
            elif not text and not file and TEXT + found.name not in self.errors:
                self.add_error(TEXT + found.name, "This input is needed: type it, or choose a file.")
        return values

    def documents(self) -> Mapping[str, Document | str]:
        """The inputs as the engine takes them."""
        found: dict[str, Document | str] = {}
        for declared in self.declared:
            file = self.cleaned_data.get(FILE + declared.name)
            if isinstance(file, UploadedFile):
                found[declared.name] = Document(filename=file.name or "", body=file.read())
            else:
                # A browser sends line ends as CR LF whatever was typed; the text is kept with plain ones.
                found[declared.name] = str(self.cleaned_data[TEXT + declared.name]).replace("\r\n", "\n")
        return found

    def refuse(self, problem: Invalid) -> None:
        """Show what the engine refuses beside the fields that it names."""
        placed = False
        for name, reason in problem.fields.items():
            short = name.removeprefix("inputs.")
            as_file = isinstance(self.cleaned_data.get(FILE + short), UploadedFile)
            field = (FILE if as_file else TEXT) + short
            target = field if field in self.fields else name
            if target in self.fields:
                self.add_error(target, reason)
                placed = True
        if not placed:
            self.add_error(None, problem.message)
