"""The same content under two identifiers is the same content to everybody who asks.

The identifier of a content stored before the media type counted follows from its digest alone.
"""

from uuid import UUID, uuid5

import pytest
from django.urls import reverse

from runs.artifacts import store
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, put_into_effect, released
from tests.factories.things import make_version
from tests.visiting import Browsing


def as_before(organisation: UUID, sha256: str, _media_type: str) -> UUID:
    """The identifier that a content had before its media type counted."""
    return uuid5(organisation, sha256)


@pytest.fixture
def generations(northwind: Company) -> tuple[Run, Run]:
    """Two versions' runs of one letter, with the same output; the first as it was stored before."""
    first = released(northwind, chain(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "artifact_id", as_before)
        before = finish(begin(northwind, first))
    version = make_version(northwind, "workflow", chain(2), asset=first.workflow)
    after = finish(begin(northwind, put_into_effect(northwind, version)))
    assert before.output is not None
    assert after.output is not None
    assert before.output.sha256 == after.output.sha256
    assert {before.output_id, before.inputs.get().artifact_id}.isdisjoint(
        {after.output_id, after.inputs.get().artifact_id}
    )
    return before, after


@pytest.mark.parametrize("turned", [False, True])
def test_versions_are_compared_by_what_they_were_given_and_made(
    generations: tuple[Run, Run], northwind: Company, browsing: Browsing, turned: bool
) -> None:
    one, other = reversed(generations) if turned else generations
    address = reverse("runs:made", args=[one.version_id])

    page = browsing(northwind.auditor).get(address, {"against": str(other.version_id)})

    assert [row.other.step.run_id for row in page.context["rows"]] == [other.pk]
    assert "the very same" in page.content.decode()


def test_an_output_names_those_who_made_the_same(
    generations: tuple[Run, Run], northwind: Company, browsing: Browsing
) -> None:
    before, after = generations
    step = Step.objects.get(run=before)

    page = browsing(northwind.auditor).get(reverse("runs:output", args=[step.pk]))

    assert {edge.step.run_id for edge in page.context["elsewhere"]} == {after.pk}


def test_a_content_names_every_run_that_was_given_or_made_it(
    generations: tuple[Run, Run], northwind: Company, rival: Company, browsing: Browsing
) -> None:
    both = {run.pk for run in generations}
    finish(begin(rival, released(rival, chain(1))))
    for run in generations:
        given = reverse("runs:artifact", args=[run.inputs.get().artifact_id])
        made = reverse("runs:artifact", args=[run.output_id])

        client = browsing(northwind.auditor)
        assert {row.run_id for row in client.get(given).context["given"]} == both
        assert {edge.step.run_id for edge in client.get(made).context["uses"]} == both
