"""A failure is one value everywhere; only its column knows that it is JSON."""

from hypothesis import given
from hypothesis import strategies as st

from runs.records.failure import LONGEST_DETAIL, Failure
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released

WORDS = st.text(st.characters() | st.just("\x00"), max_size=50)


@given(st.builds(Failure, WORDS.map(ascii), WORDS, WORDS, WORDS.map(ascii)))
def test_what_is_stored_is_read_again_and_can_be_stored(failure: Failure) -> None:
    assert Failure.read(failure.stored()) == failure
    assert "\x00" not in str(failure)
    str(failure).encode()


def test_a_detail_of_any_length_is_cut() -> None:
    assert len(Failure("a", "b", "c" * 5000).detail) == LONGEST_DETAIL


def test_words_that_an_old_row_lacks_are_empty() -> None:
    assert Failure.read({"code": "gone", "later": 1}) == Failure("gone", "", "", "")


def test_rows_give_it_back_and_their_members_can_be_asked_for(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(1, function="returns@1", what="raise"))))

    step = Step.objects.get(run=run)
    assert isinstance(run.error, Failure)
    assert run.error == step.error
    assert run.error.code == "function_failed"
    assert Run.objects.get(error__code="function_failed") == run
    assert Run.objects.values_list("error__node", "error").get(pk=run.pk) == ("step_0", run.error)
