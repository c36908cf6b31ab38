"""GET and POST /runs/start/"""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.releases.models import Activation, Release
from runs.artifacts.opening import bytes_of
from runs.records.models import Run, RunInput
from tests.factories.cast import Company
from tests.factories.runs import chain, put_into_effect, released
from tests.factories.things import make_version
from tests.visiting import Browsing

START = reverse("runs:start")


def form_of(release: Release) -> str:
    """The address of the form that starts a run of the release."""
    return f"{START}?activation={Activation.objects.get(release=release).pk}"


def sent(client: Client, address: str, **fields: Any) -> Any:
    """Fill in the form and send it."""
    key = client.get(address).context["form"]["key"].value()
    return client.post(address, {"reference": "CASE-7", "key": key, **fields})


def test_an_operator_starts_what_is_in_effect(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, chain(1))
    client = browsing(northwind.operator)
    assert release.workflow.slug in client.get(START).content.decode()
    response = sent(client, form_of(release), text_letter="Dear bank,\r\nplease call.")
    run = Run.objects.get()
    assert response.url == reverse("runs:run", args=[run.pk])
    assert (run.reference, run.origin, run.release) == ("CASE-7", Run.Origin.PAGE, release)
    assert bytes_of(RunInput.objects.get(run=run).artifact) == b"Dear bank,\nplease call."


def test_a_file_is_taken_as_it_is(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, chain(1))
    file = SimpleUploadedFile("../letters/one.txt", b"Dear bank,\r\n")
    sent(browsing(northwind.operator), form_of(release), file_letter=file)
    given = RunInput.objects.get()
    assert bytes_of(given.artifact) == b"Dear bank,\r\n"
    assert given.filename == "one.txt"


def test_sending_the_same_form_twice_starts_one_run(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, chain(1))
    client, address = browsing(northwind.operator), form_of(release)
    key = client.get(address).context["form"]["key"].value()
    fields = {"reference": "", "key": key, "text_letter": "Dear bank"}
    assert client.post(address, fields)["Location"] == client.post(address, fields)["Location"]
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "This input is needed"),
        ({"text_letter": "x\x00y"}, "Null characters are not allowed"),
        ({"text_letter": "x" * 30_000}, "are allowed"),
        ({"file_letter": SimpleUploadedFile("a.txt", b"\xff\xfe\x00")}, "cannot be decoded"),
        ({"file_letter": SimpleUploadedFile("a.txt", b"x\x00y")}, "NUL character"),
        ({"file_letter": SimpleUploadedFile("a.txt", b"x" * 30_000)}, "are allowed"),
        ({"file_letter": SimpleUploadedFile("a.txt", b"")}, "is empty"),
        ({"text_letter": "a", "file_letter": SimpleUploadedFile("a.txt", b"b")}, "not both"),
        ({"text_letter": "a", "reference": "x" * 201}, "at most 200"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_started(
    northwind: Company, browsing: Browsing, fields: dict[str, Any], complaint: str
) -> None:
    for value in fields.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    release = released(northwind, chain(1))
    response = sent(browsing(northwind.operator), form_of(release), **fields)
    assert response.status_code == 400
    assert complaint in response.content.decode()
    assert 'value="CASE-7"' in response.content.decode() or "reference" in fields
    assert Run.objects.count() == 0


def test_who_may_not_start_runs_is_offered_nothing_and_refused(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    release = released(northwind, chain(1))
    address = form_of(release)
    assert "Nothing can be started" in browsing(northwind.auditor).get(START).content.decode()
    assert browsing(northwind.auditor).get(address).status_code == 403
    assert browsing(rival.operator).get(address).status_code == 404
    assert browsing(northwind.operator).get(f"{START}?activation=nonsense").status_code == 404


def test_a_form_that_was_overtaken_by_another_release_is_a_conflict(
    northwind: Company, browsing: Browsing
) -> None:
    old = released(northwind, chain(1))
    newer = make_version(northwind, "workflow", chain(2), asset=old.workflow)
    address = form_of(old)
    put_into_effect(northwind, newer)
    response = browsing(northwind.operator).post(address, {"text_letter": "x", "key": "k"})
    assert response.status_code == 409
    assert Run.objects.count() == 0
