"""`make bench-lineage`: how fast the portal answers about a long history, beside the bare SQL.

The history is made of runs of three steps and six edges, taken over by the product's own `import_runs`, under
all guards and with an event each, in files of 50,000 lines; it is kept for the next time under
`var/bench/lineage`. A document stands in many runs, a prompt version in few or in half of all, as it is. Each
figure is the time of the product's own path in this process, the database's share included: the page through
Django's test client, the search, the first page of a recall and a closure through their functions. Each time
the bare SQL for the same answer is measured right after, with psycopg, on the same rows; `raw_sql` holds the
ratios. Caches are as a portal's are after a while: the same kinds of questions were asked before.
"""
