-- The steps before the fork, with what they read and made, told anew of the new run: in one statement, since nothing is
-- added to a step that has been told. What they cost was paid by the run that they are copied from. Identifiers follow the
-- order in which they happened, a microsecond apart, all before those of the fork's own steps.
WITH copied AS (
    SELECT ledger_uuid7(statement_timestamp() - (count(*) OVER () - row_number() OVER (ORDER BY position, attempt, id))
                        * interval '1 microsecond') AS new_id, step.*
    FROM runs_step AS step
    WHERE step.run_id = %(source)s AND step.position < %(position)s AND step.state = 'succeeded'
      AND step.compensates IS NULL
), steps AS (
    INSERT INTO runs_step
        (id, run_id, node, kind, position, attempt, item, compensates, state, function, prompt_version_id, model_version_id,
         output_id, classification, chosen, facts, error, tokens_in, tokens_out, cost, started_at, finished_at, latency_ms)
    SELECT new_id, %(run)s, node, kind, position, attempt, item, NULL, state, function, prompt_version_id, model_version_id,
           output_id, classification, chosen, facts || jsonb_build_object('copied_from', id), NULL, NULL, NULL, NULL,
           started_at, finished_at, latency_ms
    FROM copied
), edges AS (
    INSERT INTO runs_edge (id, step_id, role, name, source, artifact_id)
    SELECT ledger_uuid7(clock_timestamp()), copied.new_id, edge.role, edge.name, edge.source, edge.artifact_id
    FROM copied JOIN runs_edge AS edge ON edge.step_id = copied.id
)
SELECT count(*) AS steps FROM copied
