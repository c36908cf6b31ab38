"""GET /search/"""

import pytest

from runs.records.models import Run, Step
from tests.api.callers import Caller, fields_of
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released

SENTENCE = "the heron stood motionless beside the flooded branch office"


@pytest.fixture
def run(northwind: Company) -> Run:
    """A finished run whose output repeats its letter."""
    letter = f"Dear bank, {SENTENCE} all morning."
    return finish(begin(northwind, released(northwind, chain(1)), letter=letter, reference="CASE-99"))


def test_a_pasted_sentence_leads_to_the_output_and_the_input(run: Run, auditor: Caller) -> None:
    found = auditor.get("search/", q=SENTENCE).json()
    step = Step.objects.get(run=run)
    assert [made["step"]["id"] for made in found["outputs"]] == [str(step.pk)]
    assert found["outputs"][0]["passage"]["match"] == SENTENCE
    assert [given["run"] for given in found["inputs"]] == [str(run.pk)]


def test_a_digest_an_identifier_and_a_reference_lead_to_it(run: Run, auditor: Caller) -> None:
    output = Step.objects.select_related("output").get(run=run).output
    assert output is not None
    assert auditor.get("search/", q=output.sha256).json()["outputs"][0]["run"] == str(run.pk)
    for known in (str(run.pk), "CASE-99"):
        assert [hit["id"] for hit in auditor.get("search/", q=known).json()["runs"]] == [str(run.pk)]


def test_a_version_is_found_by_name(run: Run, auditor: Caller) -> None:
    [found] = auditor.get("search/", q=f"{run.workflow.slug} v1").json()["versions"]
    assert found["version"]["id"] == str(run.version_id)


def test_nothing_is_found_of_what_is_out_of_reach(run: Run, outsider: Caller) -> None:
    for known in (SENTENCE, str(run.pk), "CASE-99", run.closure_digest):
        found = outsider.get("search/", q=known).json()
        assert [found[kind] for kind in ("outputs", "inputs", "runs", "versions", "more")] == [[]] * 5


@pytest.mark.parametrize("q", ["", "   ", "x" * 2001, "a\x00b"])
def test_what_cannot_be_looked_for_is_refused(auditor: Caller, q: str) -> None:
    assert fields_of(auditor.get("search/", q=q)) == {"q"}


@pytest.mark.parametrize(
    "q", ["' OR 1=1 --", "%", "\\", "a & | !", "🦊", "日本語の文", "<script>", ":*", "\u202e"]
)
def test_odd_characters_are_just_text(auditor: Caller, q: str) -> None:
    assert auditor.get("search/", q=q).status_code == 200


def test_a_search_needs_words(auditor: Caller) -> None:
    assert fields_of(auditor.get("search/")) == {"q"}
