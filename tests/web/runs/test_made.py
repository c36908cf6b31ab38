"""GET /versions/{version}/outputs/"""

from uuid import UUID

import pytest
from django.urls import reverse

from governance.catalog.models import Version
from runs.insight import generations
from runs.insight.generations import counterparts, made_by
from runs.records.models import RunInput, Step
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, put_into_effect, released
from tests.factories.things import make_version
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.recorded import answered, step_of


def two_generations(company: Company) -> tuple[Version, Version]:
    """Two versions of a workflow, each with a run of the same two letters; the second of one letter more."""
    first = released(company, chain(1))
    for letter in ("Dear bank, one.", "Dear bank, two."):
        finish(begin(company, first, letter=letter))
    second = put_into_effect(company, make_version(company, "workflow", chain(2), asset=first.workflow))
    for letter in ("Dear bank, one.", "Dear bank, two.", "Dear bank, three."):
        finish(begin(company, second, letter=letter))
    return first.version, second.version


def test_each_kind_of_version_leads_to_what_it_made(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run = answered(northwind)
    summary = step_of(run, "summarise")
    client = browsing(northwind.auditor)
    for version in (summary.prompt_version, summary.model_version, run.version):
        assert version is not None
        page = client.get(reverse("runs:made", args=[version.pk])).content.decode()
        assert reverse("runs:output", args=[summary.pk]) in page
        assert "The customer was charged twice." in page
        assert reverse("runs:run", args=[run.pk]) in page


def test_two_generations_stand_beside_each_other_by_their_inputs(
    northwind: Company, browsing: Browsing
) -> None:
    first, second = two_generations(northwind)
    page = browsing(northwind.auditor).get(reverse("runs:made", args=[second.pk]), {"against": str(first.pk)})
    pairs = [(row.said.text, row.other.text if row.other else None) for row in page.context["rows"]]
    assert [other is None for _, other in pairs] == [True, False, False]
    for said, other in pairs[1:]:
        assert said == other
    assert "never saw these inputs" in page.content.decode()


def test_of_a_letter_that_ran_every_night_the_newest_alone_is_read(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = released(northwind, chain(1))
    nights = [finish(begin(northwind, release, letter="Dear bank, one.")) for _ in range(5)]
    first, content = release.version, chain(2)
    later = put_into_effect(northwind, make_version(northwind, "workflow", content, asset=release.workflow))
    finish(begin(northwind, later, letter="Dear bank, one."))
    read: list[int] = []

    def counting(runs: set[UUID]) -> dict[UUID, list[RunInput]]:
        read.append(len(runs))
        return inputs_of(runs)

    inputs_of = generations._inputs_of
    monkeypatch.setattr(generations, "_inputs_of", counting)
    found = counterparts(
        list(made_by(later.version, actor=northwind.auditor)), other=first, actor=northwind.auditor
    )

    assert read == [1, 1]
    assert [match.other.run_id for match in found if match.other] == [nights[-1].pk]


def test_the_comparison_costs_the_same_queries_for_one_output_and_for_many(
    northwind: Company, browsing: Browsing
) -> None:
    first, second = two_generations(northwind)
    client = browsing(northwind.auditor)
    address = reverse("runs:made", args=[second.pk]) + f"?against={first.pk}"
    counts = []
    for more in (0, 4):
        for number in range(more):
            release = second.releases.get()
            finish(begin(northwind, release, letter=f"Dear bank, again {number}."))
        counts.append(queries_of(client, address))
    assert counts[0] == counts[1]


def test_what_is_no_version_of_the_asset_is_refused(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    first, second = two_generations(northwind)
    theirs = released(rival, chain(1)).version
    client = browsing(northwind.auditor)
    address = reverse("runs:made", args=[second.pk])
    assert client.get(address, {"against": str(theirs.pk)}).status_code == 400
    assert client.get(address, {"against": "nonsense"}).status_code == 400
    assert client.get(reverse("runs:made", args=[theirs.pk])).status_code == 404
    assert Step.objects.filter(run__version=first).count() == 2
