"""A contest as it might go: tries, their verdicts, the end."""

from typing import Any

from scoreboard.sports.problems.facts import (
    Ended,
    Finalized,
    Judged,
    Judging,
    Started,
    Submitted,
)
from scoreboard.sports.problems.rules import ProblemsParams
from scoreboard.sports.simulating import Chance, Sayings, in_order

MINUTE_MS = 60_000
JUDGING_MS, VERDICT_MS = 5_000, 25_000
TRIED, SOLVED = 0.8, 0.5  # of problems, of tries
TRIES_MAX = 4


def contest(field: list[str], rules: ProblemsParams, chance: Chance) -> Sayings:
    """All that is handed in, in time, and how it is judged."""
    end_s = rules.duration_min * 60.0
    yield 0.0, Started()
    yield from in_order(_tries(field, rules, chance))
    late_s = end_s + VERDICT_MS / 1_000
    yield late_s, Ended()
    yield late_s + 60, Finalized()


def _tries(field: list[str], rules: ProblemsParams, chance: Chance) -> Sayings:
    solving = [name for name, verdict in rules.verdicts.items() if verdict.solved]
    rejecting = [name for name, verdict in rules.verdicts.items() if not verdict.solved]
    length_ms = rules.duration_min * MINUTE_MS
    number = 0
    for entrant in field:
        skill = chance.uniform(0.5, 1.2)
        for problem in rules.problems:
            at = chance.randint(length_ms // 30, length_ms - 1)
            tries = TRIES_MAX if chance.random() < TRIED * skill else 0
            for _ in range(tries):
                if at >= length_ms:
                    break
                number += 1
                of: dict[str, Any] = {"entrant": entrant, "problem": problem.id}
                of |= {"submission": f"s{number}", "submitted_ms": at}
                good = bool(solving) and (not rejecting or chance.random() < SOLVED * skill)
                verdict = chance.choice(solving if good else rejecting)
                begun: dict[str, Any] = {"judgement": f"j{number}", "started_ms": at + JUDGING_MS}
                yield at / 1_000, Submitted(**of)
                yield (at + JUDGING_MS) / 1_000, Judging(**of, **begun)
                yield (at + VERDICT_MS) / 1_000, Judged(**of, **begun, verdict=verdict)
                if good:
                    break
                at += chance.randint(2, 15) * MINUTE_MS
