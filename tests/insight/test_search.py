"""Finding records by what somebody has at hand."""

import pytest
from django.db import OperationalError, connection
from django.db.models import Func, TextField, Value
from django.test.utils import CaptureQueriesContext

from governance.accounts.models import User
from runs.insight import found_by_digest, found_by_text, patience
from runs.insight.queries import understood
from runs.insight.search import search
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.insight.conftest import Finished


def test_a_pasted_piece_of_an_output_leads_to_exactly_that_output(
    northwind: Company, finished: Finished
) -> None:
    run = finished(northwind, "Dear bank, the harbour froze over.")
    finished(northwind, "Dear bank, nothing of the kind.")
    results = search("  bank,\n the HARBOUR fro", actor=northwind.auditor)
    # The letter is found where it was handed in, and where the step repeated it.
    assert [hit.step.run for hit in results.outputs] == [run]
    assert [hit.run for hit in results.inputs] == [run]
    assert results.outputs[0].passage is not None
    assert results.outputs[0].passage.match == "bank, the harbour fro"


def test_a_digest_finds_the_output_the_input_the_version_and_the_release(
    northwind: Company, finished: Finished
) -> None:
    run = finished(northwind)
    step = Step.objects.get(run=run)
    actor = northwind.auditor
    assert run.output is not None
    for digits in (
        run.output.sha256,
        run.output.sha256[:8],
        f"{run.output.sha256[:8]}…{run.output.sha256[-4:]}",
    ):
        results = search(digits, actor=actor)
        assert results.only_output == step
    given = run.inputs.get()
    assert [hit.given for hit in search(given.artifact.sha256, actor=actor).inputs] == [given]
    assert [hit.version for hit in search(run.version.digest, actor=actor).versions] == [run.version]
    assert [hit.release for hit in search(run.release.digest, actor=actor).versions] == [run.release]


def test_a_digest_costs_one_statement_and_a_question_for_each_kind_that_has_it(
    northwind: Company, finished: Finished
) -> None:
    run, actor = finished(northwind), northwind.auditor
    assert run.output is not None
    for digest, kinds in ((run.output.sha256, 1), (run.release.digest, 1), ("0" * 64, 0)):
        search(digest, actor=actor)
        with CaptureQueriesContext(connection) as queries:
            found = found_by_digest.of_digest(understood(digest), actor=actor, most=20)
        assert len(queries) == kinds
        assert len([kind for kind in vars(found).values() if kind]) == kinds


def test_a_digest_may_be_somebodys_reference(northwind: Company, finished: Finished) -> None:
    reference = "AB" * 32
    run = finished(northwind, reference=reference)
    for asked in (reference, reference.lower()):
        assert search(asked, actor=northwind.auditor).runs == [run]


def test_an_identifier_or_a_reference_leads_to_the_result_of_the_run(
    northwind: Company, finished: Finished
) -> None:
    run = finished(northwind, reference="CASE-88213")
    finished(northwind)
    step = Step.objects.get(run=run)
    short = f"{str(run.pk)[:8]}…{str(run.pk)[-4:]}"
    for asked in (str(run.pk), run.pk.hex, short, "CASE-88213", "case-88213", str(step.pk)):
        assert search(asked, actor=northwind.auditor).only_output == step


def test_two_runs_of_one_reference_are_both_shown(northwind: Company, finished: Finished) -> None:
    runs = [finished(northwind, reference="CASE-2") for _ in range(2)]
    results = search("CASE-2", actor=northwind.auditor)
    assert results.runs == runs[::-1]
    assert results.only_output is None


def test_a_version_is_found_by_its_name(northwind: Company, finished: Finished) -> None:
    version = finished(northwind).version
    for asked in (f"{version.asset.slug} v1", f"{version.asset.slug}@1", version.asset.slug):
        assert [hit.version for hit in search(asked, actor=northwind.auditor).versions] == [version]


def test_nothing_of_another_organisation_is_found_by_any_way(
    northwind: Company, rival: Company, finished: Finished
) -> None:
    theirs = finished(rival, "Only Rival knows this sentence.", reference="CLAIM-1")
    assert theirs.output is not None
    given = theirs.inputs.get().artifact
    names = (
        "Only Rival knows this sentence", theirs.output.sha256, given.sha256, str(theirs.pk), "CLAIM-1",
        str(Step.objects.get(run=theirs).pk), str(theirs.version),
        theirs.version.digest, theirs.release.digest,
    )  # fmt: skip
    for asked in names:
        assert search(asked, actor=rival.auditor).count, asked
        for outsider in (northwind.auditor, northwind.owner, rival.stranger, rival.disabled):
            assert not search(asked, actor=outsider).count, asked


def test_hidden_matches_do_not_crowd_out_visible_ones(
    northwind: Company, rival: Company, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.insight.search.MOST", 3)
    ours = finished(northwind, "The canary sings.")
    release = released(rival, chain(1))
    for _ in range(8):
        finish(begin(rival, release, letter="The canary sings."))
    results = search("The canary sings", actor=northwind.auditor)
    assert [hit.step.run for hit in results.outputs] == [ours]
    assert results.more == set()


def test_many_matches_are_cut_and_said_to_be(
    northwind: Company, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.insight.search.MOST", 3)
    release = released(northwind, chain(1))
    for number in range(5):
        finish(begin(northwind, release, letter=f"The canary sings again, {number}."))
    results = search("canary sings again", actor=northwind.auditor)
    assert len(results.outputs) == 3
    assert results.more == {"outputs", "inputs"}
    assert Run.objects.count() == 5


@pytest.mark.parametrize(
    "odd", ["\x00", "\ud800", "' | !", "a:*b & <-> c", "%_\\", "\u202e", "…", "🙂", "x" * 200_000]
)
def test_odd_input_finds_nothing_and_breaks_nothing(northwind: Company, finished: Finished, odd: str) -> None:
    finished(northwind)
    assert search(odd, actor=northwind.auditor).count == 0


def test_a_search_whose_comparisons_take_too_long_is_given_up_and_says_so(
    northwind: Company, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        finished(northwind, f"Dear bank, the {number}. letter.")
    clock = [0.0]
    compared = []

    def slow(body: bytes, *_: object) -> bool:
        clock[0] += found_by_text.PATIENCE_SECONDS * 0.6
        compared.append(body)
        return False

    monkeypatch.setattr(patience, "monotonic", lambda: clock[0])
    monkeypatch.setattr(found_by_text, "contains", slow)
    results = search("dear bank", actor=northwind.auditor)
    assert (results.too_general, results.count, len(compared)) == (True, 0, 2)


def test_a_statement_gets_no_more_than_the_time_that_is_left(northwind: Company) -> None:
    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    usual = limit()
    slow = User.objects.annotate(slept=Func(Value(5), function="pg_sleep", output_field=TextField()))
    with pytest.raises(patience.TooGeneral):
        patience.Patience(0.2).read(slow)
    assert limit() == usual
    assert patience.Patience(60).read(User.objects.filter(pk=northwind.auditor.pk)) == [northwind.auditor]
    assert limit() == usual


def test_a_database_that_is_away_is_not_called_a_general_question(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> list[object]:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(found_by_text, "phrase_query", away)
    with pytest.raises(OperationalError):
        search("the bank", actor=northwind.auditor)
    with pytest.raises(OperationalError):
        patience.Patience(5).read(away() for _ in range(1))
