"""Whether all that a node reads is there when it reads it, and of a form that it can use."""

from collections.abc import Iterator, Mapping

from governance.catalog.calls import Call
from governance.catalog.graphs.complaint import Complaint
from governance.catalog.graphs.known import Contents, Known, Schema, follow, said, texts_of, types_of
from governance.catalog.nodes import BranchNode, MapNode, TimerNode
from governance.catalog.parts import is_reference
from governance.catalog.workflows import AnyNode, WorkflowContent, call_of, references


def reading_wrong(
    workflow: WorkflowContent, before: Mapping[str, frozenset[str]], contents: Contents
) -> Iterator[Complaint]:
    """Every reference that leads nowhere, or to what its reader cannot use."""
    known = Known(workflow, contents)
    for node in workflow.nodes:
        yield from _Reader(workflow, known, node, before[node.key]).wrong()


class _Reader:
    """One node, what has certainly run before it, and what is known of it."""

    def __init__(
        self, workflow: WorkflowContent, known: Known, node: AnyNode, before: frozenset[str]
    ) -> None:
        self._known, self._node, self._before = known, node, before
        self._inputs = {f"${declared.name}" for declared in workflow.inputs}
        self._nodes = {other.key for other in workflow.nodes}

    def wrong(self) -> Iterator[Complaint]:
        for reason in self._reasons():
            yield Complaint(self._node.key, reason)

    def _reasons(self) -> Iterator[str]:
        node, call = self._node, call_of(self._node)
        inside = node if isinstance(node, MapNode) else None
        for name, reference in references(node).items():
            yield from self._read(name, reference)
        for name, reference in inside.each.inputs.items() if inside else ():
            yield from self._read(name, reference, each=inside)
        undoing = getattr(node, "compensate", None)
        if undoing is not None:
            # By then the node itself has run, and nothing after it is certain.
            for name, reference in undoing.inputs.items():
                yield from self._read(f"to undo it, {name}", reference, ran={node.key})
        if call is not None:
            yield from self._memory(call, inside)
        yield from self._used(node)

    def _read(
        self,
        name: str,
        reference: str,
        *,
        each: MapNode | None = None,
        ran: frozenset[str] | set[str] = frozenset(),
    ) -> Iterator[str]:
        found = self._nowhere(reference, each, self._before | ran)
        if found:
            yield f"{name} reads “{reference}”, {found}"

    def _nowhere(self, reference: str, each: MapNode | None, ran: frozenset[str]) -> str:
        root = reference.split(".", maxsplit=1)[0]
        if root.startswith("@") and each is None:
            return "which only the calls of a map can"
        if root.startswith("$") and root not in self._inputs:
            return "which is no input of the workflow"
        if not root.startswith(("$", "@")):
            if root not in self._nodes:
                return f"but there is no node “{root}”"
            if root not in ran:
                return "which has not run on every way to this node"
        problem = self._known.of(reference, each=each)[1]
        return f"but {problem}" if problem else ""

    def _memory(self, call: Call, each: MapNode | None) -> Iterator[str]:
        """Keys in memory may be references; what is remembered is a part of the call's own output."""
        named = [
            (f"the key of “{name}”", found.key, frozenset[str]())
            for name, found in (call.recall or {}).items()
        ]
        if call.remember:
            own = frozenset({self._node.key}) if each is None else frozenset[str]()
            named.append(("the key that is remembered", call.remember.key, own))
            yield from self._remembered(call, call.remember.path)
        for name, key, ran in named:
            if is_reference(key, self._nodes):
                yield from self._read(name, key, each=each, ran=ran)
                yield from self._no_text(name, key, each)

    def _remembered(self, call: Call, path: str) -> Iterator[str]:
        if path:
            inner = follow(self._known.output_of_call(call), "its output", path.split("."))[1]
            if inner:
                yield f"remembers “{path}”, but {inner}"

    def _used(self, node: AnyNode) -> Iterator[str]:
        match node:
            case MapNode():
                types = types_of(self._schema(node.over))
                if types is not None and "array" not in types:
                    yield f"goes over “{node.over}”, which is {said(types)}, no list"
            case BranchNode():
                yield from self._no_text("chooses by", node.on, None)
                yield from self._never(node)
            case TimerNode() if node.until:
                types = types_of(self._schema(node.until))
                if types is not None and "string" not in types:
                    yield f"waits until “{node.until}”, which is {said(types)}, no moment"

    def _no_text(self, name: str, reference: str, each: MapNode | None) -> Iterator[str]:
        types = types_of(self._schema(reference, each))
        if types is not None and types <= {"object", "array"}:
            yield f"{name} “{reference}”, which is {said(types)}"

    def _never(self, node: BranchNode) -> Iterator[str]:
        texts = texts_of(self._schema(node.on))
        for case in node.cases if texts is not None else ():
            if texts is not None and case.equals not in texts:
                yield f"has a case for “{case.equals}”, but “{node.on}” is one of {', '.join(sorted(texts))}"

    def _schema(self, reference: str, each: MapNode | None = None) -> Schema:
        """What is known of the value; nothing where the reference leads nowhere, which is said elsewhere."""
        root = reference.split(".", maxsplit=1)[0]
        if (root.startswith("@") and each is None) or not (root[:1] in "$@" or root in self._nodes):
            return {}
        return self._known.of(reference, each=each)[0]
