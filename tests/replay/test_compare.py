"""Two runs side by side."""

from runs.replay.compare import compared
from tests.factories.cast import Company
from tests.factories.forks import fork_of, replay_of
from tests.factories.runs import begin, chain, finish, released


def test_a_replay_of_pure_steps_parts_nowhere(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(3))))
    again = finish(replay_of(run, actor=northwind.operator, reason="Does it do the same?"))

    found = compared(run, again)

    assert [pair.node for pair in found.pairs] == ["step_0", "step_1", "step_2"]
    assert found.parting is None


def test_runs_on_other_inputs_part_at_the_first_step_that_shows_it(northwind: Company) -> None:
    release = released(northwind, chain(2))
    one = finish(begin(northwind, release, "One letter."))
    other = finish(begin(northwind, release, "Another letter."))

    parting = compared(one, other).parting

    assert parting is not None
    assert parting.node == "step_0"


def test_a_step_that_only_one_run_came_to_is_shown_alone(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2))))
    fork = fork_of(run, actor=northwind.operator, position=1, reason="Not driven yet.")

    found = compared(run, fork)

    assert found.parting is found.pairs[1]
    assert (found.pairs[1].left is not None, found.pairs[1].right) == (True, None)
