-- The code at hand is not what the run's release pinned, or the store does not give what it reads: the run waits for a
-- worker that has it, and is looked at again
-- after a while, each time a little later. What it waited for before is kept, and holds again once somebody claims the
-- run; when nobody was capable then either, it is the same wait, which is told once. No row: the run was lost, or something
-- came for it from outside that may be done without that code.
WITH before AS (
    SELECT id, coalesce((set_aside ->> 'epoch')::integer = lease_epoch - 1, false) AS again
    FROM runs_run WHERE id = %(run)s AND lease_epoch = %(epoch)s AND lease_until IS NOT NULL
      AND nudges = %(nudges)s::integer FOR NO KEY UPDATE
), aside AS (
    UPDATE runs_run AS run
    SET state = CASE WHEN run.state = 'running' THEN 'waiting' ELSE run.state END,
        set_aside = jsonb_build_object(
            'epoch', run.lease_epoch, 'functions', to_jsonb(%(functions)s::text[]), 'content', %(content)s::boolean,
            'for', run.waits_for, 'since', run.waits_since, 'until', run.wake_at,
            'lacking_since', CASE WHEN before.again THEN run.set_aside -> 'lacking_since' ELSE to_jsonb(clock_timestamp()) END),
        waits_for = 'worker',
        waits_since = CASE WHEN before.again THEN (run.set_aside ->> 'lacking_since')::timestamptz ELSE clock_timestamp() END,
        wake_at = clock_timestamp() + make_interval(secs => CASE WHEN before.again THEN least(greatest(%(again)s,
            extract(epoch FROM clock_timestamp() - (run.set_aside ->> 'lacking_since')::timestamptz)), %(latest)s)
            ELSE %(again)s END),
        lease_owner = '', lease_until = NULL
    FROM before WHERE run.id = before.id
    RETURNING run.id, run.organisation_id, run.cursor, before.again
)
SELECT id, CASE WHEN NOT again THEN
           ledger_record(organisation_id, 'run.waited', %(actor)s, %(actor_name)s, 'run', id, id, %(details)s) END
FROM aside
