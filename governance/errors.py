"""What can be wrong, in the words of the domain. The portal turns each into its page or its problem."""

from collections.abc import Mapping


class DomainError(Exception):
    """Something the caller can understand and mend; the message is shown to people as it stands."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotVisible(DomainError):
    """The object does not exist for this person. Says nothing about whether it exists for others."""


class NotAllowed(DomainError):
    """The person sees the object and may not do this; `missing` names the permission."""

    def __init__(self, message: str, *, missing: str) -> None:
        super().__init__(message)
        self.missing = missing


class WrongState(DomainError):
    """The right person at the wrong moment: the object is no longer, or not yet, in the state this needs."""


class Invalid(DomainError):
    """The request itself is wrong; `fields` maps a field's name to what is wrong with it."""

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})
