"""The pages of recalls: who relied on this, settling case by case, and taking the list away."""

import csv
import io
import json

import pytest
from django.test import Client
from django.urls import reverse

from governance.ledger.models import Event
from runs.lineage.subjects import SubjectKind
from runs.recalls.models import Recall
from runs.records.models import Run, RunInput, Step
from tests.factories.cast import Company
from tests.factories.recalls import collected, opened
from tests.factories.runs import begin, chain, finish, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(northwind: Company) -> Run:
    return finish(begin(northwind, released(northwind, chain(3)), reference="=NW-1"))


@pytest.fixture
def recall(northwind: Company, run: Run) -> Recall:
    """Three outputs, none settled."""
    return collected(opened(northwind, SubjectKind.OUTPUT, Step.objects.get(run=run, node="step_0").pk))


def signed_in(company: Company, part: str) -> Client:
    client = Client()
    client.force_login(company.person(part))
    return client


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def about(kind: str, key: object) -> str:
    return reverse("runs:recall-new", query={"kind": kind, "key": str(key)})


def test_pages_lead_to_who_relied_on_them(northwind: Company, run: Run) -> None:
    client, step = signed_in(northwind, "auditor"), Step.objects.filter(run=run)[0]
    pages = {
        reverse("runs:output", args=[step.pk]): about("output", step.pk),
        reverse("runs:artifact", args=[step.output_id]): about("artifact", step.output_id),
        reverse("governance:version", args=[run.version_id]): about("version", run.version_id),
        reverse("governance:release", args=[run.release_id]): about("release", run.release_id),
    }
    for page, target in pages.items():
        assert target.replace("&", "&amp;") in text(client, page)
        assert "Who relied on this" in text(client, target)


def test_an_auditor_sees_who_relied_on_it_and_no_form(northwind: Company, run: Run) -> None:
    given = RunInput.objects.get(run=run).artifact_id
    page = text(signed_in(northwind, "auditor"), about("artifact", given))

    assert "step_0" in page
    assert "1 within your reach" in page
    assert "Open the recall" not in page
    assert "Open the recall" in text(signed_in(northwind, "approver"), about("artifact", given))


def test_what_could_not_be_collected_says_why_and_is_collected_on(northwind: Company) -> None:
    failed = opened(northwind, SubjectKind.FUNCTION, "nothing@1")
    Recall.objects.filter(pk=failed.pk).update(state="failed", failures=5, failure="it took too long")
    where, again = (reverse(name, args=[failed.pk]) for name in ("runs:recall", "runs:recall-resume"))
    client = signed_in(northwind, "approver")
    page = text(client, where)
    assert "Nothing is found yet." in page
    assert "Collecting it failed 5 times in a row, the last time because it took too long." in page
    assert "Not collected" in text(client, reverse("runs:recalls"))
    assert again not in text(signed_in(northwind, "auditor"), where)
    assert again in page
    assert client.post(again, {"reason": " "}).status_code == 400
    assert client.post(again, {"reason": "Once more."}).status_code == 302
    assert "Being collected" in text(client, where)
    assert client.post(again, {"reason": "Once more."}).status_code == 409


def test_an_approver_opens_a_recall(northwind: Company, run: Run) -> None:
    client, where = signed_in(northwind, "approver"), about("release", run.release_id)
    answer = client.post(where, {"title": "Amounts", "reason": "", "project": str(northwind.project.pk)})
    assert answer.status_code == 400
    assert "This field is required" in answer.content.decode()
    answer = client.post(
        where, {"title": "Amounts", "reason": "Wrong.", "project": str(northwind.project.pk)}
    )

    made = Recall.objects.get()
    assert answer.headers["Location"] == reverse("runs:recall", args=[made.pk])
    assert "being collected" in text(client, answer.headers["Location"])
    collected(made)
    assert "0 of 3 settled" in text(client, reverse("runs:recall-progress", args=[made.pk]))


@pytest.mark.parametrize(
    "query", [{"kind": "colour", "key": "x"}, {"kind": "version", "key": "x"}, {"page": "1"}]
)
def test_what_is_no_subject_is_a_bad_request(northwind: Company, query: dict[str, str]) -> None:
    text(signed_in(northwind, "owner"), reverse("runs:recall-new", query=query), 400)


def test_functions_and_approvers_are_chosen(northwind: Company, run: Run) -> None:
    client = signed_in(northwind, "auditor")
    assert "assign_desk@1" in text(client, reverse("runs:recall-new"))
    assert "3 within your reach" in text(client, about("function", "nothing@1"))
    assert "Nothing relied on it" in text(client, about("approver", northwind.approver.pk))


def test_cases_are_settled_and_filtered_and_the_recall_is_closed(northwind: Company, recall: Recall) -> None:
    client, page = signed_in(northwind, "approver"), reverse("runs:recall", args=[recall.pk])
    settle, close = (reverse(f"runs:recall-{act}", args=[recall.pk]) for act in ("settle", "close"))

    assert (
        client.post(settle, {"case": ["1", "2"], "status": "checked", "note": "Read <both>."}).status_code
        == 302
    )
    assert "2 of 3 settled" in text(client, page)
    assert "Read &lt;both&gt;." in text(client, page)
    assert 'value="3"' in text(client, page + "?status=open")
    assert 'value="1"' not in text(client, page + "?status=open")
    assert client.post(close, {"conclusion": "Done."}).status_code == 409
    assert client.post(settle, {"case": ["x"], "status": "checked"}).status_code == 400
    client.post(settle, {"case": ["3"], "status": "no_action", "note": "A test."})
    assert client.post(close, {"conclusion": "All were right."}).status_code == 302
    closed = text(client, page)
    assert "All were right." in closed
    assert "Settle" not in closed
    assert recall.title in text(client, reverse("runs:recalls") + "?view=closed")
    assert recall.title not in text(client, reverse("runs:recalls"))


def test_the_list_is_taken_away_without_formulas_and_recorded(northwind: Company, recall: Recall) -> None:
    client, where = signed_in(northwind, "auditor"), reverse("runs:recall-export", args=[recall.pk])
    table = client.get(where, {"as": "csv"})
    whole = json.loads(client.get(where, {"as": "json"}).content)

    rows = list(csv.DictReader(io.StringIO(table.content.decode())))
    assert [row["node"] for row in rows] == ["step_0", "step_1", "step_2"]
    assert {row["reference"] for row in rows} == {"'=NW-1"}
    assert [row["reference"] for row in whole["cases"]] == ["=NW-1"] * 3
    assert [row["status"] for row in whole["cases"]] == ["open"] * 3
    assert "attachment" in table.headers["Content-Disposition"]
    told = Event.objects.filter(kind="recall.exported").order_by("id")
    assert [(event.details["form"], event.details["cases"]) for event in told] == [("csv", 3), ("json", 3)]
    assert {event.actor for event in told} == {northwind.auditor.pk}
    assert client.get(where, {"as": "pdf"}).status_code == 400
