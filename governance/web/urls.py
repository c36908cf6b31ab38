"""The addresses of the governance pages."""

from django.urls import path, register_converter

from governance.catalog.models import Asset
from governance.web import (
    account,
    approval,
    approvals,
    asset_sharing,
    assets,
    completeness,
    ledger,
    proof,
    release_acts,
    release_effect,
    releases,
    version_diff,
    version_new,
    versions,
)
from governance.web.converters import AssetKinds

register_converter(AssetKinds, "kinds")

app_name = "governance"
urlpatterns = [
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/<uuid:pk>/", approval.approval, name="approval"),
    path("approvals/<uuid:pk>/withdraw/", approval.approval_withdraw, name="approval-withdraw"),
    path("prompts/", assets.asset_list, {"kind": Asset.Kind.PROMPT}, name="prompts"),
    path("models/", assets.asset_list, {"kind": Asset.Kind.MODEL}, name="models"),
    path("workflows/", assets.asset_list, {"kind": Asset.Kind.WORKFLOW}, name="workflows"),
    path("<kinds:kind>/new/", assets.asset_new, name="asset-new"),
    path("<kinds:kind>/<uuid:pk>/", assets.asset, name="asset"),
    path("assets/<uuid:pk>/", assets.asset, name="asset"),
    path("assets/<uuid:pk>/new-version/", version_new.version_new, name="version-new"),
    path("assets/<uuid:pk>/sharing/", asset_sharing.asset_sharing, name="asset-sharing"),
    path("assets/<uuid:pk>/stop-sharing/", asset_sharing.asset_stop_sharing, name="asset-stop-sharing"),
    path("versions/<uuid:pk>/", versions.version, name="version"),
    path("versions/<uuid:pk>/diff/", version_diff.version_diff, name="version-diff"),
    path("versions/<uuid:pk>/release/", release_acts.release_submit, name="release-submit"),
    path("releases/", releases.board, name="releases"),
    path("releases/<uuid:pk>/", releases.release, name="release"),
    path("releases/<uuid:pk>/activate/", release_effect.release_activate, name="release-activate"),
    path("releases/<uuid:pk>/roll-back/", release_effect.release_roll_back, name="release-roll-back"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/proof/", proof.proof, name="proof"),
    path("ledger/checkpoints/<uuid:pk>/", proof.checkpoint, name="checkpoint"),
    path("ledger/logs/<uuid:pk>/completeness/", completeness.completeness, name="completeness"),
    path("ledger/<uuid:pk>/", ledger.event, name="event"),
    path("ledger/<uuid:pk>/proof/", proof.event_proof, name="event-proof"),
    path("account/", account.overview, name="account"),
    path("account/tokens/", account.tokens, name="tokens"),
    path("account/tokens/<uuid:pk>/revoke/", account.token_revoke, name="token-revoke"),
]
