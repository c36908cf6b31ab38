"""The functions that come with Countersign; importing this module registers them."""

from runs.functions import redaction, routing

__all__ = ["redaction", "routing"]
