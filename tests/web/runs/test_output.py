"""GET /outputs/{step}/, the provenance page"""

import hashlib
import re

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from runs.records.models import Step
from runs.web.strip import approved_by
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import page_of, text_of
from tests.web.runs.recorded import answered, failed, quick, step_of


def test_one_page_answers_who_approved_what_made_the_text(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    step = step_of(run, "summarise")
    page = page_of(browsing, northwind, step)
    said = text_of(page)
    assert "The customer was charged twice." in said
    assert "approved by Aron Approver , approver, on" in said
    assert "Aron Approver approved as approver" in said
    assert "I have reviewed this release and approve it" in said
    assert str(step.prompt_version) in said
    assert str(step.model_version) in said
    assert "temperature 0.2" in said
    assert str(run.release) in said
    assert f"UTC {run.started_by_name} started run" in said
    for link in (
        reverse("governance:version", args=[step.prompt_version_id]),
        reverse("governance:version", args=[step.model_version_id]),
        reverse("governance:version", args=[run.version_id]),
        reverse("governance:release", args=[run.release_id]),
        reverse("governance:approval", args=[run.release.request_id]),
        reverse("runs:artifact", args=[run.inputs.get().artifact_id]),
        reverse("runs:run", args=[run.pk]),
    ):
        assert f'href="{link}"' in page
    assert 'href=""' not in page


def test_the_strip_says_when_it_was_written_and_why_it_was_approved(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    step = step_of(run, "summarise")
    page = page_of(browsing, northwind, step)
    start = page.index('<dl class="strip">')
    strip = text_of("<main>" + page[start : page.index("</dl>", start)] + "</main>")
    (vote,) = run.approvals
    assert f"Written {step.finished_at:%-d %b %Y, %H:%M:%S} UTC" in strip
    assert f"{parse_datetime(vote['at']):%-d %b %Y, %H:%M:%S} UTC" in strip
    assert vote["meaning"] in strip
    vote["reason"] = "Tried on forty letters."
    assert approved_by(run).links[0].notes == (vote["meaning"], "“Tried on forty letters.”")
    assert f'<time datetime="{step.finished_at.isoformat()}">' in page


def test_where_nobody_had_to_approve_the_page_claims_no_approval(
    northwind: Company, browsing: Browsing
) -> None:
    (run,) = quick(northwind)
    said = text_of(page_of(browsing, northwind, step_of(run, run.steps.get().node)))
    assert "Nobody was asked to approve it: development is not protected." in said
    assert "No approval needed Development is not protected" in said
    assert "decided by people" not in said
    assert "The approval covers" not in said


def test_what_is_declared_lower_than_its_origin_keeps_the_mark_of_the_origin(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind, protected=True)  # and the workflow declares what it redacts internal
    for node in ("redact", "summarise"):
        said = text_of(page_of(browsing, northwind, step_of(run, node)))
        assert "Made from personal data" in said
        assert "The workflow declares this output internal" in said


def test_an_answer_that_was_cut_off_is_marked_wherever_it_is_shown(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    serving.be("cut_off")
    run = answered(northwind)
    page = page_of(browsing, northwind, step_of(run, "summarise"))
    card = page[page.index('id="output"') : page.index("How it came about")]
    assert "Cut off" in card
    assert "it had not finished" in card
    steps = browsing(northwind.auditor).get(reverse("runs:run", args=[run.pk])).content.decode()
    timeline, table = steps[steps.index('<svg class="drawing wide"') :].split("</svg>", 1)
    assert "cut off" in timeline
    assert table.count("Cut off") == 1
    stored = reverse("runs:artifact", args=[step_of(run, "summarise").output_id])
    assert browsing(northwind.auditor).get(stored).content.decode().count("Cut off") == 1


def test_the_page_shows_what_the_model_was_sent_and_what_it_was_made_from(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    page = page_of(browsing, northwind, step_of(run, "summarise"))
    said = text_of(page)
    assert "You answer complaints at a bank, briefly and kindly." in said
    assert said.count(LETTER) == 3  # what it read, what that goes back to, and within the rendered prompt
    assert "redact leads to summarise" in page


def test_a_branch_is_named_as_the_reason_why_a_step_ran(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    last = Step.objects.filter(run=run).latest("position")
    page = page_of(browsing, northwind, last)
    assert f"route leads to {last.node} (chose it)." in page
    assert f"chose {last.node}" in text_of(page)


def test_the_digest_on_the_page_is_the_digest_of_the_text_on_the_page(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    step = step_of(answered(northwind), "summarise")
    page = page_of(browsing, northwind, step)
    shown = re.search(r'<p class="said" dir="auto">(.*?)</p>', page, re.DOTALL)
    assert shown is not None
    assert hashlib.sha256(shown[1].encode()).hexdigest() in page
    assert "Digests match" in page


def test_a_failed_step_says_why_and_claims_no_output(northwind: Company, browsing: Browsing) -> None:
    step = Step.objects.get(run=failed(northwind))
    said = text_of(page_of(browsing, northwind, step))
    assert "the cellar is flooded" in said
    assert "What happened" in said
    assert "Written by a model" not in said


def test_a_refused_answer_is_shown_as_refused(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    serving.be("wrong_label")
    run = answered(northwind)
    page = page_of(browsing, northwind, step_of(run, "classify"))
    assert "The answer that was refused" in page
    assert "pirates" in page


def test_markup_in_a_letter_stays_text(northwind: Company, browsing: Browsing, serving: Serving) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(2)><a hx-get="/" data-bs-toggle="x">{{ 7 }}'
    run = answered(northwind, letter=hostile)
    for node in ("redact", "summarise"):
        page = page_of(browsing, northwind, step_of(run, node))
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert '<a hx-get="/"' not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_costs_the_same_queries_however_long_the_run_is(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    counts = []
    for steps in (2, 8):
        (run,) = quick(northwind, 1, steps=steps)
        address = reverse("runs:output", args=[Step.objects.filter(run=run).latest("position").pk])
        counts.append(queries_of(client, address))
    assert counts[0] == counts[1]
    assert counts[1] <= 19


def test_an_output_of_another_organisation_is_not_there(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    (run,) = quick(rival, 1)
    client = browsing(northwind.auditor)
    found = client.get(reverse("runs:output", args=[Step.objects.get(run=run).pk]))
    missing = client.get(reverse("runs:output", args=[run.pk]))
    assert (found.status_code, missing.status_code) == (404, 404)


def test_an_altered_prompt_is_said_to_be_altered(
    fresh_database: FreshDatabase, northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    step = step_of(answered(northwind), "summarise")
    prompt = step.edges.get(role="prompt").artifact_id
    assert "This prompt was altered" not in page_of(browsing, northwind, step)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER refuse_change")
        owner.execute(
            "UPDATE runs_artifact SET body = %s WHERE id = %s",
            [b'[{"role":"user","content":"forged"}]', prompt],
        )
    page = page_of(browsing, northwind, step)
    assert "forged" not in page
    assert "This prompt was altered after it was recorded" in page


def test_altered_content_is_not_shown_and_the_page_says_so(
    fresh_database: FreshDatabase, northwind: Company, browsing: Browsing
) -> None:
    (run,) = quick(northwind, 1)
    step = Step.objects.get(run=run)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE runs_artifact DISABLE TRIGGER refuse_change")
        owner.execute(
            "UPDATE runs_artifact SET body = %s WHERE id = %s", [b'{"text":"forged"}', step.output_id]
        )
    page = page_of(browsing, northwind, step)
    assert "forged" not in page
    assert "Altered" in page
    assert "Digests match" not in page
    download = reverse("runs:artifact", args=[step.output_id]) + "?download=1"
    assert browsing(northwind.auditor).get(download).status_code == 409
