"""The form of a schedule: its name, when it fires, with which inputs, and what it does when it cannot."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from governance.catalog.workflows import Input
from governance.errors import Invalid
from runs.schedules.models import Schedule
from runs.schedules.services import LONGEST_NAME
from runs.schedules.terms import Terms
from runs.schedules.timing import UNITS, zones

INPUT: Final = "input_"
AT_TIMES, AT_INTERVALS = "cron", "every"
SECONDS: Final = {f"{unit}s": seconds for unit, seconds in UNITS}


class TimingForm(forms.Form):
    """When it fires: what the preview asks for, too."""

    kind = forms.ChoiceField(
        label="It fires",
        choices=[(AT_TIMES, "at given times"), (AT_INTERVALS, "at equal intervals")],
        widget=forms.RadioSelect,
        initial=AT_TIMES,
    )
    cron = forms.CharField(
        label="Times, as a cron expression",
        max_length=100,
        required=False,
        initial="0 9 * * 1-5",
        help_text="Minute, hour, day of the month, month, day of the week. <code>0 9 * * 1-5</code>: at nine "
        "from Monday to Friday. <code>*/15 * * * *</code>: every quarter of an hour. <code>0 6 L * *</code>: "
        "at six on the last day of the month.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "class": "mono"}),
    )
    every = forms.IntegerField(label="Every", min_value=1, required=False, initial=1)
    unit = forms.ChoiceField(
        label="Unit", choices=[(name, name) for name in SECONDS], required=False, initial="hours"
    )
    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        initial="UTC",
        help_text="By its name, such as Europe/Berlin. The times are those on the clocks there, all year.",
        widget=forms.TextInput(attrs={"list": "zones", "spellcheck": "false", "autocomplete": "off"}),
    )

    def when(self) -> dict[str, Any]:
        """The parts of the terms that say when, of a valid form."""
        asked = self.cleaned_data
        if asked["kind"] == AT_TIMES:
            return {"zone": asked["zone"], "cron": asked["cron"]}
        seconds = (asked["every"] or 0) * SECONDS[asked["unit"] or "seconds"]
        return {"zone": asked["zone"], "every_s": seconds}


class ScheduleForm(TimingForm):
    """With an input each for what the workflow declares. What was typed stays when something is refused."""

    name = forms.CharField(
        max_length=LONGEST_NAME, help_text="What people call it, such as “Morning letters”."
    )
    overlap = forms.ChoiceField(
        label="When its last run is still under way",
        choices=Schedule.Overlap.choices,
        widget=forms.RadioSelect,
        initial=Schedule.Overlap.SKIP,
    )
    catch_up = forms.ChoiceField(
        label="After a stop, for the times at which nobody looked",
        choices=Schedule.CatchUp.choices,
        widget=forms.RadioSelect,
        initial=Schedule.CatchUp.LAST,
    )
    edition = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    field_order = ("name",)

    def __init__(self, *args: Any, declared: Sequence[Input], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declared = declared
        kept: dict[str, str] = (self.initial or {}).get("inputs", {})
        for found in declared:
            self.fields[INPUT + found.name] = forms.CharField(
                label=found.name.replace("_", " ").capitalize(),
                strip=False,
                initial=kept.get(found.name, ""),
                help_text=f"{found.classification.capitalize()}, {found.media_type}, at most "
                f"{found.max_bytes:,} bytes. Every run begins with it.",
                widget=forms.Textarea(attrs={"rows": 4}),
                error_messages={"required": "Every run needs this input."},
            )

    def given(self) -> list[forms.BoundField]:
        """The fields of the inputs."""
        return [self[INPUT + found.name] for found in self.declared]

    def terms(self) -> Terms:
        """What a valid form says."""
        asked = self.cleaned_data
        # A browser sends line ends as CR LF whatever was typed; the text is kept with plain ones.
        inputs = {found.name: asked[INPUT + found.name].replace("\r\n", "\n") for found in self.declared}
        return Terms(**self.when(), inputs=inputs, overlap=asked["overlap"], catch_up=asked["catch_up"])

    def refuse(self, problem: Invalid) -> None:
        """Show what the service refuses beside the field that it is about."""
        placed = False
        for name, reason in problem.fields.items():
            short = {"every_s": "every"}.get(name, name)
            field = next((each for each in (INPUT + short, short) if each in self.fields), None)
            if field is not None:
                self.add_error(field, reason)
                placed = True
        if not placed:
            self.add_error(None, problem.message)


def initial_of(schedule: Schedule) -> dict[str, Any]:
    """The form's values for a schedule as it is."""
    values: dict[str, Any] = {
        name: getattr(schedule, name) for name in ("name", "zone", "overlap", "catch_up", "edition", "inputs")
    }
    if schedule.every_s is None:
        return {**values, "kind": AT_TIMES, "cron": schedule.cron}
    unit, seconds = next(found for found in SECONDS.items() if schedule.every_s % found[1] == 0)
    return {**values, "kind": AT_INTERVALS, "cron": "", "every": schedule.every_s // seconds, "unit": unit}


def zone_names() -> list[str]:
    """For the list that the field of the zone offers."""
    return sorted(zones())
