DROP TRIGGER guard_request_moment ON approvals_request; DROP FUNCTION approvals_guard_moment();
DROP TRIGGER guard_pin ON catalog_pin; DROP FUNCTION catalog_guard_pin();
DROP TRIGGER guard_exclusion ON approvals_exclusion; DROP FUNCTION approvals_guard_exclusion();
