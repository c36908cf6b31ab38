"""Imported by Python itself when it starts: what this process takes for the time is off by so many seconds.

`datetime.now` cannot be replaced for what is written in C; Django's `timezone.now` can, which all here use.
"""

import os
import time
from datetime import timedelta

from django.utils import timezone

AHEAD = float(os.environ["CLOCK_AHEAD_SECONDS"])
_seconds, _nanoseconds, _now = time.time, time.time_ns, timezone.now

time.time = lambda: _seconds() + AHEAD
time.time_ns = lambda: _nanoseconds() + int(AHEAD * 1e9)
timezone.now = lambda: _now() + timedelta(seconds=AHEAD)
