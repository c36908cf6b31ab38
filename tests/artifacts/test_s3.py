"""Large contents in a store that speaks S3, over HTTP. The server is a simulator (moto) on this machine.

It keeps what it is given in memory and checks no signature: that requests are signed is not held here.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from runs.artifacts.opening import ArtifactDamaged, bytes_of
from runs.artifacts.storing import StoreAway, stored
from runs.replay.verify import verify_run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released

KEYS = {"access_key": "key", "secret_key": "secret", "region_name": "us-east-1"}
LONG = "Dear bank, " + "please call me back about my card. " * 40


@pytest.fixture
def bucket(settings: Any) -> Iterator[Any]:
    """What has more than two hundred bytes goes to the bucket that is returned."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address, name = f"http://{host}:{port}", uuid4().hex
    made = boto3.resource(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="key",
        aws_secret_access_key="secret",
    ).create_bucket(Bucket=name)  # fmt: skip
    settings.ARTIFACT_INLINE_BYTES = 200
    options = {"bucket_name": name, "endpoint_url": address, **KEYS}
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "artifacts": backend}
    yield made
    server.stop()


def test_a_run_over_large_contents_reads_them_from_the_bucket(bucket: Any, northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(2)), LONG))

    given = run.inputs.get().artifact
    assert run.state == "succeeded"
    assert bytes_of(given) == LONG.encode()
    assert bucket.Object(given.place).get()["Body"].read() == LONG.encode()
    assert verify_run(run, actor=northwind.auditor).holds


def test_an_object_that_was_altered_or_is_gone_is_noticed(bucket: Any, northwind: Company) -> None:
    given = finish(begin(northwind, released(northwind, chain(1)), LONG)).inputs.get().artifact

    bucket.Object(given.place).put(Body=LONG.replace("card", "cord").encode())
    with pytest.raises(ArtifactDamaged, match="it was altered"):
        bytes_of(given)
    bucket.Object(given.place).delete()
    with pytest.raises(ArtifactDamaged, match="not in the store that this machine reaches"):
        bytes_of(given)


def test_a_bucket_that_is_not_there_takes_nothing_and_says_so(bucket: Any, northwind: Company) -> None:
    bucket.delete()

    with pytest.raises(StoreAway, match="does not answer"):
        stored(b"whole", "0" * 64, organisation=northwind.organisation.pk)
