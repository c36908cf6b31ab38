"""Personal data is found by its form and check digits, and nothing else is touched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.functions.redaction import iban, luhn, redact_personal_data
from tests.working import least_work

# Published test numbers of the card schemes, and the examples of the IBAN registry.
CARDS = [
    "4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "6011000990139424", "30569309025904",
    "4222222222222",
]  # fmt: skip
IBANS = [
    "GB29 NWBK 6016 1331 9268 19", "DE89370400440532013000", "FR1420041010050500013M02606",
    "NL91 ABNA 0417 1643 00", "MT84MALT011000012345MTLCAST001S", "NO9386011117947", "gb29nwbk60161331926819",
]  # fmt: skip
MAILS = ["ann@example.org", "o.brien+bank@mail.example.co.uk", "a_b%c@x-y.museum"]
PHONES = [
    "+44 20 7946 0958",
    "020 7946 0958",
    "(020) 7946-0958",
    "+1 202-555-0143",
    "+49/30/901820",
    "07700 900123",
]
NATIONAL = ["AB123456C", "AB 12 34 56 C", "078-05-1120"]


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        *(("card", "[card number]", value) for value in CARDS),
        *(("iban", "[account number]", value) for value in IBANS),
        *(("email", "[e-mail address]", value) for value in MAILS),
        *(("phone", "[telephone number]", value) for value in PHONES),
        *(("national_id", "[national identity number]", value) for value in NATIONAL),
    ],
)
@pytest.mark.parametrize("frame", ["Mine is {}.", "{}", "({}), please", "It is {} and I wait", "no:{}\nBye"])
def test_each_kind_is_replaced_by_its_name(kind: str, words: str, value: str, frame: str) -> None:
    found = redact_personal_data(text=frame.format(value))

    assert (found["text"], found["found"]) == (frame.format(words), {kind: 1})


@pytest.mark.parametrize(
    "text",
    [
        "You charged 4111 1111 1111 1112 times.",  # wrong check digit
        "0000 0000 0000 0000",
        "GB29 NWBK 6016 1331 9268 18",
        "On 12-05-2026 at 14:30 I paid 1,250.00 EUR.",
        "Reference CASE-2026-0042, order 100200300.",
        "000-12-3456 and 666-12-3456 and 123-00-4567 were never issued.",
        "BG123456A",
        "a@b, @home, x@localhost",
        "Version 1.2.3.4 of 10 000 letters.",
        "",
        "\u2028 ñandú 日本語のテキスト 😀",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    found = redact_personal_data(text=text)
    assert (found["text"], found["found"]) == (text, {})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("4111\u00a01111\u202f1111\u20071111", "[card number]"),
        ("4111\u20111111\u20131111\u20121111", "[card number]"),
        ("\uff14\uff11\uff11\uff11 1111 1111 1111", "[card number]"),
        ("\u0664\u0661\u0661\u0661 1111 1111 1111", "[card number]"),
        ("GB29\u00a0NWBK\u00a06016\u00a01331\u00a09268\u00a019", "[account number]"),
        ("ann\uff20example.org", "[e-mail address]"),
        ("\uff0b44 20 7946 0958", "[telephone number]"),
    ],
)
def test_other_spaces_dashes_and_digits_hide_nothing(value: str, words: str) -> None:
    assert redact_personal_data(text=f"ñ \u2013 {value}, ok")["text"] == f"ñ \u2013 {words}, ok"


def test_several_kinds_in_one_letter_are_counted() -> None:
    letter = (
        "Cards 4111 1111 1111 1111 and 5555555555554444, account DE89 3704 0044 0532 0130 00 IS MINE, "
        "write to ann@example.org or call 020 7946 0958."
    )

    found = redact_personal_data(text=letter)

    assert found["found"] == {"email": 1, "iban": 1, "card": 2, "phone": 1}
    assert found["text"] == (
        "Cards [card number] and [card number], account [account number] IS MINE, "
        "write to [e-mail address] or call [telephone number]."
    )


def check_digit(digits: str) -> str:
    """The digit that makes a card number right."""
    return next(last for last in "0123456789" if luhn(digits + last))


@given(st.text("0123456789", min_size=14, max_size=18).filter(lambda digits: len(set(digits)) > 2), st.data())
def test_no_digit_of_a_right_card_number_survives_however_it_is_grouped(
    digits: str, data: st.DataObject
) -> None:
    number = digits + check_digit(digits)
    gaps = data.draw(
        st.lists(st.sampled_from(["", " ", "-"]), min_size=len(number) - 1, max_size=len(number) - 1)
    )
    written = number[0] + "".join(gap + digit for gap, digit in zip(gaps, number[1:], strict=True))

    assert not re.search(r"\d", redact_personal_data(text=f"card {written}!")["text"])


@given(
    st.sampled_from(["GB", "DE", "FR", "NO"]),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=11, max_size=30),
)
def test_every_right_account_number_is_found(country: str, account: str) -> None:
    turned = int("".join(str(int(character, 36)) for character in f"{account}{country}00"))
    number = f"{country}{98 - turned % 97:02d}{account}"
    assert iban(number)

    text = redact_personal_data(text=f"to {number}.")["text"]

    assert number not in text
    assert account not in text


@given(st.text(max_size=200))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact_personal_data(text=text)["text"]

    assert redact_personal_data(text=once)["text"] == once


@pytest.mark.parametrize("piece", ["1", "1 ", "0 ", "+1", "a@", "a.", "GB00", "A1 ", "(0", "x@a."])
def test_long_hostile_text_takes_no_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))

    _, seconds = least_work(lambda: redact_personal_data(text=text), enough=5)

    assert seconds < 5


@pytest.mark.parametrize("value", [None, 7, ["text"], {"text": "x"}])
def test_only_text_can_be_redacted(value: object) -> None:
    with pytest.raises(TypeError):
        redact_personal_data(text=value)


def test_names_and_addresses_stay_and_the_output_says_so() -> None:
    letter = "I am Helena Marsh, 4 Quay Street, born 2 May 1961."
    found = redact_personal_data(text=letter)
    assert found["text"] == letter
    assert found["not_looked_for"] == "names, postal addresses, dates of birth"
