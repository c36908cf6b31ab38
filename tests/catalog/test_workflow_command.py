"""`manage.py workflow`: definitions as files."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from jsonschema import Draft202012Validator

from governance.catalog.definition_text import read_definition
from governance.catalog.field_words import WORDS
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.things import make_version, make_workflow, pin

BROKEN = """\
inputs:
- name: letter
nodes:
- key: ask
  kind: llm
  prompt: nobody@1
  model: nobody@1
  inputs: {letter: $mail}
  next: wait
- {key: wait, kind: timer}
start: ask
output: ask
"""


def said(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("workflow", *words, stdout=out)
    return out.getvalue()


def saved(folder: Path, text: str) -> str:
    (folder / "definition.yaml").write_text(text, encoding="utf-8")
    return str(folder / "definition.yaml")


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_exported_and_imported_has_the_same_digest(
    form: str, northwind: Company, tmp_path: Path
) -> None:
    version = make_workflow(northwind)
    text = said("export", pin(version), "--format", form)
    where = ["--project", northwind.project.slug, "--by", northwind.author.email, "--message", "From a file."]

    same = said("import", saved(tmp_path, text), *where, "--slug", version.asset.slug)
    other = said("import", saved(tmp_path, text), *where, "--slug", "copied", "--new")

    copy = Version.objects.get(asset__slug="copied")
    assert same == "Nothing differs from version 1.\n"
    assert other == f"copied v1 is written, SHA-256 {version.digest}.\n"
    assert (copy.digest, copy.author, copy.message) == (version.digest, northwind.author, "From a file.")


def test_the_newest_version_is_exported_unless_a_number_is_given(northwind: Company) -> None:
    first = make_workflow(northwind)
    second = make_workflow(northwind, asset=first.asset)

    assert read_definition(said("export", first.asset.slug)) == read_definition(said("export", pin(second)))
    assert said("export", pin(first)) != said("export", pin(second))
    with pytest.raises(CommandError, match="There is no workflow"):
        said("export", f"{first.asset.slug}@3")


def test_two_projects_with_one_name_are_told_apart(northwind: Company, rival: Company) -> None:
    make_version(northwind, "workflow", made_of(northwind), asset=named(northwind, "same"))
    make_version(rival, "workflow", made_of(rival), asset=named(rival, "same"))

    with pytest.raises(CommandError, match="several projects"):
        said("export", "same")
    whole = f"{rival.organisation.slug}/{rival.project.slug}"
    assert "nodes:" in said("export", "same", "--project", whole)


def named(company: Company, slug: str) -> Asset:
    return create_asset(company.project, actor=company.author, kind=Asset.Kind.WORKFLOW, slug=slug)


def made_of(company: Company) -> dict[str, Any]:
    return read_definition(said("export", pin(make_workflow(company)), "--project", _whole(company)))


def _whole(company: Company) -> str:
    return f"{company.organisation.slug}/{company.project.slug}"


def test_every_complaint_stands_on_a_line_with_its_node_and_nothing_is_written(
    northwind: Company, tmp_path: Path
) -> None:
    events = Event.objects.count()

    with pytest.raises(CommandError) as refused:
        said("validate", saved(tmp_path, BROKEN), "--project", northwind.project.slug)

    unknown = "which this project does not have, as far as you can see"
    assert str(refused.value).splitlines() == [
        "4 things are wrong.",
        f"ask: pins the prompt “nobody@1”, {unknown}",
        f"ask: pins the model “nobody@1”, {unknown}",
        "ask: letter reads “$mail”, which is no input of the workflow",
        "wait: waits for “seconds” or “until” a moment: give exactly one of them",
    ]
    assert refused.value.returncode == 1
    assert (Event.objects.count(), Version.objects.count()) == (events, 0)


def test_a_file_can_be_checked_without_a_database(tmp_path: Path) -> None:
    whole = BROKEN.replace("$mail", "$letter").replace("kind: timer", "kind: timer, seconds: 5")

    with pytest.raises(CommandError, match="ask: letter reads “\\$mail”"):
        said("validate", saved(tmp_path, BROKEN))
    words = said("validate", saved(tmp_path, whole))
    assert (
        words
        == "Nothing is wrong with it: 2 nodes. Its 2 pins were not looked up: name a --project for that.\n"
    )


def test_a_definition_can_be_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN.encode())))

    with pytest.raises(CommandError, match="2 things are wrong"):
        said("validate", "-")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"a: \xff", "not UTF-8"),
        (b"a: 1\na: 2", "twice"),
        (b"x" * 2_000_001, "more than 2,000,000 bytes"),
        (b"inputs: []", "content is not|is wrong|are wrong"),
    ],
)
def test_a_file_that_is_no_definition_is_refused_in_words(body: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(body)
    with pytest.raises(CommandError, match=words):
        said("validate", str(tmp_path / "file"))


def test_who_may_not_write_imports_nothing(northwind: Company, tmp_path: Path) -> None:
    text = said("export", pin(make_workflow(northwind)))
    where = ["--project", northwind.project.slug, "--slug", "mine", "--message", "x"]
    file = saved(tmp_path, text)

    with pytest.raises(CommandError, match="Write prompts, models and workflows"):
        said("import", file, *where, "--new", "--by", northwind.auditor.email)
    with pytest.raises(CommandError, match="Nobody here"):
        said("import", file, *where, "--by", "nobody@example.org")
    with pytest.raises(CommandError, match="has no workflow called mine"):
        said("import", file, *where, "--by", northwind.author.email)
    assert not Asset.objects.filter(slug="mine").exists()


def test_an_import_that_is_refused_names_no_workflow(northwind: Company, tmp_path: Path) -> None:
    where = ["--project", northwind.project.slug, "--slug", "mine", "--message", "x"]

    with pytest.raises(CommandError, match="4 things are wrong"):
        said("import", saved(tmp_path, BROKEN), *where, "--new", "--by", northwind.author.email)
    assert not Asset.objects.filter(slug="mine").exists()


def test_the_schema_fits_what_is_exported_and_not_what_is_broken(northwind: Company) -> None:
    schema = json.loads(said("schema"))
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    good = read_definition(said("export", pin(make_workflow(northwind))))

    assert list(check.iter_errors(good)) == []
    [node] = good["nodes"]
    assert not check.is_valid({**good, "nodes": [{**node, "prompt": "no pin"}]})
    assert not check.is_valid({**good, "nodes": [{**node, "kind": "prayer"}]})


def test_the_schema_says_of_every_field_what_it_means_and_of_nothing_else() -> None:
    schema = json.loads(said("schema"))
    parts = {**schema["$defs"], "WorkflowContent": schema}
    fields = {
        (part, name): field
        for part, found in parts.items()
        for name, field in found.get("properties", {}).items()
    }
    assert [where for where, field in fields.items() if not field.get("description", "").endswith(".")] == []
    known = {name for _, name in fields} | {f"{part}.{name}" for part, name in fields}
    assert set(WORDS) <= known
    assert "{approved, comment}" in fields["HumanTaskNode", "task"]["description"]
    assert (
        fields["HumanTaskNode", "timeout_s"]["description"] != fields["LlmNode", "timeout_s"]["description"]
    )
