"""The ledger: every event of the projects that a person reaches, and all to an organisation's owners."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.accounts.models import User
from governance.ledger.models import Event
from governance.proof.reading import first_covering, position_of
from governance.web.acting import actor_of, refuse_unknown
from governance.web.chips import chips_of
from governance.web.event_filter import EventFilter
from governance.web.history import entries
from governance.web.paging import page_of

WITHIN = (
    "You see the entries of your projects, and your own. Entries of the organisation itself (people, teams, "
    "environments, prices) are shown to its platform owners."
)


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """Events by the filters of the address. A filter that cannot be read is said so and finds nothing."""
    actor = actor_of(request)
    refuse_unknown(request.GET, *EventFilter.base_filters)
    asked = EventFilter(request.GET, queryset=Event.objects.visible_to(actor))
    page = page_of(asked.qs if asked.is_valid() else asked.queryset.none(), request.GET)
    context = {
        "filter": asked,
        "chips": list(chips_of(asked.form, request.GET)),
        "page": page,
        "rows": entries(page.rows),
        "within": "" if _owns_all(actor) else WITHIN,
    }
    return render(request, "governance/ledger.html", context, status=200 if asked.is_valid() else 400)


@require_safe
def event(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One event with its whole record, byte for byte as it was hashed."""
    found = get_object_or_404(Event.objects.visible_to(actor_of(request)), pk=pk)
    position = position_of(found.pk)
    context = {
        "position": position,
        "covering": first_covering(position) if position else None,
        "entry": entries([found])[0],
        "event": found,
        "record": bytes(found.record).decode(errors="backslashreplace"),
    }
    return render(request, "governance/event.html", context)


def _owns_all(actor: User) -> bool:
    """Whether the person reads what concerns no project, too, in each organisation that they reach."""
    found = reach(actor)
    return bool(found.owned) and found.organisations <= found.owned
