"""Trying an attack on a bundle: what `verify.py` finds, as the product and as the file that is handed out."""

import io
import json

from runs.evidence.verifier.policy import read_policy
from runs.evidence.verifier.verdict import Verdict, verify_bundle
from tests.attacks.bundle_cases import BundleCase
from tests.attacks.draft import Draft
from tests.attacks.story import NOW


def tried(case: BundleCase) -> Verdict:
    """What the verifier says of the honest bundle after the attack."""
    draft = Draft()
    case.change(draft)
    return examined(draft)


def examined(draft: Draft) -> Verdict:
    """What the verifier says of a draft under the draft's policy."""
    policy = read_policy(json.dumps(draft.policy).encode())
    return verify_bundle(io.BytesIO(draft.packed()), policy, NOW)
