"""The pages of schedules: the list, one of them, setting and changing it, the preview, pausing, retiring."""

import re
from datetime import timedelta
from typing import Any

import pytest

from governance.access.models import Grant
from governance.access.services import revoke_role
from runs.records.models import Run
from runs.schedules.firing import fire_due
from runs.schedules.models import Schedule
from runs.schedules.services import create_schedule, pause_schedule, retire_schedule
from runs.schedules.terms import Terms
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER, chain, released
from tests.factories.schedules import make_due, make_operator, scheduled
from tests.factories.things import make_version
from tests.visiting import Browsing

FORM = {
    "name": "Morning letters",
    "kind": "cron",
    "cron": "0 9 * * 1-5",
    "every": "1",
    "unit": "hours",
    "zone": "Europe/Berlin",
    "overlap": "skip",
    "catch_up": "last",
    "input_letter": LETTER,
}


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def new_url(company: Company) -> str:
    release = released(company, chain(1))
    return f"/schedules/new/?activation={release.activations.all()[0].pk}"


def test_a_schedule_is_set_by_its_form(northwind: Company, browsing: Browsing) -> None:
    client, address = browsing(northwind.operator), new_url(northwind)

    page = text_of(client.get(address))
    assert "in your name" in page
    made = client.post(address, FORM)

    schedule = Schedule.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/schedules/{schedule.pk}/")
    assert (schedule.cron, schedule.every_s, schedule.zone) == ("0 9 * * 1-5", None, "Europe/Berlin")
    assert schedule.inputs == {"letter": LETTER}
    page = text_of(client.get(made["Location"]))
    assert "At 09:00 on Monday through Friday , Europe/Berlin. The next firings:" in page
    assert re.search(r"(Mon|Tue|Wed|Thu|Fri) \d+ \w+ \d{4}, 09:00 CES?T", page)
    assert "It has not fired yet" in page


def test_intervals_are_given_in_the_unit_that_is_chosen(northwind: Company, browsing: Browsing) -> None:
    client, address = browsing(northwind.operator), new_url(northwind)

    client.post(address, {**FORM, "kind": "every", "every": "90", "unit": "minutes", "cron": "0 9 * * *"})

    schedule = Schedule.objects.get()
    assert (schedule.cron, schedule.every_s) == ("", 5400)
    page = client.get(f"/schedules/{schedule.pk}/change/").content.decode()
    assert 'value="90"' in page
    assert re.search(r'<option value="minutes"\s+selected', page)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cron": "0 9 * *"}, "Five fields"),
        ({"cron": ""}, "Give either a cron expression"),
        ({"cron": "0 0 31 2 *"}, "not one that there is"),
        ({"cron": "1" * 101}, "at most 100 characters"),
        ({"kind": "every", "every": "59", "unit": "seconds"}, "Between 60 and"),
        ({"kind": "every", "every": ""}, "Between 60 and"),
        ({"kind": "every", "every": "9" * 30}, "Between 60 and"),
        ({"zone": "Europe/Atlantis"}, "Name a time zone"),
        ({"zone": "UTC\x00"}, "Null characters are not allowed"),
        ({"name": ""}, "required"),
        ({"input_letter": ""}, "Every run needs this input"),
        ({"input_letter": "x" * 70_000}, "a schedule keeps 65,536"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    changed: dict[str, str], words: str, northwind: Company, browsing: Browsing
) -> None:
    client, address = browsing(northwind.operator), new_url(northwind)

    page = client.post(address, {**FORM, **changed})

    assert page.status_code == 400
    assert words in page.content.decode()
    assert not Schedule.objects.exists()
    if "name" not in changed:
        assert 'value="Morning letters"' in page.content.decode()


