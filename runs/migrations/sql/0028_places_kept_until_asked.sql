-- May this run, held by this epoch, ask now? One decision at a time for each limit, each seeing what the one before it
-- committed: a bucket of tokens that fills by the minute's rate up to ten seconds' worth, a count of those who ask at this
-- moment, and a door that the other side shuts. It says
--   free   -> it may, and its row says that it asks
--   closed -> the other side asked not to be asked, for so many seconds
--   busy   -> as many ask as may at once, or the places left are kept for those who waited and were told to go on, be
--             they taken up by a worker, until they have asked: the claim writes "kept" before whom they waited for
--   late   -> the minute's calls are used up; it is due in so many seconds, each of those who wait after the one before
--   lost   -> another worker holds the run
-- Who has not `waited` goes behind those who wait. What is `owed` (an answer handed back) is counted and let through.
CREATE OR REPLACE FUNCTION runs_ask(which uuid, asker uuid, epoch integer, waited boolean, owed boolean, OUT said text, OUT seconds float8)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    bucket runs_limit;
    moment timestamptz;
    rate float8;
BEGIN
    SELECT * INTO bucket FROM runs_limit WHERE id = which FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        said := 'free';
        RETURN;
    END IF;
    moment := clock_timestamp();
    rate := bucket.per_minute / 60.0;
    IF rate IS NOT NULL THEN
        bucket.tokens := least(greatest(1.0, rate * 10),
                               bucket.tokens + rate * greatest(0, extract(epoch FROM moment - bucket.refilled_at)));
    END IF;
    IF NOT owed THEN
        IF bucket.closed_until > moment THEN
            said := 'closed';
            seconds := extract(epoch FROM bucket.closed_until - moment);
        ELSIF bucket.at_once <= (SELECT count(*) FROM runs_run
                                 WHERE lease_until IS NOT NULL AND organisation_id = bucket.organisation_id
                                   AND asking = which::text AND id <> asker)
                              + (SELECT count(*) FROM runs_run
                                 WHERE NOT waited AND lease_until IS NOT NULL AND organisation_id = bucket.organisation_id
                                   AND asking = 'kept' || which::text)
                              + (SELECT count(*) FROM runs_run
                                 WHERE NOT waited AND wake_at <= moment AND state = 'ready' AND waits_for = 'limit'
                                   AND organisation_id = bucket.organisation_id AND asking = which::text) THEN
            said := 'busy';
        ELSIF rate IS NOT NULL AND (bucket.tokens < 1 OR NOT waited AND bucket.line_until > moment) THEN
            said := 'late';
            bucket.line_until := least(greatest(bucket.line_until, moment + make_interval(secs => -least(bucket.tokens, 0) / rate))
                                       + make_interval(secs => 1 / rate), moment + interval '5 minutes');
            seconds := extract(epoch FROM bucket.line_until - moment);
        END IF;
    END IF;
    IF said IS NULL THEN
        UPDATE runs_run SET asking = which::text WHERE id = asker AND lease_epoch = epoch AND lease_until IS NOT NULL;
        said := CASE WHEN FOUND THEN 'free' ELSE 'lost' END;
        IF FOUND AND rate IS NOT NULL THEN
            bucket.tokens := bucket.tokens - 1;
        END IF;
    END IF;
    UPDATE runs_limit SET tokens = bucket.tokens, refilled_at = moment, line_until = bucket.line_until WHERE id = which;
END $$;
