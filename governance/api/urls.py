"""The addresses of governance under `/api/v1/`; their names are in the namespace `api`."""

from django.urls import path

from governance.api import accounts, approvals, catalog, completeness, ledger, releases

urlpatterns = [
    path("me/", accounts.Me.as_view(), name="me"),
    path("projects/", accounts.Projects.as_view(), name="projects"),
    path("assets/", catalog.Assets.as_view(), name="assets"),
    path("assets/<uuid:pk>/", catalog.AssetDetail.as_view(), name="asset"),
    path("assets/<uuid:pk>/versions/", catalog.Versions.as_view(), name="versions"),
    path("versions/<uuid:pk>/", catalog.VersionDetail.as_view(), name="version"),
    path("environments/", releases.Environments.as_view(), name="environments"),
    path("releases/", releases.Releases.as_view(), name="releases"),
    path("releases/<uuid:pk>/", releases.ReleaseDetail.as_view(), name="release"),
    path("releases/<uuid:pk>/activate/", releases.Activate.as_view(), name="release-activate"),
    path("releases/<uuid:pk>/roll-back/", releases.RollBack.as_view(), name="release-roll-back"),
    path("ledger/logs/<uuid:pk>/completeness/", completeness.Completeness.as_view(), name="completeness"),
    path("approvals/", approvals.Approvals.as_view(), name="approvals"),
    path("approvals/<uuid:pk>/", approvals.ApprovalDetail.as_view(), name="approval"),
    path("ledger/checkpoint/", ledger.LastCheckpoint.as_view(), name="ledger-checkpoint"),
    path("ledger/events/<uuid:pk>/proof/", ledger.EventProof.as_view(), name="ledger-event-proof"),
    path("ledger/consistency/", ledger.Consistency.as_view(), name="ledger-consistency"),
]
