"""Which tests go to the same worker when two run them at once (`make test`)."""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TOGETHER = "tests/e2e/"  # they share one demonstration


def scope(nodeid: str) -> str:
    """What a test shares with others: its file, or the demonstration."""
    return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests stay together, as they share what the file has built."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
