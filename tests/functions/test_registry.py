"""Registering functions, and what a release learns of them."""

import hashlib
from pathlib import Path

import pytest

from governance.catalog.functions import announced
from runs.functions import redaction, routing
from runs.functions.registry import registered, step_function
from runs.functions.routing import assign_desk


def test_the_digest_of_a_function_is_that_of_its_source_file() -> None:
    found = registered("redact_personal_data@1")

    assert found is not None
    assert found.source_sha256 == hashlib.sha256(Path(redaction.__file__).read_bytes()).hexdigest()
    known = announced("redact_personal_data@1")
    assert known is not None
    assert known.source_sha256 == found.source_sha256
    assert known.takes == {"text"}
    assert known.summary.startswith("Replace card, account")


def test_two_functions_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="two functions are called assign_desk@1"):

        @step_function("assign_desk", version=1, takes={"desk"})
        def other(*, desk: str) -> str:
            return desk

    found = registered("assign_desk@1")
    assert found is not None
    assert found.body is assign_desk


def test_who_is_given_the_key_takes_no_input_of_its_name() -> None:
    with pytest.raises(ValueError, match="keyed=True instead"):

        @step_function("pays", version=1, takes={"amount", "idempotency_key"}, keyed=True)
        def pays(*, amount: int, idempotency_key: str) -> None: ...

    assert registered("pays@1") is None


def test_nobody_is_registered_under_a_name_that_nobody_has() -> None:
    assert registered("assign_desk@2") is None


def test_a_desk_is_assigned_by_its_name() -> None:
    assert routing.assign_desk(desk=" Cards ") == {"desk": "Cards"}
    for nameless in ("", "  ", None, 7):
        with pytest.raises(ValueError, match="no name"):
            routing.assign_desk(desk=nameless)
