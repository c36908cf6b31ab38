"""`manage.py vendor`: cut the icon sprite anew and write the lock of the vendored files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.env import ROOT
from portal.web import vendor


class Command(BaseCommand):
    """For whoever changes a vendored file or needs one more icon; the portal itself never calls it."""

    help = "Refresh static/vendor: optionally cut the sprite with more icons, then write lock.json."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder of outline icons of an installed @tabler/icons package, and the icons to add."""
        parser.add_argument("--icons-from", type=Path, help="…/node_modules/@tabler/icons/icons/outline")
        parser.add_argument("--add", nargs="*", default=[], metavar="ICON", help="more icons to have")

    def handle(self, *args: Any, icons_from: Path | None, add: list[str], **options: Any) -> None:
        """Cut, then lock."""
        root = ROOT / "static" / "vendor"
        if icons_from:
            (sprite,) = root.glob(f"tabler-icons-*/{vendor.SPRITE}")
            try:
                sprite.write_text(vendor.cut_sprite(icons_from, [*{*vendor.sprite_names(sprite), *add}]))
            except FileNotFoundError as missing:
                raise CommandError(f"no such icon: {missing.filename}") from missing
        vendor.write_lock(root)
        self.stdout.write(f"{len(vendor.locked(root))} vendored files locked")
