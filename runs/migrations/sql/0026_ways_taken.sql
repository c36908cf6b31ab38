-- The states of a run and the ways that the engine goes between them; what stays where it is changes in other columns.
--   queued    -> running (claimed), paused, cancelled
--   running   -> ready (lease given back or expired), waiting, paused, needs_review, compensating, succeeded, failed (also
--                of its deadline: a run that stands still is taken up for that), cancelled, quarantined
--   waiting   -> ready (what it waits for came, or its deadline), paused, compensating, cancelled
--   ready     -> running (claimed), paused, compensating, cancelled
--   paused    -> ready (an operator lets it go on, or its deadline), compensating, cancelled
--   needs_review, quarantined, failed -> ready (an operator decided, or resumed it), compensating, cancelled
--   compensating -> compensated, compensation_failed; compensation_failed -> compensating (an operator tries again)
--   succeeded -> compensating (with its whole); cancelled, compensated: terminal
CREATE OR REPLACE FUNCTION runs_may_go(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE before
        WHEN 'queued' THEN after IN ('queued', 'running', 'paused', 'cancelled')
        WHEN 'running' THEN after IN ('running', 'ready', 'waiting', 'paused', 'needs_review', 'compensating', 'succeeded',
                                      'failed', 'cancelled', 'quarantined')
        WHEN 'waiting' THEN after IN ('waiting', 'ready', 'paused', 'compensating', 'cancelled')
        WHEN 'ready' THEN after IN ('ready', 'running', 'paused', 'compensating', 'cancelled')
        WHEN 'paused' THEN after IN ('paused', 'ready', 'compensating', 'cancelled')
        WHEN 'needs_review' THEN after IN ('needs_review', 'ready', 'compensating', 'cancelled')
        WHEN 'quarantined' THEN after IN ('ready', 'compensating', 'cancelled')
        WHEN 'failed' THEN after IN ('ready', 'compensating', 'cancelled')
        WHEN 'compensating' THEN after IN ('compensating', 'compensated', 'compensation_failed')
        WHEN 'compensation_failed' THEN after IN ('compensating')
        WHEN 'succeeded' THEN after IN ('compensating')
        ELSE false
    END
$$;
