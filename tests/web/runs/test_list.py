"""GET /runs/"""

import pytest
from django.urls import reverse

from governance.web import paging
from runs.durable.cancel import cancel_run
from runs.records.models import Run
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.visiting import Browsing
from tests.web.runs.recorded import failed, quick, undone, waiting

LIST = reverse("runs:list")


def test_the_list_costs_the_same_queries_for_one_run_and_for_many(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    counts = []
    for more in (1, 5):
        quick(northwind, more)
        counts.append(queries_of(client, LIST))
    assert counts[0] == counts[1]
    assert counts[1] <= 22


def test_runs_are_asked_for_by_the_moment_at_which_they_began(northwind: Company, browsing: Browsing) -> None:
    early, late = quick(northwind, 1)[0], quick(northwind, 1)[0]
    between = early.created_at + (late.created_at - early.created_at) / 2
    moment = between.strftime("%Y-%m-%dT%H:%M:%S.%f")
    client = browsing(northwind.auditor)

    def found(**asked: str) -> list[Run]:
        return [row.run for row in client.get(LIST, asked).context["rows"]]

    assert found(since=moment) == [late]
    assert found(until=moment) == [early]
    assert f"From (UTC) <b>{moment.replace('T', ' ')}" in client.get(LIST, {"since": moment}).content.decode()
    for wrong in ("yesterday", "9999-99-99T00:00:00"):
        assert client.get(LIST, {"since": wrong}).status_code == 400
    assert client.get(LIST, {"since": "9999-12-31T23:59:59-12:00"}).status_code == 200


def test_newest_runs_come_first_with_their_state_release_and_approver(
    northwind: Company, browsing: Browsing
) -> None:
    release = released(northwind, chain(1), environment=northwind.production)
    first = finish(begin(northwind, release, reference="CASE-1"))
    second = begin(northwind, release, reference="CASE-2")
    page = browsing(northwind.auditor).get(LIST).content.decode()
    assert page.index(str(second.pk)) < page.index(str(first.pk))
    assert "Succeeded" in page
    assert "Queued" in page
    row = page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))]
    assert f'<a href="{reverse("runs:run", args=[second.pk])}">CASE-2</a>' in row.partition("</td>")[0]
    assert "Aron Approver" in page


def test_a_filter_in_the_address_narrows_the_list(northwind: Company, browsing: Browsing) -> None:
    (done,) = quick(northwind, 1)
    stopped = failed(northwind)
    client = browsing(northwind.auditor)
    page = client.get(LIST, {"state": "failed"}).content.decode()
    assert str(stopped.pk) in page
    assert str(done.pk) not in page
    by_version = client.get(LIST, {"version": str(done.version_id)}).content.decode()
    assert str(done.pk) in by_version
    assert str(stopped.pk) not in by_version
    by_reference = client.get(LIST, {"reference": "CASE-F", "period": "1d"}).content.decode()
    assert str(stopped.pk) in by_reference
    assert str(done.pk) not in by_reference


def test_a_run_that_failed_and_was_undone_has_failed_and_one_that_was_cancelled_has_not(
    northwind: Company, browsing: Browsing
) -> None:
    run, ended = undone(northwind), waiting(northwind)
    cancel_run(ended, actor=northwind.operator, reason="Sent twice.")
    page = browsing(northwind.auditor).get(LIST, {"state": "failed"}).content.decode()
    assert str(run.pk) in page
    assert str(ended.pk) not in page
    assert "Failed at step_1, undone" in page
    home = browsing(northwind.operator).get("/").content.decode()
    assert "Failed at step_1, undone" in home
    page = browsing(northwind.operator).get(reverse("runs:run", args=[run.pk])).content.decode()
    assert "It does not go on: start a new run." in page
    assert "An operator can resume" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"order": "approver__password"},
        {"started_by__password": "x"},
        {"state": "dancing"},
        {"period": "9d"},
        {"after": "zero"},
        {"workflow": "not-an-id"},
        {"reference": "\x00"},
    ],
)
def test_what_is_no_filter_is_refused(northwind: Company, browsing: Browsing, query: dict[str, str]) -> None:
    assert browsing(northwind.auditor).get(LIST, query).status_code == 400


def test_pages_lead_to_each_other_without_losing_a_run_or_a_filter(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 5)
    release = released(northwind, chain(1))
    made = [begin(northwind, release) for _ in range(8)]
    client = browsing(northwind.auditor)
    first = client.get(LIST, {"state": "queued"})
    second = client.get(LIST + first.context["page"].older_url)
    shown = [row.run.pk for row in (*first.context["rows"], *second.context["rows"])]
    assert shown == [run.pk for run in reversed(made)]
    assert "state=queued" in first.context["page"].older_url
    back = client.get(LIST + second.context["page"].newer_url)
    assert [row.run.pk for row in back.context["rows"]] == shown[:5]


def test_a_peek_shows_one_run_beside_the_list(northwind: Company, browsing: Browsing) -> None:
    run = waiting(northwind)
    client = browsing(northwind.auditor)
    page = client.get(LIST, {"peek": str(run.pk), "state": "queued"})
    assert page.context["peek"]["run"] == run
    assert 'id="peek" tabindex="-1" aria-label="Peek at a run"' in page.content.decode()
    assert f'href="?state=queued#peek-at-{run.pk}" data-peek-close' in page.content.decode()
    assert f'id="peek-at-{run.pk}"' in page.content.decode()
    assert client.get(LIST, {"peek": "nonsense"}).context["peek"] is None
    assert f'href="?peek={run.pk}#peek"' in client.get(LIST).content.decode()
    assert f'href="?state=queued&amp;peek={run.pk}#peek"' in page.content.decode()


def test_a_peek_stays_on_its_page_of_the_list(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    quick(northwind, 3)
    client = browsing(northwind.auditor)
    older = client.get(LIST).context["page"].older_url
    page = client.get(f"{LIST}{older}")
    (row,) = page.context["rows"]
    peeked = client.get(f"{LIST}{page.context['here']}{row.run.pk}")
    assert [found.run for found in peeked.context["rows"]] == [row.run]
    assert peeked.context["peek"]["run"] == row.run


def test_runs_of_another_organisation_are_neither_listed_nor_counted_nor_peeked_at(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    quick(northwind, 2)
    theirs = waiting(rival)
    page = browsing(northwind.auditor).get(LIST, {"peek": str(theirs.pk)})
    assert page.context["count"] == 2
    assert page.context["peek"] is None
    assert reverse("runs:run", args=[theirs.pk]) not in page.content.decode()
    foreign = browsing(northwind.auditor).get(LIST, {"workflow": str(theirs.workflow_id)})
    assert foreign.status_code == 400


def test_an_empty_list_says_why(northwind: Company, browsing: Browsing) -> None:
    assert Run.objects.count() == 0
    assert "Nothing has run yet" in browsing(northwind.auditor).get(LIST).content.decode()
    assert "No run fits" in browsing(northwind.auditor).get(LIST, {"state": "failed"}).content.decode()
