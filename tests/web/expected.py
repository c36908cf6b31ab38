"""Who may do what where: the declared answer to every route, person and method.

A route that is not listed fails the test, and so does one that is listed and gone. For a page, somebody who
is not signed in, or not any more, is sent to the sign-in page; the API answers 401: that is not repeated.
"""

from dataclasses import dataclass

INSIDERS = ("author", "approver", "operator", "auditor", "owner")
OUTSIDERS = ("stranger", "rival")
SIGNED_IN = (*OUTSIDERS, *INSIDERS)
SIGNED_OUT = ("anonymous", "disabled")

Answers = dict[str, int]


def everyone(status: int) -> Answers:
    """The same for whoever is signed in."""
    return dict.fromkeys(SIGNED_IN, status)


def seen(status: int = 200) -> Answers:
    """For those who reach the project; for others the thing does not exist."""
    return {**dict.fromkeys(OUTSIDERS, 404), **dict.fromkeys(INSIDERS, status)}


def only(*parts: str, answer: int = 200, others: int = 403) -> Answers:
    """For these parts; others see the thing and may not, outsiders do not see it."""
    return {**seen(others), **dict.fromkeys(parts, answer)}


def named_in_body(*parts: str) -> Answers:
    """These parts make something new of what the body names; to outsiders it names nothing there is."""
    return {**only(*parts, answer=201), **dict.fromkeys(OUTSIDERS, 400)}


NO_METHOD = everyone(405)
MISSING = everyone(404)
SENT_ON = everyone(302)


@dataclass(frozen=True)
class Row:
    """The answers of one route."""

    get: Answers
    post: Answers

    def answers(self, method: str) -> Answers:
        """Of one method."""
        return self.get if method == "get" else self.post


def read(answers: Answers) -> Row:
    """A page to read, which takes no POST."""
    return Row(answers, NO_METHOD)


def act(answers: Answers) -> Row:
    """An action, which no link can trigger."""
    return Row(NO_METHOD, answers)


LIST = read(everyone(200))
OF_A_LOG = read({**seen(), **dict.fromkeys(OUTSIDERS, 400)})  # to outsiders its name names nothing
THING = read(seen())

