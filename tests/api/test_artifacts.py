"""GET /artifacts/{id}/content/"""

from uuid import uuid4

from django.urls import reverse

from runs.lineage.models import Edge
from runs.records.models import RunInput, Step
from tests.api.callers import Caller, by_session, problem_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, complaint, finish, released
from tests.providers.serving import Serving
from tests.visiting import visitor

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def test_content_is_a_file_and_never_a_page(northwind: Company, auditor: Caller) -> None:
    run = begin(northwind, released(northwind, chain(1)), letter=HOSTILE)
    given = RunInput.objects.get(run=run)
    answer = auditor.get(f"artifacts/{given.artifact_id}/content/", headers={"Accept": "text/html"})
    assert answer.content == HOSTILE.encode()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert (
        answer.headers["X-Content-SHA256"]
        == auditor.get(f"runs/{run.pk}/").json()["inputs"][0]["artifact"]["sha256"]
    )


def test_the_page_and_the_api_hand_a_file_over_in_the_same_way(northwind: Company, auditor: Caller) -> None:
    run = finish(begin(northwind, released(northwind, chain(1))))
    content = auditor.get(f"artifacts/{run.output_id}/content/")
    page = visitor(northwind.auditor).get(reverse("runs:artifact", args=[run.output_id]), {"download": "1"})
    assert content.content == page.content
    for name in ("Content-Type", "Content-Disposition", "Cache-Control", "Content-Security-Policy"):
        assert content.headers[name] == page.headers[name]


def test_inputs_prompts_and_outputs_are_all_to_be_had(
    northwind: Company, auditor: Caller, serving: Serving
) -> None:
    run = finish(begin(northwind, released(northwind, complaint(northwind))))
    wanted = {*Step.objects.filter(run=run).values_list("output", flat=True)}
    wanted |= {*Edge.objects.filter(step__run=run).values_list("artifact", flat=True)}
    wanted |= {*RunInput.objects.filter(run=run).values_list("artifact", flat=True)}
    assert len(wanted) > 5
    for pk in wanted:
        assert auditor.get(f"artifacts/{pk}/content/").status_code == 200


def test_content_of_others_is_not_there(rival: Company, auditor: Caller) -> None:
    run = finish(begin(rival, released(rival, chain(1))))
    for pk in (RunInput.objects.get(run=run).artifact_id, Step.objects.get(run=run).output_id, uuid4()):
        problem_of(auditor.get(f"artifacts/{pk}/content/"), 404)


def test_the_same_letter_in_two_organisations_is_two_artifacts(
    northwind: Company, rival: Company, auditor: Caller
) -> None:
    begin(northwind, released(northwind, chain(1)), letter=LETTER)
    begin(rival, released(rival, chain(1)), letter=LETTER)
    statuses = sorted(
        auditor.get(f"artifacts/{pk}/content/").status_code
        for pk in RunInput.objects.values_list("artifact", flat=True)
    )
    assert statuses == [200, 404]


def test_whoever_has_no_role_gets_no_content(northwind: Company) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    pk = RunInput.objects.get(run=run).artifact_id
    problem_of(by_session(northwind.stranger).get(f"artifacts/{pk}/content/"), 404)
