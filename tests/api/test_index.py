"""GET /api/v1/"""

from portal.api.schema import document
from tests.api.callers import ROOT, Caller, by_session, nobody, problem_of
from tests.factories.cast import Company


def test_every_list_is_named_and_answers(operator: Caller) -> None:
    answer = operator.get("")

    assert answer.status_code == 200
    resources = answer.json()["resources"]
    every = {path.split("/")[3] for path in document()["paths"]}
    found = {name.split("/")[0] for name in resources}
    assert found == every - {"", "versions", "outputs", "artifacts", "evidence", "reveals"}
    for name, address in resources.items():
        query = {"q": "letter"} if name == "search" else {}
        expected = 400 if name.startswith("ledger/") else 200  # of which log is not said
        assert operator.get(address, **query).status_code == expected, address


def test_whoever_is_signed_in_finds_the_documents(northwind: Company) -> None:
    found = by_session(northwind.auditor).get("").json()

    assert found["openapi"] == f"http://testserver{ROOT}schema/"
    assert found["documentation"] == "http://testserver/api/docs/"


def test_below_a_prefix_the_addresses_hold_it_once(auditor: Caller) -> None:
    found = auditor.client.get(ROOT, headers=auditor.headers, SCRIPT_NAME="/portal").json()

    assert found["resources"]["runs"] == f"http://testserver/portal{ROOT}runs/"


def test_nobody_else_learns_what_there_is() -> None:
    problem_of(nobody().get(""), 401)
