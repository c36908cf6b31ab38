"""How long a bundle of evidence takes to make, and to examine once `verify.py` has started."""

import gc
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.benchmarks.premises import Premises

STEPS: Final = 21  # with its release, its decision and its versions some 30 records
FILLING: Final = 20_000  # other records of the same log
TIMES: Final = 30


def bundles(premises: "Premises") -> dict[str, float]:
    """Medians of a run of 30 records, in a database of its own; the log has twenty thousand others."""
    from django.conf import settings
    from django.db import connection

    database = premises.database()
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings.EVIDENCE_KEY_FILE = Path(folder) / "evidence.pem"
            return _measured(Path(folder))
    finally:
        connection.close()
        premises.drop(database)


def _measured(folder: Path) -> dict[str, float]:
    from governance.ledger.canonical import canonical
    from runs.evidence.policy import policy_of
    from runs.evidence.verifier.policy import read_policy
    from runs.evidence.verifier.verdict import verify_bundle
    from tests.factories.cast import NORTHWIND, Company
    from tests.factories.evidence import bundle_of, finished, prove
    from tests.factories.logs import fill

    company = Company(NORTHWIND)
    fill(company, FILLING)
    run = finished(company, steps=STEPS)
    prove(company, folder)
    made = bundle_of(run, by=company.auditor, reveal=["personal"])
    policy = canonical(policy_of(company.organisation))

    def examine() -> None:
        verdict = verify_bundle(io.BytesIO(made.content), read_policy(policy), int(time.time()))
        if verdict.findings.found:
            raise SystemExit(f"The bundle does not hold: {verdict.findings.found[0].said}")

    return {
        "bundle_ms": _median_ms(lambda: bundle_of(run, by=company.auditor, reveal=["personal"])),
        "bundle_verify_ms": _median_ms(examine),
        "bundle_events": made.events,
        "bundle_bytes": len(made.content),
    }


def _median_ms(act: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        gc.collect()
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 2)
