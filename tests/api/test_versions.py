"""GET and POST /assets/{id}/versions/, GET /versions/{id}/"""

import pytest

from governance.catalog.models import Version
from governance.ledger.canonical import canonical, sha256_hex
from tests.api.callers import Caller, fields_of, problem_of
from tests.factories.cast import Company
from tests.factories.things import PROMPT, make_model, make_prompt, make_workflow, workflow_content


def test_the_next_version_is_made_and_its_digest_is_that_of_its_content(
    northwind: Company, author: Caller
) -> None:
    first = make_prompt(northwind, text="Before.")
    made = author.post(f"assets/{first.asset_id}/versions/", {"content": PROMPT, "message": "Shorter"})
    assert made.status_code == 201
    found = author.get(made.headers["Location"]).json()
    assert (found["number"], found["parent"], found["author"]) == (2, str(first.pk), "Anna Author")
    assert found["digest"] == sha256_hex(canonical(found["content"]))
    listed = author.get(f"assets/{first.asset_id}/versions/").json()["results"]
    assert [version["number"] for version in listed] == [2, 1]


def test_a_workflow_version_shows_what_it_pins(northwind: Company, author: Caller) -> None:
    workflow, prompt, model = make_workflow(northwind), make_prompt(northwind), make_model(northwind)
    content = workflow_content(prompt, model)
    made = author.post(f"assets/{workflow.asset_id}/versions/", {"content": content, "message": "New pins"})
    pinned = {(pin["node"], pin["version"]["id"]) for pin in made.json()["pins"]}
    assert pinned == {("summary", str(prompt.pk)), ("summary", str(model.pk))}


def test_nothing_of_another_organisation_can_be_pinned(
    northwind: Company, rival: Company, author: Caller
) -> None:
    workflow = make_workflow(northwind)
    content = workflow_content(make_prompt(rival), make_model(northwind))
    wanted = {"content": content, "message": "Theirs"}
    assert fields_of(author.post(f"assets/{workflow.asset_id}/versions/", wanted)) == {"summary"}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"messages": []},
        {**PROMPT, "variables": []},
        {**PROMPT, "extra": 1},
        {**PROMPT, "messages": [{"role": "god", "content": "x"}]},
        {**PROMPT, "messages": "x" * 1000},
    ],
)
def test_content_of_another_form_is_refused_with_its_place(
    northwind: Company, author: Caller, content: dict[str, object]
) -> None:
    asset = make_prompt(northwind).asset_id
    assert fields_of(author.post(f"assets/{asset}/versions/", {"content": content, "message": "Wrong"}))
    assert Version.objects.filter(asset=asset).count() == 1


def test_what_differs_in_nothing_is_no_version(northwind: Company, author: Caller) -> None:
    asset = make_prompt(northwind).asset_id
    wanted = {"content": PROMPT, "message": "Again"}
    author.post(f"assets/{asset}/versions/", wanted)
    problem_of(author.post(f"assets/{asset}/versions/", wanted), 409)


def test_nobody_sets_the_author_number_or_digest(northwind: Company, author: Caller) -> None:
    asset = make_prompt(northwind).asset_id
    wanted = {"content": PROMPT, "message": "Mine", "author": "Somebody", "number": 9, "digest": "0" * 64}
    assert fields_of(author.post(f"assets/{asset}/versions/", wanted)) == {"author", "number", "digest"}


def test_template_syntax_stays_what_it_is(northwind: Company, author: Caller) -> None:
    text = "{{ settings.SECRET_KEY }} {% load x %} {letter} ${letter.__class__}"
    content = {**PROMPT, "messages": [{"role": "user", "content": text}]}
    asset = make_prompt(northwind).asset_id
    made = author.post(f"assets/{asset}/versions/", {"content": content, "message": "Literal"})
    assert made.json()["content"]["messages"][0]["content"] == text


def test_versions_of_others_are_neither_read_nor_written(
    rival: Company, author: Caller, auditor: Caller
) -> None:
    theirs = make_prompt(rival)
    problem_of(author.get(f"versions/{theirs.pk}/"), 404)
    problem_of(author.get(f"assets/{theirs.asset_id}/versions/"), 404)
    wanted = {"content": PROMPT, "message": "x"}
    problem_of(author.post(f"assets/{theirs.asset_id}/versions/", wanted), 404)


def test_an_auditor_writes_no_version(northwind: Company, auditor: Caller) -> None:
    wanted = {"content": PROMPT, "message": "x"}
    problem_of(auditor.post(f"assets/{make_prompt(northwind).asset_id}/versions/", wanted), 403)
