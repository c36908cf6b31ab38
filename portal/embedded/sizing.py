"""How much memory and write-ahead log the embedded PostgreSQL is given."""

from typing import Final

MEGABYTE: Final = 1024 * 1024
SHARE_OF_MEMORY: Final = 8  # PostgreSQL's manual advises a fourth for a machine that does nothing else
BUFFERS_MB: Final = (128, 1024)


def sizes(memory: int) -> list[str]:
    """Lines of configuration for a machine with this many bytes of memory. Durability is not touched.

    After each checkpoint the first change of a page writes the whole page to the log. Contents are stored
    under their digests, so their indexes are changed everywhere: with a million runs behind it and a
    checkpoint each half gigabyte, as PostgreSQL comes, a run wrote seven times the log of one in empty
    tables. Rarer checkpoints and buffers that hold the indexes end that.
    """
    fewest, most = BUFFERS_MB
    buffers = min(max(memory // SHARE_OF_MEMORY // MEGABYTE, fewest), most)
    return [
        f"shared_buffers = '{buffers}MB'",
        "max_wal_size = '4GB'",  # of disk, and only under load that lasts
        "checkpoint_timeout = '15min'",
    ]
