"""Ways to change what governs: each row is told in somebody's name, or nothing is changed."""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from guardian.shortcuts import assign_perm

from governance.access.organisations import create_team
from governance.accounts.models import Project, Team, User
from governance.ledger.acting import acting
from tests.attacks.acts import CASES, ActCase, Setting, ends
from tests.factories.captured import Told
from tests.factories.cast import Company
from tests.visiting import visitor

TOLD: Final = "told: each row"
NOBODY: Final = "refused: nobody named"
RETIRE: Final = "UPDATE accounts_user SET is_active = NOT is_active WHERE employer_id = %s"
COPY: Final = "COPY accounts_project (id, organisation_id, slug, name, created_at) FROM STDIN"


def _people(company: Company) -> list[User]:
    return [*User.objects.filter(employer=company.organisation)]


def _update(company: Company) -> int:
    return User.objects.filter(employer=company.organisation, is_active=True).update(is_active=False)


def _bulk_update(company: Company) -> int:
    people = _people(company)
    for person in people:
        person.is_active = not person.is_active
    return User.objects.bulk_update(people, ["is_active"])


def _raw(company: Company) -> int:
    with connection.cursor() as cursor:
        cursor.execute(RETIRE, [company.organisation.pk])
        return int(cursor.rowcount)


def _copy(company: Company) -> int:
    organisation = company.organisation.pk  # while rows are copied nothing else can be asked
    with connection.cursor() as cursor, cursor.copy(COPY) as rows:
        for number in range(3):
            name = f"copied-{number}"
            rows.write_row([UUID(int=number + 1), organisation, name, name, "2026-11-22"])
    return 3


def _between(company: Company) -> int:
    group = Team.objects.get(organisation=company.organisation).group
    people = _people(company)
    for person in people:
        person.groups.add(group)
    return len(people)


def _team(company: Company) -> None:
    create_team(company.organisation, actor=company.owner, name="Desk")


WAYS: Final[dict[str, Callable[[Company], int]]] = {
    "queryset.update": _update,
    "bulk_update": _bulk_update,
    "raw SQL": _raw,
    "COPY": _copy,
    "a table between two": _between,
}


def _named(way: Callable[[Company], int], setting: Setting) -> str:
    _team(setting.company)
    told = Told()
    with acting(setting.company.owner):
        rows = way(setting.company)
    return _ended(told, rows)


def _unnamed(way: Callable[[Company], int], setting: Setting) -> str:
    _team(setting.company)
    told = Told()
    try:
        with transaction.atomic():
            rows = way(setting.company)
    except IntegrityError as problem:
        return NOBODY if "nobody is named" in str(problem) and not told.rows() else str(problem)
    return _ended(told, rows)


def _ended(told: Told, rows: int) -> str:
    found = len(told.rows())
    return TOLD if found == rows > 0 else f"{found} of {rows} rows told"


for _name, _way in WAYS.items():
    CASES.append(ActCase(f"{_name} on what governs, in somebody's name", partial(_named, _way), TOLD))
    CASES.append(ActCase(f"{_name} on what governs, in nobody's", partial(_unnamed, _way), NOBODY))


@ends(TOLD, "a cascade from what governs, by the owner of the tables")
def cascade(setting: Setting) -> str:
    company = setting.company
    with acting(company.owner):
        project = Project.objects.create(organisation=company.organisation, slug="short", name="Short")
        assign_perm("view_project", company.stranger, project)
    told = Told()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT ledger_act(%s)", [company.owner.pk])
        rows, _ = Project.objects.using("owner").get(pk=project.pk).delete()
    return _ended(told, rows)


@ends(TOLD, "a form of the admin")
def admin(setting: Setting) -> str:
    told = Told()
    given = {"organisation": str(setting.company.organisation.pk), "slug": "by-hand", "name": "By hand"}
    visitor(setting.company.owner).post(reverse("admin:governance_project_add"), given)
    return _ended(told, 1)
