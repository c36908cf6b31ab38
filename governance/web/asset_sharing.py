"""Sharing one asset with people who hold no role on its project: with whom, and until when it suits."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.gate import authorise
from governance.access.permissions import AssetPermission, Permission
from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.catalog.sharing import share_asset, shared_with, stop_sharing_asset
from governance.errors import Invalid, WrongState
from governance.web.acting import actor_of, posted, uuid_or_none
from governance.web.asset_forms import kind_words
from governance.web.form_errors import put

MAY = {
    AssetPermission.VIEW: "Read it and all its versions",
    AssetPermission.AUTHOR: "Read it and write new versions",
}


class ShareForm(forms.Form):
    """With whom, for what, and why."""

    to = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose somebody")
    permission = forms.ChoiceField(
        label="They may",
        choices=[(found.value, words) for found, words in MAY.items()],
        initial=AssetPermission.VIEW.value,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(max_length=500, help_text="It is recorded in the ledger.")

    def __init__(self, *args: Any, asset: Asset, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["to"]
        if isinstance(field, forms.ModelChoiceField):
            people = User.objects.of(asset.project.organisation)
            field.queryset = people.filter(is_active=True).order_by("name", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
def asset_sharing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Whom the asset is shared with. POST shares it with one more."""
    actor = actor_of(request)
    asset = _within_reach(actor, pk)
    form = ShareForm(posted(request), asset=asset)
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.method == "POST":
        given = {**form.cleaned_data, "permission": AssetPermission(form.cleaned_data["permission"])}
        try:
            share_asset(asset, actor=actor, **given)
        except (Invalid, WrongState) as problem:
            put(form, problem)
            status = 400 if isinstance(problem, Invalid) else 409
        else:
            messages.success(request, f"{asset} is shared with {given['to']}.")
            return redirect("governance:asset-sharing", asset.pk)
    context = {"asset": asset, "words": kind_words(asset.kind), "shared": shared_with(asset), "form": form}
    return render(request, "governance/asset_sharing.html", context, status=status)


@require_POST
def asset_stop_sharing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop sharing the asset with one person."""
    actor = actor_of(request)
    asset = _within_reach(actor, pk)
    people = User.objects.of(asset.project.organisation)
    person = get_object_or_404(people, pk=uuid_or_none(request.POST.get("person", "")))
    stop_sharing_asset(asset, actor=actor, person=person, reason=request.POST.get("reason", ""))
    messages.success(request, f"{asset} is not shared with {person} any more.")
    return redirect("governance:asset-sharing", asset.pk)


def _within_reach(actor: User, pk: UUID) -> Asset:
    """The asset, for those who may share it; the services ask again."""
    asset = get_object_or_404(Asset.objects.visible_to(actor).select_related("project__organisation"), pk=pk)
    authorise(actor, Permission.ADMINISTER, project=asset.project)
    return asset
