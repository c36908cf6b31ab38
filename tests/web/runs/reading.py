"""A page as somebody reads it."""

import re

from django.urls import reverse

from runs.records.models import Step
from tests.factories.cast import Company
from tests.visiting import Browsing


def text_of(page: str) -> str:
    """What the page says, without its markup."""
    body = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def page_of(browsing: Browsing, company: Company, step: Step) -> str:
    """The page as an auditor sees it."""
    response = browsing(company.auditor).get(reverse("runs:output", args=[step.pk]))
    assert response.status_code == 200
    return response.content.decode()
