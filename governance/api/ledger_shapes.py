"""What the API says of the ledger's logs: hashes and roots in base64, as notes have them."""

from rest_framework import serializers

from governance.api.bodies import Query

LONGEST_SLUG = 60


class LogQuery(Query):
    """Which log."""

    log = serializers.CharField(
        max_length=LONGEST_SLUG, help_text="The slug of its organisation; _installation for that of none."
    )


class SizesQuery(LogQuery):
    """Which log, and between which of its sizes."""

    old = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    new = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


class SeenShape(serializers.Serializer[object]):
    """A witness of a checkpoint."""

    witness = serializers.CharField()
    vkey = serializers.CharField(help_text="Its verifier key: ask the witness for it, not us.")
    at = serializers.DateTimeField(help_text="When, by its own clock.")
    named = serializers.BooleanField(help_text="Whether this installation (still) names it.")
    holds = serializers.BooleanField(help_text="Whether its signature was found right just now.")


class CheckpointShape(serializers.Serializer[object]):
    """The last checkpoint of a log."""

    id = serializers.UUIDField()
    origin = serializers.CharField(help_text="The log's name.")
    size = serializers.IntegerField()
    root = serializers.CharField()  # type: ignore[assignment]  # a field, not the property
    at = serializers.DateTimeField(help_text="When it was signed.")
    note = serializers.CharField(help_text="The signed note, with the lines of its witnesses.")
    seen_by = SeenShape(many=True)


class EventProofShape(serializers.Serializer[object]):
    """That a checkpoint covers an event."""

    event = serializers.UUIDField()
    record = serializers.CharField(help_text="The hashed bytes, in base64.")
    position = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Of the tree that the note signs.")
    proof = serializers.ListField(child=serializers.CharField(), help_text="The leaf's side first.")
    note = serializers.CharField()


class ConsistencyShape(serializers.Serializer[object]):
    """That a log of one size continues that of another."""

    origin = serializers.CharField()
    old = serializers.IntegerField()
    new = serializers.IntegerField()
    proof = serializers.ListField(child=serializers.CharField(), help_text="As RFC 6962 has it.")
