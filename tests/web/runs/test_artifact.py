"""GET /artifacts/{artifact}/"""

import hashlib

import pytest
from django.urls import reverse

from runs.durable.start import Document, start_run
from runs.records.models import Run, RunInput, Step
from tests.factories.cast import Company
from tests.factories.runs import chain, released
from tests.visiting import Browsing
from tests.web.runs.recorded import quick


def given_by(company: Company, filename: str, body: bytes) -> RunInput:
    """A run that was started with this document."""
    release = released(company, chain(1))
    run, _ = start_run(
        release.workflow,
        actor=company.operator,
        environment=release.environment,
        inputs={"letter": Document(filename, body)},
    )
    return RunInput.objects.get(run=run)


def test_a_download_is_the_very_bytes_and_nothing_that_a_browser_runs(
    northwind: Company, browsing: Browsing
) -> None:
    body = b"<script>alert(1)</script>"
    given = given_by(northwind, "evil.html", body)
    address = reverse("runs:artifact", args=[given.artifact_id]) + "?download=1"
    response = browsing(northwind.auditor).get(address)
    assert response.content == body
    assert hashlib.sha256(response.content).hexdigest() == given.artifact.sha256
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="evil.txt"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ('a".exe\r\nX-Evil: 1.txt', "a-.exeX-Evil-1.txt"),
        ("Beschwerde über Gebühren.docx", "Beschwerde-ber-Geb-hren.txt"),
        ("con" * 60 + ".txt", ("con" * 60)[:60] + ".txt"),
    ],
)
def test_the_name_of_a_download_is_harmless(
    northwind: Company, browsing: Browsing, filename: str, safe: str
) -> None:
    given = given_by(northwind, filename, b"Dear bank")
    address = reverse("runs:artifact", args=[given.artifact_id]) + "?download=1"
    assert browsing(northwind.auditor).get(address)["Content-Disposition"] == f'attachment; filename="{safe}"'


def test_the_page_shows_the_text_and_where_it_was_used(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind, 1)
    step = Step.objects.get(run=run)
    client = browsing(northwind.auditor)
    page = client.get(reverse("runs:artifact", args=[step.output_id])).content.decode()
    assert reverse("runs:output", args=[step.pk]) in page
    given = client.get(reverse("runs:artifact", args=[run.inputs.get().artifact_id])).content.decode()
    assert reverse("runs:run", args=[run.pk]) in given
    assert "Dear bank, you charged my card twice." in given


def test_content_is_seen_only_through_a_run_that_one_may_see(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    given = given_by(rival, "theirs.txt", b"Only ours")
    address = reverse("runs:artifact", args=[given.artifact_id])
    assert browsing(rival.auditor).get(address).status_code == 200
    assert browsing(northwind.auditor).get(address).status_code == 404
    assert browsing(northwind.auditor).get(address + "?download=1").status_code == 404
    assert browsing(rival.stranger).get(address).status_code == 404
    assert Run.objects.count() == 1
