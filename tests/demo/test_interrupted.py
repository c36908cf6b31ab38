"""A demonstration that was killed while it set itself up, and is started again."""

from pathlib import Path

import pytest

from governance.access.gate import resolve
from portal.demo import cast, releasing, story
from tests.demo.killing import Killed, killed

pytestmark = pytest.mark.usefixtures("harbour")


def test_killed_before_somebody_got_their_role_it_gives_it_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as moment:
        moment.setattr(cast, "grant_role", killed)
        with pytest.raises(Killed):
            cast.assemble()

    found = cast.assemble()

    reached = [resolve(person).projects() for person in (*found.people.values(), found.owner)]
    assert reached == [frozenset({found.project.pk})] * len(cast.PARTS)


def test_killed_between_submitting_and_approving_it_releases_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company = cast.assemble()
    with monkeypatch.context() as moment:
        moment.setattr(releasing, "vote", killed)
        with pytest.raises(Killed):
            story.prepare(company, weights_sha256="0" * 64)

    stage = story.prepare(company, weights_sha256="0" * 64)

    assert [stage.first.request.state, stage.second.request.state] == ["approved", "approved"]


def test_the_password_outlives_what_may_be_deleted(tmp_path: Path) -> None:
    made = cast.password()

    assert not (tmp_path / "run").exists()
    assert cast.password() == made
    assert [oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == ["0o600"]
