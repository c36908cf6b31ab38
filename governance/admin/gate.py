"""What every page of the admin keeps to: an owner sees the own organisations, and writes through services.

Django's model permissions and the superuser's all-clear decide nothing here: ownership does. Nothing is ever
deleted.
"""

from typing import TYPE_CHECKING, Any, NoReturn

from django import forms
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db import models, transaction
from django.http import Http404, HttpRequest

from governance.access.gate import reach
from governance.accounts.models import Organisation, User
from governance.errors import DomainError, Invalid

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyModelForm = forms.ModelForm[Any]
else:
    AnyModelAdmin = admin.ModelAdmin
    AnyModelForm = forms.ModelForm

# How Django's filters for values, choices, yes or no, related rows and empty fields put their questions.
ASKED_BY_FILTERS = ("", "__exact", "__isnull", "__id__exact", "__isempty")


class OwnerAdmin(AnyModelAdmin):
    """Rows of the owned organisations, to read. `organisation_path` leads from a row to its organisation."""

    organisation_path = "organisation"
    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    shown: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The rows of the organisations that the person owns."""
        return super().get_queryset(request).filter(**{f"{self.organisation_path}__in": owned_by(request)})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What the declared filters ask for, and nothing else: other fields could be read letter by letter.

        What is refused here (a NUL too, which PostgreSQL does not take) is answered with 400.
        """
        declared = (found[0] if isinstance(found, tuple) else found for found in self.list_filter)
        asked = {f"{name}{way}" for name in declared for way in ASKED_BY_FILTERS}
        return lookup in asked and "\x00" not in value

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """As Django's, refusing what PostgreSQL does not take."""
        if "\x00" in search_term:
            raise BadRequest("Text must not hold NUL characters.")
        return super().get_search_results(request, queryset, search_term)

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> NoReturn:
        """In place of Django's way back to the index: what is out of reach is not there, as on every page."""
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Shown to whoever owns an organisation."""
        return bool(owned_by(request))

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The same; which rows, the queryset has decided."""
        return bool(owned_by(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """What is declared to be shown."""
        return self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """All of it."""
        return self.shown


class ServiceForm(AnyModelForm):
    """A form whose saving is a service call.

    The call is made when the form is cleaned, inside the transaction of the request: only then can what the
    service refuses stand beside the field that it concerns.
    """

    actor: User

    def act(self) -> models.Model:
        """Call the service with what was given and return the row."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        """In place of Django's own checks and assignment to the instance: the service does both."""
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.instance = self.act()
        except DomainError as problem:
            self._refuse(problem)

    def _save_m2m(self) -> None:
        """Nothing: the service has written it."""

    def _refuse(self, problem: DomainError) -> None:
        fields = problem.fields if isinstance(problem, Invalid) else {}
        named = {name: reason for name, reason in fields.items() if name in self.fields}
        for name, reason in named.items():
            self.add_error(name, reason)
        if not named:
            self.add_error(None, problem.message)

    def owned(self) -> models.QuerySet[Organisation]:
        """The organisations that the person owns."""
        return Organisation.objects.with_ids(reach(self.actor).owned)

    def offer(self, name: str, rows: models.QuerySet[Any]) -> None:
        """Let a field choose among these rows alone."""
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows


class ServiceAdmin(OwnerAdmin):
    """Rows that are made, and perhaps changed, by services: `add_form` and `change_form` say by which."""

    add_form: type[ServiceForm] | None = None
    change_form: type[ServiceForm] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Where there is a form for it, for whoever owns an organisation."""
        return self.add_form is not None and bool(owned_by(request))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Where there is a form for it and the row, once one is named, still takes it."""
        takes = obj is None or self.changes(obj)
        return self.change_form is not None and bool(owned_by(request)) and takes

    def changes(self, obj: Any) -> bool:
        """Whether this row can be changed at all."""
        return True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """The form of the moment, knowing who acts."""
        form = self._form(request, obj)
        if form is None:
            return super().get_form(request, obj, change, **{**kwargs, "fields": ()})
        meta = type("Meta", (), {"model": self.model, "fields": ()})
        return type(form.__name__, (form,), {"actor": request.user, "Meta": meta})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is shown, then what can be given."""
        form = self._form(request, obj)
        given = tuple(form.base_fields) if form is not None else ()
        return given if obj is None else (*self.shown, *given)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is shown of a stored row."""
        return () if obj is None else self.shown

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Nothing: the form's service has written it already."""

    def _form(self, request: HttpRequest, obj: Any) -> type[ServiceForm] | None:
        if obj is None:
            return self.add_form
        return self.change_form if self.has_change_permission(request, obj) else None


def owned_by(request: HttpRequest) -> frozenset[Any]:
    """The organisations that the person owns; a token never opens the admin."""
    return reach(request.user).owned if isinstance(request.user, User) else frozenset()
