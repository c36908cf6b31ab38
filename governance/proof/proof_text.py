"""A proof as one text that can be taken away (C2SP tlog-proof, https://c2sp.org/tlog-proof)."""

from governance.merkle.keys import to_base64
from governance.proof.cosigned import cosigned_note
from governance.proof.models import Checkpoint
from governance.proof.reading import Inclusion


def proof_text(found: Inclusion, checkpoint: Checkpoint) -> bytes:
    """The position, the hashes from the leaf's side, and the cosigned note over the root they lead to."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {found.position}", *map(to_base64, found.proof)]
    return "\n".join(lines).encode() + b"\n\n" + cosigned_note(checkpoint)
