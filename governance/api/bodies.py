"""What a request may bring: every field is named, and what is not named is refused."""

from typing import Any, cast

from rest_framework import serializers


class Body(serializers.Serializer[Any]):
    """The fields of a request. One that is not declared is an error: nothing is set on the sly."""

    unknown_words = "There is no such field."

    def to_internal_value(self, data: Any) -> Any:
        """The validated fields. Raises `ValidationError` naming every unknown one."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({name[:80]: [self.unknown_words] for name in unknown[:20]})
        return super().to_internal_value(data)


class Query(Body):
    """The parameters of a list. One that is not declared is an error, never silently without effect."""

    unknown_words = "There is no such parameter."


class SlugOrId(serializers.CharField):
    """Names an object by its slug or its identifier; which of them it is shows by its form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 121, **options})


def declared(body: type[serializers.BaseSerializer[Any]]) -> frozenset[str]:
    """The names that a query or body declares."""
    return frozenset(cast("Body", body()).fields)
