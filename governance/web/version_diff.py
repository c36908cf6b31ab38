"""Two versions of an asset beside one another."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.web.acting import actor_of, uuid_or_none
from governance.web.asset_forms import kind_words
from governance.web.comparison import compared
from governance.web.versions import with_content

MOST_CHOICES = 100
NO_VERSION = UUID(int=0)


@require_safe
def version_diff(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changed from `?against=` to this version, from the one before unless given.

    `?view=split` shows it side by side.
    """
    actor = actor_of(request)
    found = get_object_or_404(with_content(actor), pk=pk)
    others = with_content(actor).filter(asset=found.asset_id)
    asked = request.GET.get("against", "")
    against = others.filter(pk=found.parent_id or NO_VERSION).first()
    if asked:
        against = get_object_or_404(others, pk=uuid_or_none(asked) or NO_VERSION)
    choices = found.asset.versions.exclude(pk=found.pk).newest_first().only("id", "number", "message")
    context = {
        "version": found,
        "against": against,
        "asset": found.asset,
        "words": kind_words(found.asset.kind),
        "comparison": compared(against, found),
        "split": request.GET.get("view") == "split",
        "choices": choices[:MOST_CHOICES],
    }
    return render(request, "governance/version_diff.html", context)
