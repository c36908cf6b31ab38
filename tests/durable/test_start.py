"""Starting runs: who may, with what, and what is stamped on them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.canonical import sha256_hex
from governance.ledger.models import Event
from runs.artifacts import store
from runs.artifacts.models import ArtifactText
from runs.artifacts.opening import bytes_of
from runs.artifacts.words import text_vector
from runs.durable.start import Document, start_run
from runs.functions.registry import _registered, registered
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, personal, put_into_effect, released
from tests.factories.things import make_version
from tests.harness.fresh import FreshDatabase


def test_a_run_is_stamped_with_its_release_and_who_approved_it(northwind: Company) -> None:
    release = released(northwind, chain(1), environment=northwind.production)

    run = begin(northwind, release, reference=" CASE-7 ")

    assert (run.release_id, run.version_id, run.closure_digest) == (
        release.pk, release.version_id, release.digest,
    )  # fmt: skip
    [approval] = run.approvals
    assert approval["name"] == northwind.approver.name
    assert approval["decision"] == "approve"
    assert approval["digest"] == release.digest
    assert (run.state, run.cursor, run.reference) == ("queued", "step_0", "CASE-7")
    assert run.started_by_name == northwind.operator.name
    assert Run.objects.get(pk=run.pk).ready_at <= timezone.now()
    [event] = Event.objects.of_run(run.pk)
    assert event.details["inputs"] == {"letter": run.inputs.get().artifact.sha256}


def test_a_later_release_is_used_by_later_runs_alone(northwind: Company) -> None:
    first = released(northwind, chain(1))
    old = begin(northwind, first)
    version = make_version(northwind, "workflow", chain(2), asset=first.workflow)
    second = put_into_effect(northwind, version)

    new = begin(northwind, first)

    assert (Run.objects.get(pk=old.pk).release_id, new.release_id) == (first.pk, second.pk)


def test_nothing_runs_where_nothing_is_released(northwind: Company) -> None:
    release = released(northwind, chain(1))

    with pytest.raises(WrongState, match="Nothing is released to Production"):
        start_run(
            release.workflow,
            actor=northwind.operator,
            environment=northwind.production,
            inputs={"letter": "x"},
        )

    assert not Run.objects.exists()


@pytest.mark.parametrize("who", ["author", "approver", "auditor", "owner"])
def test_only_operators_start_runs(northwind: Company, who: str) -> None:
    release = released(northwind, chain(1))

    with pytest.raises(NotAllowed) as refusal:
        begin(northwind, release, by=getattr(northwind, who))

    assert refusal.value.missing == "operate_runs"
    assert not Run.objects.exists()


def test_another_organisation_does_not_learn_of_the_workflow(northwind: Company, rival: Company) -> None:
    release = released(northwind, chain(1))

    for stranger in (rival.operator, northwind.stranger, northwind.disabled):
        with pytest.raises(NotVisible):
            begin(northwind, release, by=stranger)


def test_the_environment_of_another_organisation_is_not_there(northwind: Company, rival: Company) -> None:
    release = released(northwind, chain(1))

    with pytest.raises(NotVisible):
        start_run(
            release.workflow, actor=northwind.operator, environment=rival.development, inputs={"letter": "x"}
        )


BAD = {
    "empty": (b"", "empty"),
    "oversized": (b"x" * 20_001, "20,001 bytes; 20,000 are allowed"),
    "not UTF-8": (b"caf\xe9", "byte 4 cannot be decoded"),
    "UTF-16": ("letter".encode("utf-16"), "cannot be decoded"),
    "NUL": (b"a\x00b", "NUL"),
    "surrogate": ("a\ud800b", "surrogate"),
    "encoded surrogate": (b"a\xed\xa0\x80b", "cannot be decoded"),
}


@pytest.mark.parametrize(("document", "words"), BAD.values(), ids=BAD.keys())
def test_a_document_that_cannot_be_stored_is_refused_by_name(
    northwind: Company, document: bytes | str, words: str
) -> None:
    release = released(northwind, chain(1))

    with pytest.raises(Invalid) as refusal:
        begin(northwind, release, document)  # type: ignore[arg-type]

    assert words in refusal.value.fields["letter"]
    assert not Run.objects.exists()


def test_missing_and_unknown_inputs_are_all_named_at_once(northwind: Company, operator: User) -> None:
    release = released(northwind, chain(1))

    with pytest.raises(Invalid) as refusal:
        start_run(
            release.workflow,
            actor=operator,
            environment=northwind.development,
            inputs={"lettre": "x", "b": "y"},
        )

    assert set(refusal.value.fields) == {"letter", "lettre", "b"}


@override_settings(DOCUMENT_MAX_BYTES=10)
def test_the_installation_may_allow_less_than_the_workflow(northwind: Company) -> None:
    release = released(northwind, chain(1))

    with pytest.raises(Invalid, match="10 are allowed"):
        begin(northwind, release, "eleven char")


@pytest.mark.parametrize("body", ["{", "[1,]", '{"a": NaN}', '"\\ud800"', '{"a": "\\u0000"}', "[" * 5000])
def test_what_is_declared_as_json_must_be_json_that_can_be_stored(northwind: Company, body: str) -> None:
    content = chain(1)
    content["inputs"] = [{"name": "letter", "media_type": "application/json"}]
    release = released(northwind, content)

    with pytest.raises(Invalid):
        begin(northwind, release, body)


def test_a_value_must_fit_the_schema_that_its_input_declares(northwind: Company) -> None:
    schema = {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    }
    declared = {"name": "letter", "media_type": "application/json", "value_schema": schema}
    content = chain(1)
    [only] = content["nodes"]
    content |= {"inputs": [declared], "nodes": [{**only, "inputs": {"text": "$letter.text"}}]}
    release = released(northwind, content)

    with pytest.raises(Invalid, match="The run was not started") as refused:
        begin(northwind, release, letter='{"text": 1}')

    wrong = 'It does not fit the schema of this input at $.text: its “type” is to be "string".'
    assert refused.value.fields == {"letter": wrong}
    assert not Run.objects.exists()
    assert begin(northwind, release, letter='{"text": "Dear bank"}').state == "queued"


def test_bytes_are_kept_exactly_and_the_file_name_is_only_a_label(northwind: Company, operator: User) -> None:
    release = released(northwind, chain(1))
    body = "\ufeffDear bank,\r\nñandú\r\n".encode()
    document = Document("..\\..//etc/pass\u202ewd\x07.txt", body)

    run, _ = start_run(
        release.workflow, actor=operator, environment=northwind.development, inputs={"letter": document}
    )

    given = run.inputs.get()
    assert bytes_of(given.artifact) == body
    assert given.filename == "passwd.txt"
    assert ArtifactText.objects.filter(artifact=given.artifact).exists()


def test_documents_are_digested_and_indexed_before_the_transaction(
    fresh_database: FreshDatabase, northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    done: list[tuple[str, bool]] = []

    def watched(name: str, work: Callable[..., str]) -> None:
        def working(*given: object) -> str:
            done.append((name, connection.in_atomic_block))
            return work(*given)

        monkeypatch.setattr(store, name, working)

    watched("sha256_hex", sha256_hex)
    watched("text_vector", text_vector)

    begin(northwind, release)

    assert set(done) == {("sha256_hex", False), ("text_vector", False)}


def test_inputs_keep_their_names_contents_and_kinds_apart(northwind: Company) -> None:
    content = personal(chain(1))
    content["inputs"] += [
        {"name": "copy", "classification": "public"},
        {"name": "facts", "media_type": "application/json"},
    ]
    release = released(northwind, content)

    run, _ = start_run(
        release.workflow,
        actor=northwind.operator,
        environment=release.environment,
        inputs={"letter": LETTER, "copy": Document("copy.txt", LETTER.encode()), "facts": '{"amount": 12}'},
    )

    given = {found.name: found for found in run.inputs.select_related("artifact__text")}
    assert {name: (found.filename, found.classification) for name, found in given.items()} == {
        "letter": ("", "personal"), "copy": ("copy.txt", "public"), "facts": ("", "internal"),
    }  # fmt: skip
    assert given["letter"].artifact_id == given["copy"].artifact_id
    assert bytes_of(given["letter"].artifact) == LETTER.encode()
    assert bytes_of(given["facts"].artifact) == b'{"amount": 12}'
    assert given["facts"].artifact.size == 14
    assert "'amount'" in given["facts"].artifact.text.vector


def test_a_run_waits_with_its_priority_in_the_pool_of_its_first_step_until_its_deadline(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = begin(northwind, released(northwind, chain(1)))
    assert (plain.priority, plain.pool, plain.deadline_at) == (5, "io", None)
    computes = registered("nothing@1")
    assert computes is not None
    monkeypatch.setitem(_registered, "nothing@1", replace(computes, computes=True))
    release = released(northwind, {**chain(1), "deadline_s": 90})

    run = Run.objects.get(pk=begin(northwind, release, priority=9).pk)

    assert (run.priority, run.pool) == (9, "cpu")
    assert run.deadline_at is not None
    assert 89 < (run.deadline_at - run.created_at).total_seconds() < 91


@pytest.mark.parametrize("wrong", [10, -1])
def test_a_priority_has_bounds(northwind: Company, wrong: int) -> None:
    release = released(northwind, chain(1))

    with pytest.raises(Invalid) as refusal:
        begin(northwind, release, priority=wrong)

    assert set(refusal.value.fields) == {"priority"}


@pytest.mark.parametrize("wrong", ["x" * 201, "a\x00b", "a\ud800"])
@pytest.mark.parametrize("field", ["reference", "idempotency_key"])
def test_labels_that_cannot_be_stored_are_refused(northwind: Company, field: str, wrong: str) -> None:
    release = released(northwind, chain(1))
    labels: dict[str, Any] = {field: wrong}

    with pytest.raises(Invalid) as refusal:
        begin(northwind, release, **labels)

    assert field in refusal.value.fields


@pytest.fixture
def operator(northwind: Company) -> User:
    """Who may."""
    return northwind.operator
