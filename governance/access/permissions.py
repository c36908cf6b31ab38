"""Every object permission and the roles that bundle them."""

from enum import StrEnum


class Permission(StrEnum):
    """What can be allowed on a project. The value is a codename, whose words stand on `Project.Meta`."""

    VIEW = "view_project"
    AUTHOR = "author_assets"
    SUBMIT = "submit_release"
    APPROVE = "approve_release"
    ACTIVATE = "activate_release"
    OPERATE = "operate_runs"
    REVEAL = "reveal_contents"
    ADMINISTER = "administer_project"


class AssetPermission(StrEnum):
    """What can be allowed on a single asset, to somebody without a role on its project."""

    VIEW = "view_asset"
    AUTHOR = "author_asset"


class Role(StrEnum):
    """What people are called. A role is granted on a project, to a person or a team.

    Who owns an organisation is no role of a project: it stands on the organisation (`Organisation.owners`).
    """

    AUTHOR = "author"
    APPROVER = "approver"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What a token may be used for. No scope signs: approvals need a person at a browser.

    What starts runs by itself goes on when the token has ended, so it needs a scope of its own.
    """

    READ = "read"
    RUNS_WRITE = "runs:write"
    TRIGGERS_WRITE = "triggers:write"
    CATALOG_WRITE = "catalog:write"
    RELEASES_WRITE = "releases:write"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AUTHOR: frozenset({Permission.VIEW, Permission.AUTHOR, Permission.SUBMIT}),
    Role.APPROVER: frozenset({Permission.VIEW, Permission.APPROVE, Permission.ACTIVATE}),
    Role.OPERATOR: frozenset({Permission.VIEW, Permission.OPERATE, Permission.ACTIVATE, Permission.REVEAL}),
    Role.AUDITOR: frozenset({Permission.VIEW, Permission.REVEAL}),
}
