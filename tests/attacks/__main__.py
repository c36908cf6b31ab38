"""`make test-attacks`: every attack, what must be found, and what was; exits 1 where they differ."""

import sys

from tests.attacks.bundle_cases import CASES
from tests.attacks.own_database import ledger_attacks
from tests.attacks.trying import tried

WIDTH = 62


def main() -> int:
    """Print the table; how many rows differ decides the exit code."""
    different = 0
    say(f"{'case':{WIDTH}} {'expected':26} found")
    for case in CASES:
        found = tried(case).cause
        different += found != case.expected
        mark = "" if found == case.expected else "   <- DIFFERENT"
        say(f"{case.name:{WIDTH}} {_said(case.expected):26} {_said(found)}{mark}")
    say(f"{len(CASES)} attacks on bundles, {different} found otherwise than expected")
    say("")
    return 1 if different + _on_ledger() else 0


def _on_ledger() -> int:
    """The same of the ledger's rows, each in a database of its own; how many differ."""
    different = count = 0
    for name, expected, found in ledger_attacks():
        count += 1
        different += expected not in found
        mark = "" if expected in found else "   <- DIFFERENT"
        say(f"{name:{WIDTH}} {expected:26} {', '.join(found) or 'nothing'}{mark}")
    say(f"{count} attacks on the ledger, {different} not found as expected")
    return different


def say(line: str) -> None:
    """One line of the table."""
    sys.stdout.write(f"{line}\n")


def _said(cause: int) -> str:
    return f"{int(cause):2} {getattr(cause, 'name', '')}"


if __name__ == "__main__":
    sys.exit(main())
