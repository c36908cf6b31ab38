"""The frame around every page: what the rail and the account menu hold, for whom, and what waits there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from governance.access.gate import reach
from governance.accounts.models import User
from governance.approvals.models import ApprovalRequest
from governance.prepared import rows
from portal.web.ledger_badge import LedgerBadge, ledger_badge
from runs.insight.capacity import looks_after_runs
from runs.people.models import Task

SQL = Path(__file__).parent / "sql"
ROLES = (SQL / "roles.sql").read_bytes()
ANY_TASK = (SQL / "any_task.sql").read_bytes()


def everybody(person: User) -> bool:
    """Shown to whoever is signed in; the page itself decides what they see."""
    return True


def may_open_admin(person: User) -> bool:
    """Shown to those whom the admin lets in."""
    return person.is_active and person.is_staff


def approvals_waiting(person: User) -> int:
    """How many open requests this person could decide and has not."""
    return ApprovalRequest.objects.waiting_for(person).count()


def tasks_waiting(person: User) -> int:
    """How many open tasks of runs this person could decide; asked of the database where any is open."""
    open_ones = rows(ANY_TASK, {"projects": list(reach(person).projects())})
    return Task.objects.waiting_for(person).count() if open_ones else 0


@dataclass(frozen=True)
class Entry:
    """One line of the rail or the account menu. `url` and `current` are filled in for a request."""

    label: str
    url_name: str
    icon: str
    keys: str = ""
    visible_if: Callable[[User], bool] = everybody
    count: Callable[[User], int] | None = None
    also_under: tuple[str, ...] = ()
    url: str = ""
    current: str = ""
    waiting: int = 0


@dataclass(frozen=True)
class Section:
    """Entries with one purpose."""

    label: str
    entries: tuple[Entry, ...]


RAIL = (
    Section(
        "Review",
        (
            Entry("Home", "home", "home", "gh"),
            Entry("Search", "search", "search", "gs"),
            Entry("Runs", "runs:list", "player-play", "gr", also_under=("/outputs/", "/artifacts/")),
            Entry("Tasks", "runs:tasks", "inbox", "gt", count=tasks_waiting),
            Entry("Memory", "runs:memory", "history", "gy"),
            Entry("Approvals", "governance:approvals", "checkbox", "ga", count=approvals_waiting),
        ),
    ),
    Section(
        "Govern",
        (
            Entry("Workflows", "governance:workflows", "route", "gw"),
            Entry("Prompts", "governance:prompts", "message-2", "gp"),
            Entry("Models", "governance:models", "cpu", "gm"),
            Entry("Releases", "governance:releases", "rocket", "ge"),
        ),
    ),
    Section(
        "Assure",
        (
            Entry("Ledger", "governance:ledger", "book-2", "gl"),
            Entry("Evidence", "runs:evidence", "file-text", "gv"),
            Entry("Readings", "runs:access", "file-search", "gf"),
            Entry("Recalls", "runs:recalls", "refresh", "gx"),
            Entry("Retention", "runs:retention", "hand-stop", "gn", also_under=("/erasures/",)),
        ),
    ),
    Section(
        "Operate",
        (
            Entry("Dashboards", "runs:dashboard", "chart-bar", "gd"),
            Entry("Schedules", "runs:schedules", "clock", "gc"),
            Entry("Webhooks", "runs:webhooks", "webhook", "gb"),
            Entry("Endpoints", "runs:endpoints", "lock", "go"),
            Entry("Workers", "runs:workers", "progress", "gk", visible_if=looks_after_runs),
            Entry("Admin", "admin:index", "settings", visible_if=may_open_admin),
        ),
    ),
)
ACCOUNT = (
    Entry("Your account", "governance:account", "user"),
    Entry("Change password", "account_change_password", "key"),
    Entry("Two-factor", "mfa_index", "shield-lock"),
    Entry("Sessions", "usersessions_list", "devices"),
    Entry("API tokens", "governance:tokens", "lock-access"),
    Entry("API documentation", "api-docs", "file-text"),
)


class Shell:
    """The frame of one request; every part is worked out when a template first asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _person(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) and user.is_authenticated else None

    @property
    def _is_kept_out(self) -> bool:
        return self._person is not None and self._person.must_replace_password

    @cached_property
    def sections(self) -> list[Section]:
        """The rail, without entries that have no page yet or are not for this person.

        It is empty, as the account menu, for who must replace a first password: all would lead back there.
        """
        person = self._person
        if person is None or self._is_kept_out:
            return []
        found = [(section, tuple(self._resolved(section.entries, person))) for section in RAIL]
        best = self._nearest(entry for _, entries in found for entry in entries)
        return [
            replace(section, entries=tuple(self._marked(entry, best) for entry in entries))
            for section, entries in found
            if entries
        ]

    @property
    def with_keys(self) -> list[Entry]:
        """The entries that a key sequence opens."""
        return [entry for section in self.sections for entry in section.entries if entry.keys]

    @cached_property
    def account(self) -> list[Entry]:
        """The account menu."""
        person = self._person
        if person is None or self._is_kept_out:
            return []
        entries = list(self._resolved(ACCOUNT, person))
        best = self._nearest(entries)
        return [self._marked(entry, best) for entry in entries]

    @cached_property
    def person_name(self) -> str:
        """The printed name, empty before sign-in."""
        return self._person.name if self._person else ""

    @cached_property
    def person_roles(self) -> list[str]:
        """What the person is, and where: "Auditor · Northwind Bank", each pair once."""
        person = self._person
        if person is None:
            return []
        held = rows(ROLES, {"person": person.pk})
        return sorted(f"{found.role.capitalize()} · {found.organisation}" for found in held)

    @property
    def ledger(self) -> LedgerBadge | None:
        """How the ledger stands; nothing before sign-in and for who is kept out."""
        person, url = self._person, address("governance:proof")
        return ledger_badge(person, url) if person and url and not self._is_kept_out else None

    @property
    def home(self) -> str:
        """Where the brand leads."""
        return address("home") or "/"

    @property
    def search(self) -> str:
        """The search page, empty while there is none for this person."""
        return "" if self._is_kept_out else address("search")

    @property
    def sign_out(self) -> str:
        """Where signing out is posted to."""
        return address("account_logout")

    def _resolved(self, entries: tuple[Entry, ...], person: User) -> Iterator[Entry]:
        for entry in entries:
            url = address(entry.url_name)
            if url and entry.visible_if(person):
                yield replace(entry, url=url, waiting=entry.count(person) if entry.count else 0)

    def _covers(self, path: str) -> bool:
        here = self._request.path
        return here == path or (path != self.home and here.startswith(path))

    def _nearest(self, entries: Iterable[Entry]) -> str:
        paths = (path for entry in entries for path in _paths(entry))
        return max(filter(self._covers, paths), key=len, default="")

    def _marked(self, entry: Entry, best: str) -> Entry:
        if best not in _paths(entry):
            return entry
        return replace(entry, current="page" if self._request.path == entry.url else "true")


def address(url_name: str) -> str:
    """The path of a named page, empty when this installation has no such page."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}


def _paths(entry: Entry) -> tuple[str, ...]:
    return (entry.url, *entry.also_under)
