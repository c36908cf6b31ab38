"""Third-party front-end files: cut to what is used and held by digest in `static/vendor/lock.json`."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

LOCK = "lock.json"
SPRITE = "sprite.svg"
NEWLINE = "\n"


class LockedFile(TypedDict):
    """One vendored file as the lock knows it."""

    name: str
    version: str
    file: str
    sha256: str


def vendored(root: Path) -> Iterator[LockedFile]:
    """Every file in the `<name>-<version>` folders under `root`, in path order, with its present digest."""
    for path in sorted(root.glob("*/**/*")):
        if path.is_file():
            place = path.relative_to(root)
            name, _, version = place.parts[0].rpartition("-")
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            yield LockedFile(name=name, version=version, file=place.as_posix(), sha256=digest)


def locked(root: Path) -> list[LockedFile]:
    """What the lock under `root` promises."""
    files: list[LockedFile] = json.loads((root / LOCK).read_text())["files"]
    return files


def write_lock(root: Path) -> None:
    """Make the lock say what is there now; a reviewer reads the difference."""
    content = json.dumps({"files": list(vendored(root))}, indent=2)
    (root / LOCK).write_text(content + NEWLINE)


def cut_sprite(outline: Path, names: list[str]) -> str:
    """One SVG with a `<symbol>` for each named icon of a folder of Tabler outline icons.

    Raises `FileNotFoundError` naming the icon that does not exist.
    """
    symbol = '<symbol id="{}" viewBox="0 0 24 24">{}</symbol>'
    symbols = (symbol.format(name, _drawing(outline, name)) for name in sorted(names))
    return NEWLINE.join(['<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""])


def sprite_names(sprite: Path) -> list[str]:
    """The icons that a sprite holds, in its order."""
    return re.findall(r'<symbol id="([^"]+)"', sprite.read_text())


def _drawing(outline: Path, name: str) -> str:
    source = (outline / f"{name}.svg").read_text()
    shapes = re.findall(r"<(?!/?svg|path stroke=\"none\")[^>]+/>", source)
    return "".join(re.sub(r"\s+", " ", shape).replace(" />", "/>") for shape in shapes)