def test_the_preview_says_what_the_timing_comes_to(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.auditor)
    asked = {"kind": "cron", "cron": "30 2 * * *", "zone": "America/New_York", "every": "", "unit": "hours"}

    page = text_of(client.get("/schedules/preview/", asked))
    assert "At 02:30 every day , America/New_York" in page
    assert len(re.findall(r"0[23]:[03]0 E[SD]T", page)) == 5
    assert len(re.findall(r"0[67]:[03]0 UTC", page)) == 5
    assert "Five fields" in text_of(client.get("/schedules/preview/", {**asked, "cron": "30"}))
    assert client.get("/schedules/preview/", {"colour": "red"}).status_code == 400


def test_the_preview_of_a_change_keeps_the_times_that_saving_keeps(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    client, week = browsing(northwind.operator), timedelta(days=7)
    schedule = scheduled(northwind, every_s=7 * 86_400)
    began = schedule.anchor.replace(second=7) - timedelta(days=6)
    Schedule.objects.filter(pk=schedule.pk).update(anchor=began, next_at=began + week)
    asked = {"kind": "every", "every": "7", "unit": "days", "cron": "", "zone": "Europe/Berlin"}
    of_it = {**asked, "schedule": str(schedule.pk)}
    kept = f"{began + week:%a %H:%M:%S} UTC"

    page = client.get(f"/schedules/{schedule.pk}/change/")
    assert kept in text_of(page)
    assert f"/schedules/preview/?schedule={schedule.pk}" in page.content.decode()
    assert kept in text_of(client.get("/schedules/preview/", of_it))
    assert kept not in text_of(client.get("/schedules/preview/", asked))
    assert kept not in text_of(client.get("/schedules/preview/", {**of_it, "zone": "Asia/Tokyo"}))
    assert browsing(rival.operator).get("/schedules/preview/", of_it).status_code == 404


def test_the_list_tells_when_each_fires_next_and_how_it_fired_last(
    northwind: Company, browsing: Browsing
) -> None:
    release = released(northwind, chain(1))
    make_due(scheduled(northwind, release, name="Letters"))
    fire_due()
    scheduled(northwind, release, name="Daily", cron="0 9 * * *")
    pause_schedule(
        scheduled(northwind, release, name="Resting"), actor=northwind.operator, reason="Holidays."
    )
    gone = scheduled(northwind, release, name="Gone")
    retire_schedule(gone, actor=northwind.operator, reason="Done.")
    client = browsing(northwind.auditor)

    page = text_of(client.get("/schedules/"))
    assert [name in page for name in ("Letters", "Daily", "Resting", "Gone")] == [True, True, True, False]
    assert "New schedule" not in page
    assert "At 09:00 every day Europe/Berlin" in page
    assert page.count("Not yet") == 2
    assert "Letters" not in text_of(client.get("/schedules/?view=paused"))
    assert "Gone" in text_of(client.get("/schedules/?view=retired"))
    assert client.get("/schedules/?view=other").status_code == 400
    assert "New schedule" in text_of(browsing(northwind.operator).get("/schedules/"))


def test_the_list_asks_as_much_for_many_as_for_one(northwind: Company, browsing: Browsing) -> None:
    release = released(northwind, chain(1))
    make_due(scheduled(northwind, release, name="First"))
    fire_due()
    client = browsing(northwind.operator)
    one = queries_of(client, "/schedules/")
    for number in range(5):
        make_due(scheduled(northwind, release, name=f"Number {number}"))
    fire_due()

    assert queries_of(client, "/schedules/") == one


def test_the_page_tells_what_became_of_each_time_and_the_run_names_its_schedule(
    northwind: Company, browsing: Browsing
) -> None:
    schedule = make_due(scheduled(northwind, name="Letters"), missed=2)
    fire_due()
    make_due(schedule, ago=4)
    fire_due()
    run, client = Run.objects.get(), browsing(northwind.auditor)

    page = client.get(f"/schedules/{schedule.pk}/")
    words = text_of(page)
    assert re.search(
        r"Skipped The run that it started last is still under way.*Started .*Missed 2 times", words
    )
    assert f'href="/runs/{run.pk}/"' in page.content.decode()
    assert "Pause" not in words
    line = text_of(client.get(f"/runs/{run.pk}/"))
    assert "Started by the schedule Letters , due" in line
    assert "by a schedule" in line


def test_a_page_says_why_it_does_not_fire(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.auditor)
    schedule = make_due(scheduled(northwind), ago=7200)
    assert "no sweeper is at work" in text_of(client.get(f"/schedules/{schedule.pk}/"))
    assert "Overdue" in text_of(client.get("/schedules/"))

    revoke_role(Grant.objects.get(person=northwind.operator), actor=northwind.owner, reason="moved on")
    fire_due()
    page = text_of(client.get(f"/schedules/{schedule.pk}/"))
    assert "may not start runs in Complaints any more. Whoever resumes it answers for what it starts." in page


def test_where_nothing_is_released_the_page_says_so(northwind: Company, browsing: Browsing) -> None:
    schedule = create_schedule(
        make_version(northwind, "workflow", chain(1)).asset,
        actor=northwind.operator,
        environment=northwind.production,
        name="Early",
        terms=Terms(zone="UTC", cron="0 9 * * *", inputs={"letter": LETTER}),
    )
    page = text_of(browsing(northwind.auditor).get(f"/schedules/{schedule.pk}/"))
    assert "Nothing is released to production." in page


def test_it_is_changed_by_its_form_and_an_older_edition_is_not_saved(
    northwind: Company, browsing: Browsing
) -> None:
    schedule = scheduled(northwind)
    client, address = browsing(northwind.operator), f"/schedules/{schedule.pk}/change/"

    assert client.post(address, {**FORM, "edition": "1"}).status_code == 302
    again = client.post(address, {**FORM, "name": "Mine", "edition": "1"})

    assert again.status_code == 409
    assert "Somebody saved the schedule meanwhile" in again.content.decode()
    after = Schedule.objects.get()
    assert (after.name, after.cron, after.every_s, after.edition) == (FORM["name"], FORM["cron"], None, 2)


def test_it_is_paused_resumed_and_retired_from_its_page(northwind: Company, browsing: Browsing) -> None:
    schedule = scheduled(northwind)
    client, address = browsing(northwind.operator), f"/schedules/{schedule.pk}/"

    assert client.post(f"{address}pause/", {"reason": ""}).status_code == 400
    client.post(f"{address}pause/", {"reason": "Over the holidays."})
    assert "Paused by Otto Operator" in text_of(client.get(address))
    make_operator(northwind, northwind.approver)
    other = browsing(northwind.approver)
    other.post(f"{address}resume/")
    assert Schedule.objects.get().saved_by == northwind.approver
    client.post(f"{address}retire/", {"reason": "No longer needed."})
    page = text_of(client.get(address))
    assert "It fires no more" in page
    assert "Retire…" not in page
    assert client.get(f"{address}change/").status_code == 409


def test_others_find_nothing(northwind: Company, rival: Company, browsing: Browsing) -> None:
    schedule = scheduled(northwind, name="Secret letters")
    client = browsing(rival.operator)

    assert "Secret letters" not in text_of(client.get("/schedules/"))
    for part in ("", "change/"):
        assert client.get(f"/schedules/{schedule.pk}/{part}").status_code == 404
    for part in ("pause/", "resume/", "retire/", "change/"):
        assert client.post(f"/schedules/{schedule.pk}/{part}", {**FORM, "reason": "x"}).status_code == 404
    activation = schedule.workflow.activations.all()[0]
    assert client.post(f"/schedules/new/?activation={activation.pk}", FORM).status_code == 404


def test_what_is_typed_is_shown_as_text(northwind: Company, browsing: Browsing) -> None:
    hostile = "<img src=x onerror=alert(1)>{{ settings.SECRET_KEY }}"
    schedule = scheduled(northwind, name=hostile, inputs={"letter": hostile})

    for address in ("/schedules/", f"/schedules/{schedule.pk}/", f"/schedules/{schedule.pk}/change/"):
        page = browsing(northwind.operator).get(address).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page
