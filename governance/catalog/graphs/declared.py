"""Whether what a workflow declares of its inputs can be held against what a run is started with."""

from collections.abc import Iterator

from governance.catalog.graphs.complaint import Complaint
from governance.catalog.output_schemas import schema_complaint
from governance.catalog.workflows import WorkflowContent


def inputs_wrong(workflow: WorkflowContent) -> Iterator[Complaint]:
    """Schemas of what is no JSON, and schemas that nothing can safely be checked by."""
    for declared in workflow.inputs:
        if declared.value_schema is None:
            continue
        if declared.media_type != "application/json":
            yield Complaint(
                "inputs", f"“{declared.name}” has a “value_schema”, so its media_type is application/json"
            )
        elif complaint := schema_complaint(declared.value_schema, what="a “value_schema”"):
            yield Complaint("inputs", f"“{declared.name}” {complaint}")
