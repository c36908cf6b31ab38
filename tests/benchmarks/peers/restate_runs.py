"""Calls a service through Restate: prints how many runs a second and how long one takes, as JSON."""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

PATH = "/bench/run"
LINES = threading.local()


def call(address: str, letter: str) -> None:
    """One run, over this thread's own connection, from the call to its answer."""
    if not hasattr(LINES, "line"):
        LINES.line = HTTPConnection(address, timeout=60)
    LINES.line.request("POST", PATH, json.dumps(letter), {"Content-Type": "application/json"})
    answer = LINES.line.getresponse()
    body = answer.read()
    if answer.status != 200 or json.loads(body)["text"] != letter:
        raise SystemExit(f"Restate answered {answer.status}: {body[:500]!r}")


def throughput(address: str, runs: int, threads: int) -> float:
    """Runs a second with so many at once."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        list(pool.map(lambda number: call(address, f"letter {number}"), range(runs)))
        return runs / (time.monotonic() - began)


def latencies(address: str, runs: int) -> list[float]:
    """Milliseconds of each call, one after the other."""
    found = []
    for number in range(runs):
        began = time.perf_counter()
        call(address, f"single letter {number}")
        found.append((time.perf_counter() - began) * 1000)
    return found


def main() -> None:
    """Arguments: the ingress's address, seconds of load, threads, runs for the latency."""
    address, seconds, threads, single = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    throughput(address, 40, threads)  # warm
    runs = max(40, int(throughput(address, 40, threads) * seconds))
    found = {"runs_per_s": throughput(address, runs, threads), "latencies_ms": latencies(address, single)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
