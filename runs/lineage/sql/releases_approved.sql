-- The releases for which somebody voted.
SELECT release.id
FROM approvals_vote AS vote JOIN releases_release AS release ON release.request_id = vote.request_id
WHERE vote.person_id = %(person)s AND vote.decision = 'approve' AND release.project_id = ANY(%(projects)s)