PAGES: dict[str, Row] = {
    "home": LIST,
    "search": Row(everyone(200), SENT_ON),
    "governance:approvals": LIST,
    "governance:approval": Row(seen(), only("approver", answer=302)),  # the author submitted it
    "governance:approval-withdraw": act(only("author", answer=302)),
    "governance:prompts": LIST,
    "governance:models": LIST,
    "governance:workflows": LIST,
    "governance:asset-new": Row(
        {**everyone(403), "author": 200},
        {**everyone(403), "author": 400},  # an empty form comes back, saying what is missing
    ),
    "governance:asset assets/<uuid:pk>/": read(seen(302)),
    "governance:asset <kinds:kind>/<uuid:pk>/": THING,
    "governance:asset-sharing": Row(only("owner"), only("owner", answer=302)),
    "governance:asset-stop-sharing": act(only("owner", answer=409)),  # it is shared with nobody
    "governance:version-new": Row(only("author"), only("author")),
    "governance:version": THING,
    "governance:version-diff": THING,
    "governance:release-submit": Row(only("author"), only("author", answer=302)),
    "governance:releases": LIST,
    "governance:release": THING,
    "governance:release-activate": Row(
        only("approver", "operator"), only("approver", "operator", answer=302)
    ),
    "governance:release-roll-back": Row(
        only("approver", "operator"), only("approver", "operator", answer=302)
    ),
    "governance:ledger": LIST,
    "governance:event": THING,
    "governance:event-proof": THING,
    "governance:proof": LIST,
    "governance:completeness": read(only("owner")),
    "governance:checkpoint": THING,
    "api-docs": LIST,
    "governance:account": LIST,
    "governance:tokens": Row(everyone(200), everyone(400)),  # an empty form comes back, likewise
    "governance:token-revoke": act(only("operator", answer=302, others=404)),  # it is the operator's own
    "runs:list": LIST,
    "runs:start": Row(only("operator"), only("operator", answer=302)),  # of a workflow in effect
    "runs:run": THING,
    "runs:progress": THING,
    "runs:resume": act(only("operator", answer=302)),
    "runs:cancel": act(only("operator", answer=302)),
    "runs:signal": Row(only("operator"), only("operator", answer=302)),
    "runs:tasks": LIST,
    "runs:task": Row(seen(), only("operator", answer=302)),  # it is asked of who may operate the run
    "runs:pause": act(only("operator", answer=302)),
    "runs:continue": act(only("operator", answer=409)),  # it is not paused, nothing was put off, and so on
    "runs:retry-now": act(only("operator", answer=409)),
    "runs:record-effect": act(only("operator", answer=409)),
    "runs:repeat-step": act(only("operator", answer=409)),
    "runs:retry-compensation": act(only("operator", answer=409)),
    "runs:verify": Row(seen(), seen()),  # it changes nothing about the run
    "runs:replay": act(only("operator", answer=302)),
    "runs:task-reveal": act(only("operator", answer=302)),
    "runs:evidence": Row(everyone(200), everyone(400)),  # an empty form comes back, likewise
    "runs:evidence-of": Row(seen(), seen()),
    "runs:evidence-policy": THING,
    "runs:evidence-verifier": LIST,
    "runs:fork": Row(only("operator"), only("operator", answer=302)),
    "runs:compare": THING,
    "runs:output": THING,
    "runs:artifact": THING,
    "runs:reveal": Row(seen(), only("operator", "auditor", answer=302)),
    "runs:access": LIST,
    "runs:access-export": LIST,
    "runs:made": THING,
    "runs:memory": LIST,
    "runs:memory-value": THING,
    "runs:memory-revert": act(only("operator", answer=302)),  # to the first of two
    "runs:webhooks": LIST,
    "runs:webhook-new": Row(
        {**everyone(403), "operator": 200},
        {**everyone(403), "operator": 400},  # an empty form comes back, likewise
    ),
    "runs:webhook": THING,
    "runs:webhook-rename": act(only("operator", answer=302)),
    "runs:webhook-rotate": act(only("operator")),  # the new secret, this once
    "runs:webhook-end-secret": act(only("operator", answer=409)),  # there is but one
    "runs:webhook-disable": act(only("operator", answer=302)),
    "runs:webhook-enable": act(only("operator", answer=409)),  # it is not disabled
    "runs:webhook-adopt": act(only("operator", answer=409)),  # it is the operator's own
    "runs:webhook-retire": act(only("operator", answer=302)),
    "runs:schedules": LIST,
    "runs:schedule-new": Row(only("operator"), only("operator", answer=302)),  # of a workflow in effect
    "runs:schedule-preview": LIST,
    "runs:schedule": THING,
    "runs:schedule-change": Row(only("operator"), only("operator", answer=302)),
    "runs:schedule-pause": act(only("operator", answer=302)),
    "runs:schedule-resume": act(only("operator", answer=409)),  # it is not paused
    "runs:schedule-retire": act(only("operator", answer=302)),
    "runs:retention": Row(everyone(200), {**only("owner", answer=302), "rival": 302}),  # of their own
    "runs:hold-new": Row({**only("owner"), "rival": 200}, {**only("owner", answer=302), "rival": 400}),
    "runs:hold": THING,
    "runs:hold-ask": act(only("owner", answer=302)),
    "runs:hold-confirm": act(only("owner", answer=409)),  # nobody has asked
    "runs:erasure": THING,
    "runs:recalls": LIST,
    "runs:recall-new": Row(seen(), only("approver", "owner", answer=302)),
    "runs:recall": THING,
    "runs:recall-progress": THING,
    "runs:recall-settle": act(only("approver", "owner", answer=302)),
    "runs:recall-resume": act(only("approver", "owner", answer=409)),  # nothing failed
    "runs:recall-close": act(only("approver", "owner", answer=409)),  # its cases are open
    "runs:recall-export": THING,
    "runs:dashboard": LIST,
    "runs:endpoints": LIST,
    "runs:endpoint": Row(only("owner"), only("owner", answer=302)),
    "runs:workers": read({**everyone(403), "operator": 200, "owner": 200, "rival": 200}),
}

