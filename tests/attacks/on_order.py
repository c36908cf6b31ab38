"""Attacks on the order of the log: two sequencers at once, a clock that goes back, a name with newlines."""

from typing import Final

import orjson

from governance.ledger.models import Event
from governance.proof.models import Position
from governance.proof.sequencing import Sequencer, sequence
from governance.proof.verifying.whole import verify_all
from tests.attacks.acts import Setting, ends
from tests.proof.growing import tell

ONCE: Final = "each event once"
KEPT: Final = "order kept, and both times"
# The machine's clock is not ours to set: the function's is.
DEFINITION: Final = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'ledger_record'"
CLOCK: Final = ("clock_timestamp()", "clock_timestamp() - interval '1 hour'")
IDENTIFIERS: Final = ("ledger_identify(moment)", "ledger_uuid7(moment)")
ONE: Final = "one record, escaped"
BROKEN: Final = 'Eve",\n"actor_name":"Ada\u2028Approver'
NAMED: Final = "SELECT ledger_record(%s, 'weight.set', %s, %s, 'weight', gen_random_uuid(), NULL, '{}')"


@ends(ONCE, "several sequencers at once")
def several(setting: Setting) -> str:
    def work() -> int:
        own = Sequencer(most=7)
        return sum(own.drain() for event in range(20) if tell(setting.company))

    failed = [found for found in setting.database.at_once(work, work, work) if isinstance(found, Exception)]
    sequence()
    events, positions = Event.objects.count(), Position.objects.count()
    return ONCE if not failed and events == positions else f"{positions} positions of {events}: {failed}"


@ends(KEPT, "the database's clock set back by an hour")
def set_back(setting: Setting) -> str:
    [before] = tell(setting.company)
    with setting.database.connect("owner") as owner:
        [(written,)] = owner.execute(DEFINITION).fetchall()
        owner.execute(written.replace(*CLOCK).replace(*IDENTIFIERS))
        [late] = tell(setting.company)
        owner.execute(written)
    [after] = tell(setting.company)
    sequence()
    order = [Position.objects.get(pk=event).position for event in (before, late, after)]
    times = [Event.objects.get(pk=event).at for event in (before, late)]
    findings = verify_all().findings
    kept = order == sorted(order) and times[1] < times[0] and not findings
    return KEPT if kept else f"{order} {times} {findings}"


@ends(ONE, "a name with newlines and U+2028")
def broken_name(setting: Setting) -> str:
    company = setting.company
    with setting.database.connect() as session:
        session.execute(NAMED, [company.organisation.pk, company.owner.pk, BROKEN])
    sequence()
    event = Event.objects.get(actor_name=BROKEN)
    record, findings = bytes(event.record), verify_all().findings
    whole = orjson.loads(record)["actor_name"] == BROKEN and b"\n" not in record
    return ONE if whole and event.holds and not findings else f"{record!r} {findings}"
