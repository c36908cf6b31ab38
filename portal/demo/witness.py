"""The demonstration's witness. On the machine of the keeper it shows what a witness does, and proves nothing.

A witness that somebody named is used instead: then none is started here.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from governance.management.ledger_keep import PUBLIC, state_folder
from governance.proof.keys import make_key, read_key
from governance.proof.witnesses import configured
from governance.witness.judging import witness_key
from portal.embedded.listening import listen

NAME: Final = "witness.local/demonstration"
CALLED: Final = "Demonstration witness"
FIRST_PORT: Final = 8090
PATIENCE_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Beside:
    """A witness that is named to the portal already, and is still to be started."""

    folder: Path
    port: int

    def command(self) -> list[str] | None:
        """How it is started, once the keeper has said whose logs it signs; None when it does not."""
        deadline, said = time.monotonic() + PATIENCE_SECONDS, state_folder() / PUBLIC
        while not said.exists():
            if time.monotonic() > deadline:
                return None
            time.sleep(LOOK_SECONDS)
        place = ["--listen", f"127.0.0.1:{self.port}", "--installation", said.read_text().strip()]
        own = ["--key", str(self.folder / "key.pem"), "--state", str(self.folder / "seen"), "--name", NAME]
        return [sys.executable, "manage.py", "witness", "serve", *own, *place]


def named() -> Beside | None:
    """Name a witness on this machine to the processes that are started from now on; None where others are."""
    if settings.WITNESSES:
        return None
    folder = Path(settings.ENV.countersign_var) / "witness"
    path = folder / "key.pem"
    vkey = witness_key(read_key(path) if path.exists() else make_key(path), NAME).vkey
    with listen(port=FIRST_PORT, exactly=False) as free:
        port = int(free.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    os.environ["WITNESSES"] = json.dumps([{"name": CALLED, "url": url, "vkey": vkey}])
    settings.WITNESSES = configured([(CALLED, url, vkey)])
    return Beside(folder, port)
