"""Gates at which step functions wait until the test lets them go on."""

from pathlib import Path

from tests.waiting import wait_until


class Gates:
    """The gates of one test; see `tests.chaos.effects` for where they stand."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder

    def close(self, name: str) -> None:
        """Whoever comes to it from now on waits."""
        (self.folder / f"{name}.reached").unlink(missing_ok=True)
        (self.folder / name).touch()

    def open(self, name: str) -> None:
        """Whoever waits goes on, and whoever comes is not held."""
        (self.folder / name).unlink()

    def wait_for(self, name: str) -> None:
        """Until somebody waits there."""
        wait_until((self.folder / f"{name}.reached").exists, f"somebody stands at the gate {name}")