API: dict[str, Row] = {
    "api:index": LIST,
    "api:me": LIST,
    "api:projects": LIST,
    "api:assets": Row(everyone(200), named_in_body("author")),
    "api:asset": THING,
    "api:versions": Row(seen(), only("author", answer=201)),
    "api:version": THING,
    "api:environments": LIST,
    "api:releases": Row(everyone(200), named_in_body("author")),
    "api:release": THING,
    "api:release-activate": act(only("approver", "operator", answer=201)),
    "api:release-roll-back": act(only("approver", "operator", answer=201)),
    "api:completeness": read(only("owner")),
    "api:approvals": LIST,
    "api:approval": THING,  # to read: a decision is signed by a person at the browser
    "api:runs": Row(everyone(200), named_in_body("operator")),
    "api:run": THING,
    "api:run-resume": act(only("operator")),
    "api:run-cancel": act(only("operator")),
    "api:run-pause": act(only("operator")),
    "api:run-continue": act(only("operator", answer=409)),  # it is not paused
    "api:run-retry-now": act(only("operator", answer=409)),  # nothing was put off
    "api:run-record-effect": act(only("operator", answer=409)),  # it needs no review, likewise below
    "api:run-repeat-step": act(only("operator", answer=409)),
    "api:run-retry-compensation": act(only("operator", answer=409)),
    "api:run-verify": act(seen()),
    "api:run-replay": act(only("operator", answer=201)),
    "api:evidence": act(seen()),
    "api:evidence-policy": THING,
    "api:run-fork": act(only("operator", answer=201)),
    "api:run-compare": THING,
    "api:run-steps": THING,
    "api:run-events": THING,
    "api:run-signals": Row(seen(), only("operator", answer=201)),
    "api:tasks": LIST,
    "api:task": THING,
    "api:task-reveal": act(only("operator")),
    "api:task-decide": act(only("operator")),
    "api:memory": LIST,
    "api:reads": LIST,
    "api:memory-version": THING,
    "api:memory-revert": act(only("operator", answer=201)),
    "api:retention": LIST,
    "api:holds": Row(everyone(200), named_in_body("owner")),
    "api:hold": THING,
    "api:erasures": LIST,
    "api:erasure": THING,
    "api:recalls": Row(everyone(200), named_in_body("approver", "owner")),
    "log-checkpoint": THING,
    "log-tile": read(only("owner")),  # of records
    "api:ledger-checkpoint": OF_A_LOG,
    "api:ledger-event-proof": THING,
    "api:ledger-consistency": OF_A_LOG,
    "api:recall": THING,
    "api:recall-cases": THING,
    "api:recall-settle": act(only("approver", "owner")),
    "api:recall-resume": act(only("approver", "owner", answer=409)),
    "api:recall-close": act(only("approver", "owner", answer=409)),
    "api:schedules": Row(everyone(200), named_in_body("operator")),
    "api:schedule": THING,
    "api:schedule-change": act(only("operator")),
    "api:schedule-pause": act(only("operator")),
    "api:schedule-resume": act(only("operator", answer=409)),
    "api:schedule-retire": act(only("operator")),
    "api:schedule-firings": THING,
    "api:webhooks": Row(everyone(200), named_in_body("operator")),
    "api:webhook": THING,
    "api:webhook-deliveries": THING,
    "api:webhook-rename": act(only("operator")),
    "api:webhook-rotate": act(only("operator")),
    "api:webhook-end-secret": act(only("operator", answer=409)),  # there is but one
    "api:webhook-disable": act(only("operator")),
    "api:webhook-enable": act(only("operator", answer=409)),  # it is not disabled
    "api:webhook-adopt": act(only("operator", answer=409)),  # it is the operator's own
    "api:webhook-retire": act(only("operator")),
    "api:output": THING,
    "api:artifact-content": THING,
    "api:reveals": act(only("operator", "auditor", answer=201)),
    "api:search": LIST,
    "api:endpoints": LIST,
    "api:workers": read({**everyone(403), "operator": 200, "owner": 200, "rival": 200}),
    "api:schema": LIST,
    "api:nothing": Row(MISSING, MISSING),
}

# One's own account, from django-allauth: the same for everybody who is signed in.
ACCOUNT: dict[str, Row] = {
    "account_change_password": Row(everyone(200), everyone(200)),
    "account_confirm_email": Row(MISSING, MISSING),
    "account_confirm_login_code": Row(MISSING, MISSING),
    "account_email": Row(MISSING, MISSING),
    "account_email_verification_sent": Row(MISSING, MISSING),
    "account_reauthenticate": Row(everyone(200), everyone(200)),
    "account_set_password": Row(SENT_ON, SENT_ON),
    "account_signup": Row(MISSING, MISSING),
    "mfa_activate_totp": Row(SENT_ON, SENT_ON),  # to prove first who one is
    "mfa_deactivate_totp": Row(MISSING, MISSING),  # there is none to end
    "mfa_download_recovery_codes": Row(MISSING, MISSING),
    "mfa_generate_recovery_codes": Row(SENT_ON, SENT_ON),
    "mfa_index": LIST,
    "mfa_reauthenticate": Row(SENT_ON, SENT_ON),
    "mfa_view_recovery_codes": Row(MISSING, NO_METHOD),
    "usersessions_list": Row(everyone(200), SENT_ON),
}

# The only routes that answer somebody who is not signed in: (GET, POST).
PUBLIC: dict[str, tuple[int, int]] = {
    "healthz": (200, 405),
    "readyz": (200, 405),
    "account_login": (200, 200),
    "account_logout": (302, 302),
    "account_inactive": (200, 405),
    "account_reset_password": (200, 200),
    "account_reset_password_done": (200, 405),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_from_key_done": (200, 405),
    "mfa_authenticate": (302, 302),
    "hook": (405, 404),  # no webhook has this address; one that has wants a signature
}
