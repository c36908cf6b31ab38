"""Bodies that are too large, and answers that somebody else could find in a cache."""

from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import RequestFactory

from portal.middleware import BodySize
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, put_into_effect
from tests.factories.things import make_version
from tests.visiting import visitor

BOUNDARY = b'--b\r\nContent-Disposition: form-data; name="x"; filename="x.bin"\r\n\r\n'


def test_an_upload_of_anybody_is_refused_before_it_is_set_aside(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_aside(*_: Any) -> None:
        pytest.fail("the upload was written to the disk")

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", set_aside)
    body = BOUNDARY + b"x" * settings.REQUEST_MAX_BYTES + b"\r\n--b--\r\n"

    answer = visitor(enforce_csrf_checks=True).post(
        "/account/login/", body, content_type="multipart/form-data; boundary=b"
    )

    assert answer.status_code == 413
    assert "too large" in answer.content.decode()


def test_a_program_is_told_in_the_form_of_the_api(db: None) -> None:
    answer = visitor().post(
        "/api/v1/runs/", b" " * (settings.REQUEST_MAX_BYTES + 1), content_type="application/json"
    )

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("#problem-too-large")


@pytest.mark.parametrize("said", ["9" * 5_000, "99999999999999999999"])
def test_a_length_beyond_all_measure_is_refused(said: str) -> None:
    def reached(_: Any) -> Any:
        pytest.fail("the request was let through")

    request = RequestFactory().post("/api/v1/runs/", CONTENT_LENGTH=said)

    assert BodySize(reached)(request).status_code == 413


def test_the_largest_run_of_all_is_not_refused() -> None:
    in_base64 = b64encode(bytes(settings.DOCUMENT_MAX_BYTES))
    assert 20 * len(in_base64) < settings.REQUEST_MAX_BYTES


def test_no_page_of_a_signed_in_person_stays_in_a_cache(northwind: Company) -> None:
    release = put_into_effect(northwind, make_version(northwind, "workflow", chain(1)))
    run = finish(begin(northwind, release, "a letter"))
    client = visitor(northwind.auditor)
    kept = {
        place: client.get(place).headers.get("Cache-Control")
        for place in ("/", f"/runs/{run.pk}/", "/ledger/", f"/runs/{uuid4()}/", "/nowhere/", "/api/v1/me/")
    }

    assert set(kept.values()) == {"private, no-store"}, kept
    assert client.get(f"/runs/{run.pk}/progress/").headers["Cache-Control"] == "private, no-cache"
    static = client.get("/static/css/base.css")
    b"".join(static)
    static.close()
    assert "no-store" not in static.headers.get("Cache-Control", "")


@pytest.mark.parametrize("charset", ["latin-1", "unicode_escape", "utf-7", '"UTF-16"'])
@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_a_body_in_another_encoding_is_not_decoded(form: str, charset: str, db: None) -> None:
    client = visitor(enforce_csrf_checks=True)
    body = BOUNDARY + b"x\r\n--b--\r\n" if "multipart" in form else b"login=x&password=y"

    answer = client.post("/account/login/?next=%E9", body, content_type=f"{form}; charset={charset}")

    assert answer.status_code == 415
    assert "UTF-8" in answer.content.decode()


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"'])
def test_a_body_in_utf_8_is_read(charset: str, northwind: Company) -> None:
    form = f"application/x-www-form-urlencoded{charset}"

    assert visitor().post("/account/login/", "login=x", content_type=form).status_code == 200


def test_a_program_that_writes_in_another_encoding_is_told_in_the_form_of_the_api(db: None) -> None:
    answer = visitor().post("/api/v1/runs/", b"{}", content_type="application/json; charset=latin-1")

    assert answer.status_code == 415
    assert answer.json()["type"].endswith("#problem-unsupported-media-type")
