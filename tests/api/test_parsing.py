"""What the API's parser refuses comes back as a problem."""

import pytest

from tests.api.callers import Caller, problem_of

BAD = {
    "nested lists": b"[" * 10_000 + b"]" * 10_000,
    "doubled keys": b'{"a": 1, "a": 2}',
    "NaN": b'{"a": NaN}',
    "half a surrogate pair": b'["\\ud800"]',
    "NUL": b'["\\u0000"]',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_the_api_answers_with_a_problem_that_says_what_is_wrong(author: Caller, body: bytes) -> None:
    problem = problem_of(author.post("assets/", body), 400)

    assert problem["detail"].startswith("The body ")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"1"])
def test_a_body_that_is_no_object_is_refused(author: Caller, body: bytes) -> None:
    problem_of(author.post("assets/", body), 400)
