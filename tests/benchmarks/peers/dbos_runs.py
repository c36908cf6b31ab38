"""Five steps that do nothing, by DBOS: prints how many runs a second and how long one takes, as JSON."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from dbos import DBOS, DBOSConfig

STEPS = 5


@DBOS.step()
def nothing(text: str, mark: str) -> dict[str, str]:
    """Pass the text on."""
    return {"text": text, "mark": mark}


@DBOS.workflow()
def run(letter: str) -> dict[str, str]:
    """The steps, one after the other, each reading the one before."""
    text = letter
    answer: dict[str, str] = {}
    for step in range(STEPS):
        answer = nothing(text, f"step_{step}")
        text = answer["text"]
    return answer


def throughput(runs: int, threads: int) -> float:
    """Runs a second when so many threads call the workflow directly: the fastest of its modes."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        list(pool.map(run, (f"letter {number}" for number in range(runs))))
        return runs / (time.monotonic() - began)


def latencies(runs: int) -> list[float]:
    """Milliseconds of each call, one after the other."""
    found = []
    for number in range(runs):
        began = time.perf_counter()
        run(f"single letter {number}")
        found.append((time.perf_counter() - began) * 1000)
    return found


def main() -> None:
    """Arguments: the database's address, seconds of load, threads, runs for the latency."""
    url, seconds, threads, single = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": url,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    throughput(40, threads)  # warm
    runs = max(40, int(throughput(40, threads) * seconds))
    with psycopg.connect(url, autocommit=True) as keeper:
        keeper.execute("VACUUM (ANALYZE)")
    found = {"runs_per_s": throughput(runs, threads), "latencies_ms": latencies(single)}
    DBOS.destroy()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
