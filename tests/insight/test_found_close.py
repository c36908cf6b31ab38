"""Texts that come close to a pasted one."""

import pytest

from runs.insight import found_close, patience
from runs.insight.found_close import close_to
from runs.insight.search import search
from runs.records.models import Step
from tests.factories.cast import Company
from tests.insight.conftest import Finished

LETTER = (
    "Thank you for your letter. The harbour branch charged your card twice on Monday. "
    "We pay the second amount back within five working days. Yours sincerely, the bank."
)


@pytest.mark.parametrize(
    "edited",
    [
        f"Dear Ms Petrov, I hope this finds you well. {LETTER}",
        LETTER.replace("five working days", "five wor- king days"),
        LETTER.replace("twice", "two times").replace("back within", "back to you within"),
        LETTER[len("Thank you for your letter.") :] + " Best wishes!",
        "Hello there. We pay the second amount back within five working days. Nothing else was kept of it.",
        "branch charged your card again",
    ],
)
def test_an_edited_text_leads_to_what_it_was_made_from(
    northwind: Company, finished: Finished, edited: str
) -> None:
    run = finished(northwind, LETTER)
    finished(northwind, "Thank you for your letter. We have no branch at the harbour, and no amount is due.")
    assert not search(edited, actor=northwind.auditor).count
    close = close_to(edited, actor=northwind.auditor)
    assert [hit.step for hit in close.outputs] == [Step.objects.get(run=run)]
    assert [hit.run for hit in close.inputs] == [run]


def test_what_is_shared_is_marked_and_counted(northwind: Company, finished: Finished) -> None:
    finished(northwind, LETTER)
    edited = "The harbour branch charged your card TWICE, on Tuesday we pay the second amount back"
    [hit] = close_to(edited, actor=northwind.auditor).inputs
    found = hit.likeness
    assert found is not None
    assert [piece.text for piece in found.pieces if piece.shared] == [
        "The harbour branch charged your card twice on",
        "We pay the second amount back",
    ]
    assert (found.shared, found.words, found.longest) == (14, 15, 8)
    assert "".join(piece.text for piece in found.pieces) == LETTER


def test_a_script_without_spaces_is_compared_by_its_characters(
    northwind: Company, finished: Finished
) -> None:
    run = finished(northwind, "月曜日にカードが二重に請求されました。")
    close = close_to("火曜日にカードが二重に請求されました。", actor=northwind.auditor)
    assert [hit.run for hit in close.inputs] == [run]


@pytest.mark.parametrize(
    "other", ["zebra", "Thank you for your letter, which we shall answer when the ice has gone.", "' | !", ""]
)
def test_what_shares_a_phrase_alone_is_not_close(northwind: Company, finished: Finished, other: str) -> None:
    finished(northwind, LETTER)
    assert close_to(other, actor=northwind.auditor).count == 0


def test_nothing_of_another_organisation_comes_close(
    northwind: Company, rival: Company, finished: Finished
) -> None:
    finished(rival, LETTER)
    edited = f"Dear Ms Petrov, {LETTER}"
    assert close_to(edited, actor=rival.auditor).count == 2
    for outsider in (northwind.auditor, northwind.owner, rival.stranger, rival.disabled):
        assert close_to(edited, actor=outsider).count == 0


def test_it_is_given_up_when_it_takes_too_long_and_says_so(
    northwind: Company, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        finished(northwind, f"{LETTER} {number}")
    clock = [0.0]

    def slow(*_: object) -> None:
        clock[0] += found_close.PATIENCE_SECONDS * 0.6

    monkeypatch.setattr(patience, "monotonic", lambda: clock[0])
    monkeypatch.setattr(found_close, "likeness", slow)
    close = close_to(f"Dear Ms Petrov, {LETTER}", actor=northwind.auditor)
    assert (close.given_up, close.count) == (True, 0)
