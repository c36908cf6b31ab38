"""Where large contents go: what the environment names, and what becomes of it when several machines work."""

from typing import Any

import pytest
from django.core.checks import run_checks
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

from portal.env import Environment
from portal.stores import EVERYTHING, INLINE_BYTES, artifact_store, inline_bytes

ELSEWHERE = "postgresql://app@db.example.org/countersign"


def told(**said: Any) -> Environment:
    """What the environment says, and nothing else of contents."""
    nothing: dict[str, Any] = {"artifact_storage": "", "artifact_inline_bytes": None}
    return Environment(**{**nothing, **said})


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ({"database_url": ""}, INLINE_BYTES),
        ({"database_url": "postgresql://app@localhost/countersign"}, INLINE_BYTES),
        ({"database_url": "postgresql://app@/countersign?host=/run/postgresql"}, INLINE_BYTES),
        ({"database_url": ELSEWHERE}, EVERYTHING),
        ({"database_url": ELSEWHERE, "artifact_inline_bytes": 1000}, 1000),
        ({"database_url": ELSEWHERE, "artifact_storage": "storages.backends.s3.S3Storage"}, INLINE_BYTES),
    ],
)
def test_without_a_store_that_all_reach_contents_are_rows(said: dict[str, Any], most: int) -> None:
    assert inline_bytes(told(**said)) == most


def test_a_bucket_that_does_not_answer_is_not_waited_for_for_minutes() -> None:
    options = {"bucket_name": "contents", "region_name": "eu-central-1", "addressing_style": "path"}
    found = artifact_store(
        told(artifact_storage="storages.backends.s3.S3Storage", artifact_storage_options=options)
    )

    limits = S3Storage(**found["OPTIONS"]).connection.meta.client.meta.config

    assert (limits.connect_timeout, limits.read_timeout) == (3, 10)
    assert limits.retries["total_max_attempts"] == 2
    assert limits.s3["addressing_style"] == "path"


@pytest.mark.parametrize(("most", "warned"), [(INLINE_BYTES, True), (EVERYTHING, False)])
def test_the_check_before_going_live_names_a_folder_that_only_this_machine_has(
    settings: Any, most: int, warned: bool
) -> None:
    settings.ARTIFACT_INLINE_BYTES = most

    found = [told for told in run_checks(include_deployment_checks=True) if told.id == "portal.W005"]

    assert [told.msg for told in found] == (
        [f"Contents of more than {most:,} bytes are files of this machine, which no other one reads."]
        if warned
        else []
    )
