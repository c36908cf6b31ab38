"""The course of a benchmark: ours, DBOS, Restate, ours, … then idleness, faults and growth."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from portal.env import ROOT
from tests.benchmarks.beside import Absent, Pace, dbos, restate, versions
from tests.benchmarks.blocks import Block, block, idle, quantile, summed
from tests.benchmarks.fanout import fan_out
from tests.benchmarks.faults import handover_median, resume_median
from tests.benchmarks.figures import KEYS
from tests.benchmarks.growth import growth
from tests.benchmarks.meters import machine_load
from tests.benchmarks.plan import Plan
from tests.benchmarks.premises import Premises
from tests.benchmarks.telling import tell

DIGITS = 3


@dataclass
class Findings:
    """What was found until now, and why something was not."""

    ours: list[Block] = field(default_factory=list)
    peers: dict[str, list[Pace]] = field(default_factory=lambda: {"dbos": [], "restate": []})
    ratios: dict[str, list[float]] = field(default_factory=lambda: {"dbos": [], "restate": []})
    figures: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """One JSON object: every key, null where there is none, and what belongs to it."""
        if self.ours:
            self.figures |= summed(self.ours)
        for name, paces in self.peers.items():
            if paces:
                waited = [ms for pace in paces for ms in pace.latencies_ms]
                self.figures[f"{name}_runs_per_s"] = median(pace.runs_per_s for pace in paces)
                self.figures[f"{name}_p50_ms"] = quantile(waited, 0.5)
                self.figures[f"ratio_{name}"] = median(self.ratios[name])
        found = {key: self.figures.get(key) for key in KEYS}
        shown = {key: None if value is None else _rounded(value) for key, value in found.items()}
        return json.dumps({**shown, "missing": self.missing, **self.facts})


def course(premises: Premises, plan: Plan, *, only_ours: bool, parts: set[str], keep: bool) -> str:
    """Measure these parts, telling each figure as it is found; the last line."""
    findings = Findings(missing={"peers": "left out"} if only_ours else {})
    findings.facts = {"load_before": machine_load(), "commit": _commit(), "versions": versions()}
    if "speed" in parts:
        _speed(premises, plan, findings, only_ours=only_ours)
    if "idle" in parts:
        findings.figures["idle_queries_per_s"] = idle(premises, plan)
        tell(f"idle: {findings.figures['idle_queries_per_s']:.2f} transactions/s")
    if "faults" in parts:
        _faults(premises, plan, findings)
    if "map" in parts:
        _map(premises, plan, findings)
    if "growth" in parts:
        _growth(premises, plan, findings, keep=keep)
    findings.facts["load_after"] = machine_load()
    return findings.line()


def _speed(premises: Premises, plan: Plan, findings: Findings, *, only_ours: bool) -> None:
    """Each peer stands between two blocks of ours, and is held against the one that it borders on."""
    _ours(premises, plan, findings)
    for _ in range(plan.rounds):
        if not only_ours:
            _peer("dbos", lambda: dbos(premises, plan), findings)
            _peer("restate", lambda: restate(plan), findings)
        if not only_ours or plan.rounds > 1:
            _ours(premises, plan, findings)
            _compare("restate", findings)
    findings.facts["cpu_ms"] = {
        who: _rounded(median(found.cpu_ms()[who] for found in findings.ours))
        for who in findings.ours[0].cpu_ms()
    }


def _ours(premises: Premises, plan: Plan, findings: Findings) -> None:
    found = block(premises, plan)
    findings.ours.append(found)
    spent = ", ".join(f"{who} {ms:.1f}" for who, ms in found.cpu_ms().items())
    middle = quantile(found.latencies_ms, 0.5)
    tell(
        f"ours: {found.runs_per_s:.1f} runs/s of {found.runs}, p50 {middle:.1f} ms, "
        f"{found.cost.writes / found.runs:.1f} commits, "
        f"{found.cost.wal_bytes / found.runs:.0f} bytes of log, "
        f"processor ms a run: {spent}; machine {machine_load()['load_1m']}"
    )


def _peer(name: str, measure: Callable[[], Pace], findings: Findings) -> None:
    if name in findings.missing:
        return
    try:
        pace = measure()
    except Absent as reason:
        findings.missing[name] = str(reason)
        tell(f"{name}: not measured: {reason}")
        return
    findings.peers[name].append(pace)
    if name == "dbos":
        _compare(name, findings)
    tell(f"{name}: {pace.runs_per_s:.1f} runs/s, p50 {quantile(pace.latencies_ms, 0.5):.1f} ms")


def _compare(name: str, findings: Findings) -> None:
    """Ours, measured last, to the peer's, measured last: one of the two has just been."""
    if findings.peers[name]:
        findings.ratios[name].append(findings.ours[-1].runs_per_s / findings.peers[name][-1].runs_per_s)


def _faults(premises: Premises, plan: Plan, findings: Findings) -> None:
    seconds, orphans = resume_median(premises, plan)
    findings.figures |= {"lease_s": plan.lease, "resume_median_s": seconds}
    tell(f"kill -9: {orphans} orphans moved again after {seconds:.2f} s (median), lease {plan.lease:g} s")
    seconds, handed = handover_median(premises, plan)
    findings.figures["sigterm_handover_s"] = seconds
    tell(f"SIGTERM: {handed} runs moved again elsewhere after {seconds:.2f} s (median)")


def _map(premises: Premises, plan: Plan, findings: Findings) -> None:
    found = fan_out(premises, plan)
    findings.figures |= {
        "map_items": found.items,
        "map_items_per_s": found.items / found.seconds,
        "map_memory_mb": found.growth_mb,
    }
    tell(f"map: {found.items} items in {found.seconds:.1f} s, {found.growth_mb:.1f} MB more at the peak")


def _growth(premises: Premises, plan: Plan, findings: Findings, *, keep: bool) -> None:
    found = growth(premises, plan, keep=keep)
    findings.figures["growth_ratio_1m"] = found.ratio
    findings.facts |= {"history": found.inserted, "growth_after_checkpoint": _rounded(found.first_ratio)}
    for turn in found.turns:
        tell(
            f"growth: {turn.grown.steady:.1f} runs/s with {plan.history} finished runs and "
            f"{turn.empty.steady:.1f} without; just after a checkpoint {turn.grown.first:.1f} and "
            f"{turn.empty.first:.1f}"
        )


def _commit() -> str:
    asked = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def _rounded(value: float) -> float:
    return round(value, DIGITS)
