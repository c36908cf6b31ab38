"""The history that is asked about, taken over by the product's own import."""

import time
from collections.abc import Iterator
from typing import Any, Final

import orjson

from governance.catalog.models import Asset, Version
from governance.releases.models import Release
from runs.lineage.bulk import import_runs
from tests.factories.cast import NORTHWIND, Company
from tests.factories.imports import BEGAN, ENDED, imported_step
from tests.factories.runs import put_into_effect
from tests.factories.things import make_model, make_prompt, make_version, pin

A_FILE: Final = 50_000
PROMPTS: Final = 12  # of which each is used half as often as the one before it
DOCUMENTS: Final = 1_000
LABELS: Final = ("card", "loan", "fee", "other")


def load(runs: int, said: Any) -> float:
    """Import so many runs, file by file; how many a second."""
    company = Company(NORTHWIND)
    releases = _catalogue(company)
    began = time.monotonic()
    for first in range(0, runs, A_FILE):
        lines = _lines(range(first, min(first + A_FILE, runs)), releases)
        done = import_runs(company.project, actor=company.owner, lines=lines, reason="To be asked about.")
        said(f"{first + done.runs:,} runs after {time.monotonic() - began:,.0f} s")
    return runs / (time.monotonic() - began)


def _catalogue(company: Company) -> list[Release]:
    """A release for each prompt version: redact, summarise by that prompt, and give it a label."""
    prompt, model = make_prompt(company, text="Say 0."), make_model(company)
    later = [make_prompt(company, asset=prompt.asset, text=f"Say {n}.") for n in range(1, PROMPTS)]
    versions = [prompt, *later]
    workflow, found = None, []
    for version in versions:
        made = make_version(company, "workflow", _workflow(version, prompt, model), asset=workflow)
        workflow = made.asset
        found.append(put_into_effect(company, made))
    return found


def _workflow(version: Version, label: Version, model: Version) -> dict[str, Any]:
    ask = {"kind": "llm", "model": pin(model)}
    redact = {"kind": "function", "key": "redact", "function": "nothing@1", "inputs": {"text": "$letter"}}
    return {
        "inputs": [{"name": "letter"}],
        "nodes": [
            redact | {"next": "summarise"},
            {**ask, "key": "summarise", "prompt": pin(version), "inputs": {"letter": "redact.text"}}
            | {"next": "label"},
            {**ask, "key": "label", "prompt": pin(label), "inputs": {"letter": "summarise"}},
        ],
        "start": "redact",
        "output": "label",
    }


def prompts() -> list[Version]:
    """The versions that made the summaries, the most used one first."""
    company = Company(NORTHWIND)
    found = Version.objects.filter(asset__project=company.project, asset__kind=Asset.Kind.PROMPT)
    return list(found.order_by("number"))


def _lines(numbers: range, releases: list[Release]) -> Iterator[bytes]:
    for number in numbers:
        used = min((number & -number).bit_length() if number else PROMPTS, PROMPTS) - 1
        yield orjson.dumps(_run(number, releases[used]))


def _run(number: int, release: Release) -> dict[str, Any]:
    """A letter of its own or, in every tenth run, a document that others were given too."""
    shared = number % 10 == 0
    letter = f"Terms {number // 10 % DOCUMENTS}" if shared else f"Letter {number} about a card"
    asked = {"tokens_in": 200, "tokens_out": 40}
    return {
        "key": f"bench-{number}",
        "workflow": release.workflow.slug,
        "release": release.number,
        "reference": f"CASE-{number}",
        "state": "succeeded",
        "started_at": BEGAN,
        "finished_at": ENDED,
        "inputs": [{"name": "letter", "classification": "internal", "content": {"text": letter}}],
        "steps": [
            imported_step("redact", ("text", "$letter"), said=f"redacted {number}"),
            imported_step("summarise", ("letter", "redact.text"), said=f"in short {number}", **asked),
            imported_step("label", ("letter", "summarise.text"), said=LABELS[number % 4], **asked),
        ],
    }
