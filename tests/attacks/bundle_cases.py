"""What somebody may do to a bundle of evidence, and the exit code with which `verify.py` must answer.

Where a change needs the evidence key it is made with it, as by an insider: then the log must contradict it.
"""

from tests.attacks import on_checkpoints, on_contents, on_records
from tests.attacks.table import CASES, BundleCase

__all__ = ["CASES", "BundleCase"]

PLACES = (on_records, on_checkpoints, on_contents)  # each adds its attacks when it is read
