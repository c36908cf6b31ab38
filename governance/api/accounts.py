"""Who calls, and the projects they reach."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.gate import reach
from governance.accounts.models import Organisation
from governance.api.accounts_shapes import MeShape, ProjectShape
from governance.api.endpoint import Endpoint
from governance.api.naming import projects_of


class Me(Endpoint):
    """The caller."""

    @extend_schema(operation_id="me", summary="Who you are", responses=MeShape, tags=["me"])
    def get(self, request: Request) -> Response:
        """The person you act as, their organisations, and the token you call by."""
        person = self.actor
        organisations = Organisation.objects.visible_to(person)
        facts = {
            "id": person.pk,
            "name": person.name,
            "email": person.email,
            "organisations": organisations,
            "token": person.token,
        }
        return Response(MeShape(facts).data)


class Projects(Endpoint):
    """The projects within reach."""

    paged = True

    @extend_schema(
        operation_id="projects_list", summary="The projects you reach", responses=ProjectShape(many=True)
    )
    def get(self, request: Request) -> Response:
        """Newest first, each with what you may do there."""
        return self.page(projects_of(self.actor), ProjectShape)

    def get_serializer_context(self) -> dict[str, object]:
        """With the caller's permissions, resolved once."""
        return {**super().get_serializer_context(), "permissions": reach(self.actor).permissions}
