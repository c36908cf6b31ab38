"""The kinds of asset as they stand in addresses: /prompts/, /models/, /workflows/."""

from governance.catalog.models import Asset


class AssetKinds:
    """`prompts` in an address is the kind `prompt`."""

    regex = "prompts|models|workflows"

    def to_python(self, value: str) -> Asset.Kind:
        """The kind."""
        return Asset.Kind(value.removesuffix("s"))

    def to_url(self, value: str) -> str:
        """The plural."""
        return f"{Asset.Kind(value).value}s"
