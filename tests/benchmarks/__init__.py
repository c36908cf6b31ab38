"""The engine's speed and cost beside DBOS and Restate: `make bench-engine`; the last line is one JSON object.

What is measured, and how:

- Servers of its own under `var/bench`: embedded PostgreSQL with fsync, synchronous commit and full page
  writes on (looked at before, or nothing is measured) and the embedded broker. A new database for each block.
- A run is five steps that pass a text on. The letter is another one each time and each step marks its output,
  so every step writes an artifact of its own, its words, two edges and its ledger entry. After each block
  the rows are counted, and the benchmark ends if one is missing.
- Our workers and sweeper are started by the product's own commands; one client in the benchmark's process
  calls the service as fast as it can. Runs/s count from the first start to the last end, by PostgreSQL's
  clock. Both processors are shared by client, workers, broker and database, as with the peers.
- The order is ours, DBOS, Restate, ours, …: each peer borders on a block of ours, and a ratio is made of
  neighbours, so that a machine that others use too slows both. Medians over the rounds are printed.
- The peers run as their documentation shows them, five steps each that do the same: DBOS in a process of its
  own on the same PostgreSQL server, eight threads that call the workflow directly (its fastest mode on two
  processors: sixteen are slower, and so is its queue); Restate's server with its default durability and a
  Python service under hypercorn, eight calls at once over kept connections. Neither keeps lineage or a
  ledger.
- Latency: one run at a time everywhere, nothing else going on. Ours ends when the client, which asks the
  database every half millisecond, sees that the run has ended; DBOS's when the call returns; Restate's with
  its answer.
- Every block is warmed with eighty runs and sized by their pace; then the tables, ours and DBOS's, are
  vacuumed and analysed, as autovacuum would have done in its first minute.
- Growth: the same load in a database with a history of finished runs (`history` says how it is made) and in
  one without, as neighbours, in turns the one or the other first. The load lasts: it begins after a
  checkpoint, when each page that is changed for the first time goes to the log whole
  (`growth_after_checkpoint`), and goes on for as long again, which is what the ratio counts.

`figures.KEYS` says what each key means. What could not be measured is null, and `missing` says why.
`--profile` prints where the time goes instead, `--only ours` leaves the peers out, `--quick` takes a minute.
COUNTERSIGN_BENCH_VAR names another folder than `var/bench/portal` for the servers.
"""
