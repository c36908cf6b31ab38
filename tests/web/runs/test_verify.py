"""GET and POST /runs/{run}/verify/"""

import re

from django.urls import reverse

from runs.records.models import Run
from runs.replay.verify import Verdict
from runs.replay.walk import Difference
from runs.web.verify import in_words
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import text_of
from tests.web.runs.recorded import answered, quick, step_of

HOLDS = (
    "All 5 steps of 1 run are what the workflow version yields from what was recorded; no step was called."
)


def test_an_auditor_verifies_a_run_and_reads_every_digest(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    asked = len(serving.asked())
    client = browsing(northwind.auditor)
    address = reverse("runs:verify", args=[run.pk])
    assert f'href="{address}"' in client.get(reverse("runs:run", args=[run.pk])).content.decode()

    page = client.post(address).content.decode()

    assert HOLDS in text_of(page)
    assert text_of(page).count(" Same ") == 5
    summary = step_of(run, "summarise")
    assert summary.output is not None
    digests = [summary.output.sha256, *summary.edges.values_list("artifact__sha256", flat=True)]
    assert [digest for digest in digests if digest not in page] == []
    assert len(serving.asked()) == asked
    told = "Verified the run by its records: all 5 steps hold"
    for place in (address, reverse("runs:run", args=[run.pk])):
        assert told in client.get(place).content.decode()


def test_to_look_at_the_page_verifies_nothing(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind)
    page = browsing(northwind.auditor).get(reverse("runs:verify", args=[run.pk])).content.decode()
    assert "No step is called" in page
    assert "When it was verified" not in page


def test_the_first_difference_is_shown_with_what_was_expected(
    fresh_database: FreshDatabase, northwind: Company, browsing: Browsing
) -> None:
    (run,) = quick(northwind, steps=2)
    with fresh_database.connect("owner") as owner:
        owner.execute(b"ALTER TABLE runs_edge DISABLE TRIGGER USER")
        owner.execute(b"UPDATE runs_edge SET source = '$other' WHERE source = '$letter'")

    page = browsing(northwind.auditor).post(reverse("runs:verify", args=[run.pk])).content.decode()

    found = text_of(page)
    assert "1 difference in 2 steps of 1 run" in found
    assert re.search(r"The first difference inputs of step_0, step 1 Expected text from \$letter", found)
    assert re.search(r"Found text from \$other", found)
    assert (found.count(" Differs "), found.count(" Same ")) == (1, 1)
    assert "Found the records of the run to differ, first the inputs of step_0" in found


def test_a_run_out_of_reach_is_not_there(northwind: Company, rival: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind)
    client = browsing(rival.auditor)
    assert client.get(reverse("runs:verify", args=[run.pk])).status_code == 404
    assert client.post(reverse("runs:verify", args=[run.pk])).status_code == 404


def test_one_step_and_many_runs_are_worded(northwind: Company) -> None:
    (run,) = quick(northwind)
    assert in_words(Verdict(1, 1, ())).startswith("The one step of 1 run is what")
    found = Difference(Run(pk=run.pk).pk, "step_0", 0, "output", "a", "b")
    assert in_words(Verdict(1200, 3, (found, found))).startswith("2 differences in 1,200 steps of 3 runs:")
