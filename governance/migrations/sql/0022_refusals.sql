-- What was refused to whom stays; how often, and when last, changes.
SELECT allow_changes('access_refusal', 'count', 'last_at');
