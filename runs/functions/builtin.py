"""The functions that come with Countersign; importing this module registers them."""

from runs.functions import complaints, redaction, routing

__all__ = ["complaints", "redaction", "routing"]
