"""Who could decide a task now: the rule of `eligibility`, asked the other way round."""

from governance.access.holders import holders
from governance.access.permissions import Permission
from governance.access.teams import members_who_see
from governance.accounts.models import User
from governance.policies.separation import barred_from_own
from runs.people.eligibility import asked_of
from runs.people.models import Task
from runs.people.starters import starters_of

MOST_NAMED = 5
MEND = "A platform owner can add somebody to the team, or grant a role on the project."


def deciders(task: Task) -> list[User]:
    """Everybody, by name, whom `standing` would let decide the open task now, at the browser."""
    teams = [task.team_id] if task.team_id else []
    if task.escalate_to_id and getattr(task, "escalates", False):
        teams.append(task.escalate_to_id)
    found = members_who_see(task.project, teams) if teams else []
    if task.team_id is None:
        found = sorted({*found, *holders(task.project, Permission.OPERATE)}, key=lambda one: one.name)
    if task.shielded:
        starters = starters_of(task.run)
        found = [
            one for one in found if not barred_from_own(protected=True, starters=starters, person=one.pk)
        ]
    return found


def deciders_words(task: Task) -> str:
    """Who can decide the open task, in a sentence; or why nobody can, and who can mend that.

    Nothing once its time is over. `task` as for `standing`.
    """
    if getattr(task, "overdue", False):
        return ""
    found = deciders(task)
    names = ", ".join(person.name for person in found[:MOST_NAMED])
    if found:
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        return f"{names}{more} can decide it."
    if task.team is None or members_who_see(task.project, [task.team.pk]):
        return f"Nobody can decide it: of {asked_of(task)} nobody is left who did not start the run. {MEND}"
    return f"Nobody can decide it: nobody who can see this project is in the team {task.team.name}. {MEND}"
