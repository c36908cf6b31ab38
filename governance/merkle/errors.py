"""What can be wrong with a proof or a note. Each has a kind of its own, so that a verifier can say which."""


class Unproven(Exception):
    """What was to be proven is not; the message says why, and is shown as it stands."""


class ProofInvalid(Unproven):
    """The hashes do not lead to the root, or there are too few or too many of them."""


class NoteMalformed(Unproven):
    """The text is not a checkpoint note, a signature line or a key in their one form."""


class KeyUnknown(Unproven):
    """None of the note's signatures is by a key that the reader trusts for this origin."""


class SignatureInvalid(Unproven):
    """A signature names a key that the reader trusts, and is not by it."""


class SignedInFuture(Unproven):
    """A witness's time lies further ahead than clocks differ."""
