"""GET /environments/"""

from tests.api.callers import Caller, by_session
from tests.factories.cast import Company


def test_the_environments_of_ones_own_organisation(auditor: Caller) -> None:
    found = auditor.get("environments/").json()["results"]
    assert {(place["slug"], place["protected"]) for place in found} == {
        ("development", False),
        ("staging", True),
        ("production", True),
    }
    assert {place["organisation"]["slug"] for place in found} == {"northwind"}


def test_whoever_has_no_role_sees_none(northwind: Company) -> None:
    assert by_session(northwind.stranger).get("environments/").json()["results"] == []
