"""Whether one version of a remembered value still holds, and which versions came after it."""

from dataclasses import dataclass

from django.db.models import Max, Q

from runs.durable.why_waiting import MOMENT
from runs.memory.models import Entry


@dataclass(frozen=True)
class Standing:
    """How a version stands: `following` took its place, `again` are versions that say once more what it says.

    `newest` is the number of the version that holds.
    """

    entry: Entry
    following: Entry | None
    again: tuple[Entry, ...]
    newest: int

    @property
    def word(self) -> str:
        """For the head of its page."""
        if self.following is None:
            return "Holds now"
        return "Reverted" if self.following.restores_id else "Superseded"

    @property
    def tone(self) -> str:
        """Of the word."""
        return "ok" if self.following is None else "wait"

    @property
    def says(self) -> str:
        """What became of it, in words; nothing of a version that holds."""
        if self.following is None:
            return ""
        return " ".join(filter(None, (_followed(self.following), *map(_restored, self.again), self._now())))

    def _now(self) -> str:
        told = {self.following.number if self.following else 0, *(entry.number for entry in self.again)}
        return "" if self.newest in told else f"Version {self.newest} holds now."


def standing_of(entry: Entry) -> Standing:
    """In two queries."""
    versions = Entry.objects.of(entry.place)
    later = versions.filter(Q(number=entry.number + 1) | Q(restores=entry)).select_related("restores")
    found = list(later.defer("artifact").order_by("number"))
    following = next((each for each in found if each.number == entry.number + 1), None)
    newest = versions.order_by().aggregate(found=Max("number"))["found"]
    again = tuple(each for each in found if each.restores_id == entry.pk)
    return Standing(entry, following, again, newest)


def _followed(entry: Entry) -> str:
    if entry.restores is None:
        return f"Version {entry.number} took its place on {entry.at:{MOMENT}}."
    return (
        f"{entry.author_name} went back to version {entry.restores.number}, as version {entry.number}, "
        f"on {entry.at:{MOMENT}}: {_why(entry)}"
    )


def _restored(entry: Entry) -> str:
    return (
        f"What it says held again as version {entry.number} from {entry.at:{MOMENT}}, "
        f"by {entry.author_name}: {_why(entry)}"
    )


def _why(entry: Entry) -> str:
    return f"“{entry.reason}”{'' if entry.reason.endswith(('.', '!', '?')) else '.'}"
