"""The benchmark's voice."""

import sys


def tell(words: str) -> None:
    """Print, at once: a measurement takes minutes."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
