"""Organisations with their owners, projects, teams and people."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from governance.access.organisations import (
    add_owner,
    add_to_team,
    create_project,
    create_team,
    remove_from_team,
    remove_owner,
)
from governance.access.people import create_person, disable_person, enable_person, give_first_password
from governance.accounts.models import Organisation, Project, Team, User
from governance.admin.gate import ServiceAdmin, ServiceForm
from governance.releases.models import Environment
from governance.releases.services import create_environment


class NewInOrganisation(ServiceForm):
    """Something new in one of the owned organisations."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer("organisation", self.owned())


class Belonging(ServiceForm):
    """Who joins and who leaves: each named, so that nobody is touched whom the page has not asked about."""

    add = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    remove = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def offer_both(self, organisation: Organisation, now: models.QuerySet[User]) -> None:
        """Whoever is in it now may leave; everybody else of the organisation who may sign in may join."""
        others = User.objects.of(organisation).filter(is_active=True).exclude(pk__in=now.values("pk"))
        for name, rows in (("add", others), ("remove", now)):
            self.offer(name, rows)
            if not rows.exists():
                self.fields[name].help_text = "There is nobody to choose."


class Owners(Belonging):
    """Who owns the organisation."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["add"].label, self.fields["remove"].label = "New owners", "Owners who leave"
        self.fields["add"].help_text = "They grant roles and use this admin. At least one must stay."
        self.offer_both(self.instance, self.instance.owners.all())

    def act(self) -> Organisation:
        """Add, then remove."""
        organisation: Organisation = self.instance
        for person in self.cleaned_data["add"]:
            add_owner(organisation, actor=self.actor, person=person)
        for person in self.cleaned_data["remove"]:
            remove_owner(organisation, actor=self.actor, person=person)
        return organisation


@admin.register(Organisation)
class OrganisationAdmin(ServiceAdmin):
    """The own organisations, and their owners. `manage.py create_organisation` opens one."""

    organisation_path = "pk"
    list_display = ("name", "slug", "created_at")
    shown = ("name", "slug", "created_at")
    change_form = Owners


class NewProject(NewInOrganisation):
    """A project."""

    slug = forms.CharField(
        max_length=60, help_text="Letters, digits, hyphens and underscores. It never changes."
    )
    name = forms.CharField(max_length=200)

    def act(self) -> Project:
        """Open it."""
        return create_project(actor=self.actor, **self.cleaned_data)


@admin.register(Project)
class ProjectAdmin(ServiceAdmin):
    """Projects: opened here, never renamed."""

    list_display = ("name", "slug", "organisation", "created_at")
    list_filter = (("organisation", admin.RelatedOnlyFieldListFilter),)
    shown = ("name", "slug", "organisation", "created_at")
    add_form = NewProject


class NewTeam(NewInOrganisation):
    """A team."""

    name = forms.CharField(max_length=80)

    def act(self) -> Team:
        """Make it."""
        return create_team(actor=self.actor, **self.cleaned_data)


class Members(Belonging):
    """Who is in the team."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["add"].label, self.fields["remove"].label = "New members", "Members who leave"
        self.offer_both(self.instance.organisation, self.instance.group.user_set.all())

    def act(self) -> Team:
        """Add, then remove."""
        team: Team = self.instance
        for person in self.cleaned_data["add"]:
            add_to_team(team, actor=self.actor, person=person)
        for person in self.cleaned_data["remove"]:
            remove_from_team(team, actor=self.actor, person=person)
        return team


@admin.register(Team)
class TeamAdmin(ServiceAdmin):
    """Teams and their members."""

    list_display = ("name", "organisation")
    shown = ("name", "organisation")
    add_form, change_form = NewTeam, Members


class NewPerson(NewInOrganisation):
    """An account."""

    email = forms.EmailField(max_length=254)
    name = forms.CharField(
        label="Printed name", max_length=200, help_text="As it will stand under decisions."
    )
    password = forms.CharField(
        label="First password",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Replaced at the first sign-in. Without one the person sets their own by mail.",
    )

    def act(self) -> User:
        """Make it."""
        given = self.cleaned_data
        place = given["organisation"]
        person = create_person(
            given["email"], actor=self.actor, name=given["name"], password=None, organisation=place
        )
        if given["password"]:
            give_first_password(person, actor=self.actor, organisation=place, password=given["password"])
        return person


class Account(ServiceForm):
    """Whether the person may sign in."""

    enabled = forms.BooleanField(
        label="May sign in",
        required=False,
        help_text="Without it, sessions and tokens of the person end with their next request.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["enabled"] = self.instance.is_active

    def act(self) -> User:
        """Enable or disable the account; the same as before changes nothing."""
        person: User = self.instance
        if self.cleaned_data["enabled"] == person.is_active:
            return person
        change = enable_person if self.cleaned_data["enabled"] else disable_person
        return change(person, actor=self.actor, organisation=Organisation.objects.get(people=person))


@admin.register(User)
class PersonAdmin(ServiceAdmin):
    """People of the own organisations. They are disabled, never deleted."""

    organisation_path = "employer"
    list_display = ("name", "email", "employer", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name", "email")
    shown = ("name", "email", "employer", "created_at", "last_login")
    add_form, change_form = NewPerson, Account

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        """People alone: the system's own actors have no account to look after."""
        return super().get_queryset(request).filter(kind=User.Kind.PERSON)


class NewEnvironment(NewInOrganisation):
    """An environment."""

    slug = forms.CharField(max_length=40)
    name = forms.CharField(max_length=80)
    rank = forms.IntegerField(
        min_value=0, max_value=100, help_text="The order of promotion: lower comes first."
    )
    protected = forms.BooleanField(required=False, initial=True, help_text="Takes approved releases alone.")

    def act(self) -> Environment:
        """Add it."""
        return create_environment(actor=self.actor, **self.cleaned_data)


@admin.register(Environment)
class EnvironmentAdmin(ServiceAdmin):
    """Environments: added here. What one demands is part of every release's digest, so it stays."""

    list_display = ("name", "slug", "organisation", "protected", "rank")
    shown = ("name", "slug", "organisation", "protected", "rank")
    add_form = NewEnvironment
