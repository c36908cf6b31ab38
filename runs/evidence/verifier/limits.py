"""How large a bundle may be. Whatever is larger is refused before it is expanded."""

from typing import Final

LARGEST_ZIP: Final = 64 * 1024 * 1024
MOST_MEMBERS: Final = 10_000
LARGEST_DIRECTORY: Final = 4 * 1024 * 1024  # bytes of the zip's own list of members
LARGEST_MEMBER: Final = 32 * 1024 * 1024
LARGEST_EXPANDED: Final = 128 * 1024 * 1024  # all members together
HIGHEST_RATIO: Final = 200  # of a member's size to what it takes in the zip
LARGEST_JSON: Final = 16 * 1024 * 1024
DEEPEST_JSON: Final = 40
MOST_VALUES: Final = 500_000  # commas, colons and brackets of one JSON text
MOST_EVENTS: Final = 50_000
LARGEST_POLICY: Final = 1024 * 1024
LARGEST_INTEGER: Final = 2**53 - 1
CHUNK: Final = 256 * 1024
