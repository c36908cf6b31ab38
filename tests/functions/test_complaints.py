"""The register of complaints, and what is known of customers."""

from runs.functions.complaints import close_entry, note_answer, open_entry, recognise_customer, strike_entry


def test_somebody_who_has_not_written_before_is_said_to_be_new() -> None:
    found = recognise_customer(customer="C-1", known="")

    assert found == {"customer": "C-1", "letters": 0, "words": "C-1 has not written before."}


def test_a_customer_is_recognised_by_what_was_noted_of_them() -> None:
    once = note_answer(customer="C-1", known="", case="CASE-1", answer="We are\n\n sorry.")
    twice = note_answer(customer="C-1", known=once, case="CASE-2", answer="We mean it.")

    assert once == {"customer": "C-1", "letters": 1, "last_case": "CASE-1", "last_answer": "We are sorry."}
    words = [recognise_customer(customer="C-1", known=known)["words"] for known in (once, twice)]
    assert words == [
        "C-1 has written 1 time before. Last answer: “We are sorry.”",
        "C-1 has written 2 times before. Last answer: “We mean it.”",
    ]


def test_a_long_answer_is_noted_by_its_beginning() -> None:
    noted = note_answer(customer="C-1", known="", case="CASE-1", answer="word " * 100)

    assert noted["last_answer"].startswith("word word")
    assert noted["last_answer"].endswith("word …")
    assert len(noted["last_answer"]) <= 162


def test_an_entry_is_opened_and_then_closed_or_struck() -> None:
    entry = open_entry(case="CASE-1", customer="C-1")

    assert entry == {"case": "CASE-1", "customer": "C-1", "state": "open"}
    assert close_entry(entry=entry, sent={"by": "post"}) == {
        **entry,
        "state": "answered",
        "sent": {"by": "post"},
    }
    assert strike_entry(entry=entry) == {**entry, "state": "struck"}
