"""The one readable log."""

import io
import re
from pathlib import Path

from portal.embedded.follow import Follower
from portal.embedded.journal import Journal


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_only_a_terminal_gets_colour(tmp_path: Path) -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        journal = Journal(tmp_path / "portal.log", terminal=stream)
        journal.say("web", "hello\n")
        journal.close()
    assert re.fullmatch(r"\x1b\[36m\d\d:\d\d:\d\d web      \|\x1b\[0m hello\n", terminal.getvalue())
    assert re.fullmatch(r"\d\d:\d\d:\d\d web      \| hello\n", pipe.getvalue())
    assert "\x1b" not in (tmp_path / "portal.log").read_text()


def test_a_terminal_that_goes_away_does_not_stop_the_portal(tmp_path: Path) -> None:
    terminal = Terminal()
    journal = Journal(tmp_path / "portal.log", terminal=terminal)
    terminal.close()
    journal.say("web", "one")
    journal.say("web", "two")
    journal.close()
    assert (tmp_path / "portal.log").read_text().count("web      | ") == 2


def test_a_lone_surrogate_is_written_as_a_question_mark(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "portal.log")
    journal.say("worker", "half \ud800 a character")
    journal.close()
    assert "half ? a character" in (tmp_path / "portal.log").read_text()


def test_trouble_in_a_services_own_log_is_brought_in_once(tmp_path: Path) -> None:
    own = tmp_path / "postgres.log"
    own.write_text("2026 LOG:  before\n2026 ERROR:  before\n")
    follower, journal = Follower("postgres", own), Journal(tmp_path / "portal.log")
    with own.open("a") as log:
        log.write("2026 LOG:  checkpoint\n2026 FATAL:  out of disk\n2026 ERR")
    follower.relay(journal)
    with own.open("a") as log:
        log.write("OR:  cut in two\n")
    follower.relay(journal)
    follower.relay(journal)
    journal.close()
    assert said(tmp_path) == ["2026 FATAL:  out of disk", "2026 ERROR:  cut in two"]


def test_the_time_is_said_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "portal.log")
    for line in (
        "2026-11-22 08:29:18,573 INFO ready",
        "[2026-11-22T08:29:18Z] ready",
        "2026-11-22 is a Sunday",
    ):
        journal.say("worker", line)
    journal.close()
    assert said(tmp_path) == ["INFO ready", "ready", "2026-11-22 is a Sunday"]


def said(tmp_path: Path) -> list[str]:
    return [line.split(" | ")[1] for line in (tmp_path / "portal.log").read_text().splitlines()]


def test_a_terminal_may_be_shown_one_voice_alone(tmp_path: Path) -> None:
    terminal = io.StringIO()
    journal = Journal(tmp_path / "portal.log", terminal=terminal, only="portal")
    journal.say("portal", "collecting and packing static files")
    journal.say("web", "hello")
    journal.close()
    assert terminal.getvalue().count("\n") == 1
    assert said(tmp_path) == ["collecting and packing static files", "hello"]
