"""The look at the database before anything works in it: whether it protects the ledger as it should."""

from django.core.checks import Tags, run_checks

from governance.errors import WrongState

UNPROTECTED = "portal.E001"


def refuse_unless_protected() -> None:
    """Raise `WrongState` naming every privilege and trigger that is not as it should be.

    A database that cannot be asked is no reason: whoever works in it waits until it is back.
    """
    found = run_checks(tags=[Tags.database], databases=["default"])
    faults = [problem.msg for problem in found if problem.id == UNPROTECTED]
    if faults:
        raise WrongState(
            "The database does not protect the ledger, so nothing is started:\n  " + "\n  ".join(faults)
        )
