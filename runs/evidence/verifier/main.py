"""The command line of `verify.py`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from runs.evidence.verifier.causes import MEANINGS, Cause, Failed
from runs.evidence.verifier.limits import LARGEST_POLICY
from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import as_json, in_words, verify_bundle


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine the bundle that the command line names, say what was found, and return the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        with Path(asked.policy).open("rb") as file:
            policy = read_policy(file.read(LARGEST_POLICY + 1))
        with Path(asked.bundle).open("rb") as bundle:
            verdict = verify_bundle(bundle, policy, int(time.time()))
    except Failed as problem:
        sys.stderr.write(f"{problem.said}\n")
        return int(problem.cause)
    except OSError as problem:
        sys.stderr.write(f"{problem}\n")
        return int(Cause.USAGE)
    sys.stdout.write(f"{as_json(verdict)}\n" if asked.json else in_words(verdict))
    return int(verdict.cause)


def _parser() -> argparse.ArgumentParser:
    codes = "\n".join(f"  {int(cause):2}  {meaning}" for cause, meaning in MEANINGS.items())
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="Examine a bundle of evidence, without the portal that made it.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", help="the zip file")
    parser.add_argument(
        "--policy", required=True, help="the file that says which keys and witnesses you trust"
    )
    parser.add_argument("--json", action="store_true", help="say it as JSON, with every finding")
    return parser
