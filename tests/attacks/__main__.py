"""`make test-attacks`: every attack, what must be found, and what was; exits 1 where they differ."""

import sys

from tests.attacks.bundle_cases import CASES
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
    return 1 if different else 0


def say(line: str) -> None:
    """One line of the table."""
    sys.stdout.write(f"{line}\n")


def _said(cause: int) -> str:
    return f"{int(cause):2} {getattr(cause, 'name', '')}"


if __name__ == "__main__":
    sys.exit(main())
