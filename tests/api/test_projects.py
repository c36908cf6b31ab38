"""GET /projects/"""

from governance.access.permissions import ROLE_PERMISSIONS, Role
from tests.api.callers import Caller, by_session
from tests.factories.cast import Company


def test_each_project_within_reach_says_what_one_may_do_there(author: Caller) -> None:
    [found] = author.get("projects/").json()["results"]
    assert found["slug"] == "complaints"
    assert found["organisation"]["slug"] == "northwind"
    assert set(found["permissions"]) == {permission.value for permission in ROLE_PERMISSIONS[Role.AUTHOR]}


def test_whoever_has_no_role_reaches_no_project(northwind: Company) -> None:
    assert by_session(northwind.stranger).get("projects/").json()["results"] == []
