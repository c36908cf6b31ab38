"""Trying an attack on the ledger: what verification, the signer, and a note that was kept elsewhere find."""

from pathlib import Path

from governance.proof.completeness.report import gaps
from governance.proof.completeness.spans import span_of
from governance.proof.findings import Altered
from governance.proof.memory import remembered
from governance.proof.models import Freeze
from governance.proof.sizes import sizes
from governance.proof.verifying.whole import verify_all
from tests.attacks.on_ledger import LedgerCase, prepared
from tests.factories.cast import NORTHWIND, Company
from tests.factories.logs import signer
from tests.harness.fresh import FreshDatabase
from tests.witness.beside import publisher, witness_of


def codes_found(case: LedgerCase, database: FreshDatabase, folder: Path) -> list[str]:
    """The codes of all findings and notices after the attack, the signer's first."""
    scene = prepared(database, Company(NORTHWIND), folder)
    kept = scene.kept()
    if case.seen:
        _shown(folder)
    case.act(scene)
    codes = _refused(folder)
    if case.seen:
        _shown(folder)
        codes += Freeze.objects.values_list("code", flat=True)
    whole = verify_all(notes=[kept], state=folder / "state")
    findings = [*whole.findings, *whole.notices]
    for report in gaps(*(span_of(log) for log in sizes())):
        findings += report.findings
    return list(dict.fromkeys([*codes, *(found.code for found in findings)]))


def _shown(folder: Path) -> None:
    """Let the keeper show its last checkpoints to a witness."""
    with witness_of(folder) as found:
        publisher(found, folder).publish()


def _refused(folder: Path) -> list[str]:
    """What the signer finds when it is started and is to sign."""
    try:
        with signer(folder) as found:
            for log in dict.fromkeys([*(kept.log for kept in remembered(folder / "state")), *sizes()]):
                found.sign(log)
    except Altered as problem:
        return [problem.finding.code]
    return []
