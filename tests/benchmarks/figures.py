"""What the last line holds: each key with what it means."""

KEYS = {
    "runs_per_s": "median over the rounds: runs of five steps, from the first start to the last end",
    "steps_per_s": "the same in steps",
    "p50_ms": "from calling the service to seeing the end, one run at a time",
    "p95_ms": "the same",
    "dbos_runs_per_s": "DBOS on the same PostgreSQL server, 8 threads that call the workflow directly",
    "dbos_p50_ms": "one call at a time",
    "restate_runs_per_s": "Restate's server and a Python service, 8 calls at once",
    "restate_p50_ms": "one call at a time",
    "ratio_dbos": "median over the rounds of ours to the DBOS beside it",
    "ratio_restate": "median over the rounds of ours to the Restate beside it",
    "lease_s": "the lease with which workers were killed",
    "resume_median_s": "kill -9 of one of two workers under a backlog: until each orphaned run moved again",
    "sigterm_handover_s": "SIGTERM to one of two workers: until another one had committed the next step",
    "commits_per_run": "transactions that wrote something, so that their commit waited for the disk",
    "transactions_per_run": "all transactions, reads included",
    "wal_bytes_per_run": "write-ahead log",
    "worker_rss_mb": "resident memory of a worker after the load, the largest seen",
    "idle_queries_per_s": "transactions of a worker and beat that have nothing to do",
    "cpu_ms_per_run": "processor time of client, workers, beat, broker and PostgreSQL together",
    "growth_ratio_1m": "runs/s with the history in the tables to runs/s without, median of neighbours",
}
