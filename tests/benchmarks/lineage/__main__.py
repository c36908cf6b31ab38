"""`python -m tests.benchmarks.lineage`: load a history, ask about it; the last line is one JSON object."""

import argparse
import json
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal.env import ROOT
from tests.benchmarks.premises import Premises

if TYPE_CHECKING:
    from tests.harness.fresh import FreshDatabase

BYTES_A_RUN = 20_000  # on the disk, the log that the server writes meanwhile included


def main() -> None:
    """Load unless it was loaded before, measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.lineage", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000, help="in the history; each has three steps")
    parser.add_argument("--drop", action="store_true", help="do not keep the history for the next time")
    asked = parser.parse_args()
    premises = Premises(Path(os.environ.get("COUNTERSIGN_BENCH_VAR") or ROOT / "var" / "bench" / "lineage"))
    try:
        database, loaded = _with_history(premises, asked.runs)
        measured = _measured(premises, database)
        _say(json.dumps({**measured, **_bundles(premises), **loaded}))
        if asked.drop:
            from django.db import connection

            connection.close()
            premises.drop(database)
    finally:
        premises.close()


def _with_history(premises: Premises, runs: int) -> "tuple[FreshDatabase, dict[str, Any]]":
    from tests.benchmarks.lineage.history import load
    from tests.harness.databases import migrations_digest

    name = f"bench_history_lineage_{migrations_digest()}_{runs}"
    if kept_note := premises.note_on(name):
        database = premises.named(name)
        premises.use(database)
        return database, json.loads(kept_note)
    if shutil.disk_usage(premises.postgres.places.var).free < runs * BYTES_A_RUN:
        raise SystemExit(f"{runs:,} runs need {runs * BYTES_A_RUN / 1e9:.0f} GB of disk: see --runs.")
    database = premises.database()
    began = time.monotonic()
    pace = load(runs, _say)
    from django.db import connection

    connection.close()
    with premises.superuser(database.name) as server:
        server.execute("VACUUM (ANALYZE)")
        server.execute("CHECKPOINT")
        row = server.execute("SELECT pg_database_size(current_database())").fetchone()
    note: dict[str, Any] = {
        "runs": runs,
        "loaded_runs_per_s": round(pace),
        "load_s": round(time.monotonic() - began),
    }
    note["megabytes"] = row[0] // 1_000_000 if row else 0
    kept = premises.keep(database, name, note=json.dumps(note))
    premises.use(kept)
    return kept, note


def _measured(premises: Premises, database: "FreshDatabase") -> dict[str, Any]:
    from django.conf import settings
    from django.test.utils import override_settings

    from tests.benchmarks.lineage.measuring import Asking

    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    answering = override_settings(ALLOWED_HOSTS=["testserver"], STORAGES={**settings.STORAGES, **plain})
    with answering, database.connect() as server:
        asking = Asking(server)
        found = {
            "provenance_p95_ms": asking.provenance(),
            "digest_p95_ms": asking.digest(),
            "recall_p95_ms": asking.recall(),
            "closure_10k_s": asking.closed(),
        }
    for name, figure in found.items():
        _say(f"{name:18} {figure.ours:9.3f}   bare SQL {figure.raw:9.3f}   ratio {figure.ratio}")
    ours = {name: round(figure.ours, 3) for name, figure in found.items()}
    raw = {name: {"bare": round(figure.raw, 3), "ratio": figure.ratio} for name, figure in found.items()}
    return {**ours, "raw_sql": raw}


def _bundles(premises: Premises) -> dict[str, Any]:
    from django.db import connection

    from tests.benchmarks.lineage.bundles import bundles

    connection.close()
    found = bundles(premises)
    _say(f"bundle of {found['bundle_events']} records {found['bundle_ms']:9.2f} ms")
    _say(f"the same examined    {found['bundle_verify_ms']:9.2f} ms")
    return dict(found)


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - the benchmark's voice


if __name__ == "__main__":
    main()
