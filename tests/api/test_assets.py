"""GET and POST /assets/, GET /assets/{id}/"""

import pytest

from governance.catalog.models import Asset
from governance.ledger.models import Event
from tests.api.callers import Caller, fields_of, problem_of
from tests.factories.cast import Company
from tests.factories.things import make_model, make_prompt

NEW = {"project": "complaints", "kind": "prompt", "slug": "answer", "purpose": "Answers letters."}


def test_an_author_names_an_asset_and_reads_it_where_it_was_put(northwind: Company, author: Caller) -> None:
    made = author.post("assets/", NEW)
    assert made.status_code == 201
    found = author.get(made.headers["Location"]).json()
    assert found == made.json()
    assert (found["slug"], found["created_by"], found["newest_number"]) == ("answer", "Anna Author", None)
    assert Event.objects.about("prompt", Asset.objects.get(slug="answer").pk).count() == 1


def test_the_project_may_be_named_by_its_identifier(northwind: Company, author: Caller) -> None:
    made = author.post("assets/", {**NEW, "project": str(northwind.project.pk)})
    assert made.json()["project"]["slug"] == "complaints"


@pytest.mark.parametrize("project", ["claims", "nothing", "a511834d-ecbe-441c-8e7a-d94fbc93ce52", "x" * 121])
def test_a_project_out_of_reach_is_a_wrong_field_whether_it_exists_or_not(
    rival: Company, author: Caller, project: str
) -> None:
    assert fields_of(author.post("assets/", {**NEW, "project": project})) == {"project"}
    assert fields_of(author.post("assets/", {**NEW, "project": str(rival.project.pk)})) == {"project"}
    assert not Asset.objects.filter(slug="answer").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "not a slug"),
        ("slug", ""),
        ("slug", "x" * 81),
        ("kind", "policy"),
        ("purpose", "x" * 401),
        ("slug", 5.5),
    ],
)
def test_a_wrong_field_is_named(author: Caller, field: str, value: object) -> None:
    assert fields_of(author.post("assets/", {**NEW, field: value})) == {field}


def test_a_taken_name_is_refused(author: Caller) -> None:
    author.post("assets/", NEW)
    assert fields_of(author.post("assets/", NEW)) == {"slug"}


def test_an_auditor_may_not_name_one(auditor: Caller) -> None:
    assert problem_of(auditor.post("assets/", NEW), 403)["missing"] == "author_assets"


def test_assets_are_listed_by_kind_project_and_name(
    northwind: Company, rival: Company, auditor: Caller
) -> None:
    prompt, model = make_prompt(northwind), make_model(northwind)
    make_prompt(rival)
    everything = auditor.get("assets/").json()["results"]
    assert {asset["id"] for asset in everything} == {str(prompt.asset_id), str(model.asset_id)}
    assert {asset["newest_number"] for asset in everything} == {1}
    for query in ({"kind": "model"}, {"slug": model.asset.slug}):
        [found] = auditor.get("assets/", **query).json()["results"]
        assert found["id"] == str(model.asset_id)
    assert len(auditor.get("assets/", project="complaints").json()["results"]) == 2
    assert auditor.get("assets/", project="claims").json()["results"] == []
    assert auditor.get("assets/", project=str(rival.project.pk)).json()["results"] == []


def test_an_unknown_kind_is_refused(auditor: Caller) -> None:
    assert fields_of(auditor.get("assets/", kind="policy")) == {"kind"}


def test_a_foreign_asset_is_not_there(rival: Company, auditor: Caller) -> None:
    problem_of(auditor.get(f"assets/{make_prompt(rival).asset_id}/"), 404)
