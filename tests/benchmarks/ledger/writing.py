"""Writers, each a process with a connection of its own: as fast as one event a transaction goes."""

import time
from uuid import UUID

import psycopg

TELL = """
    SELECT ledger_record(
        %s, 'step.succeeded', %s, 'Bench', 'step', gen_random_uuid(), NULL,
        '{"attempt":1,"code":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","output":"0123456789"}')
"""


def one_after_another(address: str, organisation: UUID, actor: UUID, seconds: float) -> None:
    """Record events until the time is over."""
    until = time.monotonic() + seconds
    with psycopg.connect(address, autocommit=True) as own:
        while time.monotonic() < until:
            own.execute(TELL, (organisation, actor), prepare=True)
