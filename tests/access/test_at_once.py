"""Two owners who change the roles of one person at the same moment, each on a connection of their own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting

import pytest
from django.db import connections, transaction

from governance.access.gate import resolve
from governance.access.models import Grant, ProjectUserObjectPermission
from governance.access.permissions import ROLE_PERMISSIONS, Role
from governance.access.services import grant_role, revoke_role
from tests.factories.cast import Company

MOMENT = 0.3


@pytest.mark.usefixtures("fresh_database")
def test_of_two_roles_revoked_at_once_nothing_is_left(northwind: Company) -> None:
    author, operator = given(northwind, Role.AUTHOR), given(northwind, Role.OPERATOR)

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            revoke_role(author, actor=northwind.owner, reason="moved on")
            second = begun(
                other, lambda: revoke_role(operator, actor=northwind.owner, reason="moved on, too")
            )
        second.result(timeout=60)

    assert held(northwind) == set()
    assert northwind.project.pk not in resolve(northwind.stranger).permissions


@pytest.mark.usefixtures("fresh_database")
def test_a_role_given_while_another_is_revoked_is_whole(northwind: Company) -> None:
    author = given(northwind, Role.AUTHOR)

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            given(northwind, Role.APPROVER)
            second = begun(other, lambda: revoke_role(author, actor=northwind.owner, reason="changes sides"))
        second.result(timeout=60)

    assert held(northwind) == ROLE_PERMISSIONS[Role.APPROVER]


def given(company: Company, role: Role) -> Grant:
    """One more role for the stranger."""
    return grant_role(company.project, actor=company.owner, role=role, to=company.stranger, reason="a test")


def held(company: Company) -> set[str]:
    """What guardian has stored for the stranger, which the gate reads."""
    rows = ProjectUserObjectPermission.objects.filter(content_object=company.project, user=company.stranger)
    return set(rows.values_list("permission__codename", flat=True))


def begun(thread: ThreadPoolExecutor, call: Callable[[], Grant]) -> "Future[Grant]":
    """The call under way in another thread, as far as it comes before this transaction ends."""

    def made() -> Grant:
        try:
            return call()
        finally:
            connections.close_all()

    future = thread.submit(made)
    with pytest.raises(StillWaiting):
        future.result(timeout=MOMENT)
    return future
