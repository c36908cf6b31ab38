CREATE OR REPLACE FUNCTION runs_may_go(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE before
        WHEN 'queued' THEN after IN ('queued', 'running', 'paused', 'cancelled', 'failed')
        WHEN 'running' THEN after IN ('running', 'ready', 'waiting', 'paused', 'needs_review', 'compensating', 'succeeded',
                                      'failed', 'cancelled', 'quarantined')
        WHEN 'waiting' THEN after IN ('waiting', 'ready', 'paused', 'compensating', 'cancelled', 'failed')
        WHEN 'ready' THEN after IN ('ready', 'running', 'paused', 'compensating', 'cancelled', 'failed')
        WHEN 'paused' THEN after IN ('paused', 'ready', 'compensating', 'cancelled', 'failed')
        WHEN 'needs_review' THEN after IN ('needs_review', 'ready', 'compensating', 'cancelled')
        WHEN 'quarantined' THEN after IN ('ready', 'compensating', 'cancelled')
        WHEN 'failed' THEN after IN ('ready', 'waiting', 'compensating', 'cancelled')
        WHEN 'compensating' THEN after IN ('compensating', 'compensated', 'compensation_failed')
        WHEN 'compensation_failed' THEN after IN ('compensating')
        WHEN 'succeeded' THEN after IN ('compensating')
        ELSE false
    END
$$;
