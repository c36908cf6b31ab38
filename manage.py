#!/usr/bin/env python
"""Countersign's command line: ``manage.py help`` lists what it can do."""

import os
import sys


def main() -> None:
    """Run one management command, with the embedded services' addresses filled in where none are set."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        from django.core.management import execute_from_command_line

        from portal.embedded import environment
    except ImportError as missing:
        sys.exit(
            f"{missing}. Set up first: `make demo`, or `make .venv` and then `.venv/bin/python manage.py`."
        )
    environment.prepare(sys.argv)
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as problem:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"The database did not do what it was asked: {str(problem).strip()}")


if __name__ == "__main__":
    main()
