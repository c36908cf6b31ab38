"""A person's own pages: the account at a glance, and API tokens."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.models import ApiToken, Grant
from governance.access.tokens import create_token, revoke_token
from governance.errors import Invalid, NotVisible
from governance.web.acting import actor_of, address, posted
from governance.web.form_errors import put
from governance.web.token_forms import TokenForm


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Who one is here, what one may do where, and the way to password, second factor, sessions and tokens."""
    actor = actor_of(request)
    held = Grant.objects.filter(Q(person=actor) | Q(team__group__user=actor), revoked_at=None)
    links = (
        ("Password", "account_change_password", "key", "Change the password that you sign in with."),
        ("Two-factor", "mfa_index", "shield-lock", "An authenticator app or a passkey as a second proof."),
        (
            "Sessions",
            "usersessions_list",
            "devices",
            "The browsers that are signed in as you; end those you do not know.",
        ),
        ("API tokens", "governance:tokens", "lock-access", "Secrets for programs that act for you."),
    )
    context = {
        "person": actor,
        "grants": held.select_related("project__organisation", "team").order_by("project__name", "role"),
        "owned": actor.owned_organisations.all(),
        "links": [(label, address(name), icon, words) for label, name, icon, words in links if address(name)],
    }
    return render(request, "governance/account.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens. Making one answers with its secret, this once, on a page that nothing keeps."""
    actor = actor_of(request)
    form = TokenForm(posted(request), actor=actor)
    made, secret, status = None, "", 200
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = create_token(actor, actor=actor, **form.wanted())
            form = TokenForm(actor=actor)
        except Invalid as problem:
            put(form, problem)
        except NotVisible:
            form.add_error("project", "Choose a project of this organisation.")
    if form.errors:
        status = 400
    own = ApiToken.objects.filter(person=actor).select_related("organisation", "project")
    context = {"form": form, "tokens": own[:200], "made": made, "secret": secret}
    return render(request, "governance/tokens.html", context, status=status)


@require_POST
def token_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a token at once."""
    actor = actor_of(request)
    gone = revoke_token(get_object_or_404(ApiToken.objects.filter(person=actor), pk=pk), actor=actor)
    messages.success(request, f"{gone.name} is revoked. Whoever uses it is refused from now on.")
    return redirect("governance:tokens")
