"""Every model of the package, once, for Django."""

from runs.artifacts.models import Artifact, ArtifactText
from runs.costs.models import Price
from runs.lineage.models import Edge
from runs.records.begun import Begun
from runs.records.models import Run, RunInput, Step

__all__ = ["Artifact", "ArtifactText", "Begun", "Edge", "Price", "Run", "RunInput", "Step"]
