"""Hits in confidential and personal contents are told, and nothing of their text with them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from runs.artifacts.classes import MASKED, class_words
from runs.insight.hits import Given, Made
from runs.insight.passages import Passage
from runs.lineage.classes import classes_of

Hit = TypeVar("Hit", Made, Given)


def unquoted(made: Iterable[Made], given: Iterable[Given]) -> tuple[list[Made], list[Given]]:
    """The same hits, without the text of masked ones: whoever has to see that opens and reveals it."""
    outputs, inputs = list(made), list(given)
    contents = {hit.step.output_id for hit in outputs} | {hit.given.artifact_id for hit in inputs}
    levels = classes_of([content for content in contents if content])
    words = {content: class_words(level) for content, level in levels.items() if level in MASKED}
    return (
        [_blank(hit, words.get(hit.step.output_id) if hit.step.output_id else None) for hit in outputs],
        [_blank(hit, words.get(hit.given.artifact_id)) for hit in inputs],
    )


def _blank(hit: Hit, masked: str | None) -> Hit:
    if masked is None:
        return hit
    return replace(
        hit,
        passage=hit.passage and Passage("", "", "", masked=masked),
        likeness=hit.likeness and replace(hit.likeness, pieces=(), masked=masked),
    )
