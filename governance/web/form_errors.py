"""From what a service refuses to what a form shows, with the input kept."""

from django.forms import Form

from governance.errors import DomainError, Invalid


def put(form: Form, problem: DomainError) -> None:
    """Show a refusal beside the fields that it names, or at the top when the form has none of them."""
    fields = problem.fields if isinstance(problem, Invalid) else {}
    named = {name: reason for name, reason in fields.items() if name in form.fields}
    for name, reason in named.items():
        form.add_error(name, reason)
    if not named:
        form.add_error(None, problem.message)
