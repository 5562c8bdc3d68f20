"""How long answers take, by what is expected of their requests: news, and never a verdict."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spec.violation import counted

FEWEST = 20
"""Answers of a kind from which on its times say something."""
SLOWER = 1.4
"""The ratio of both the medians and the slow ones from which on a kind is called slower or, the
other way round, faster: one alone comes with the load of a machine."""
MUCH = 2.0
"""The ratio of the medians from which on the slow ones need only not say the opposite."""
LEAST = 20.0
"""Milliseconds between the medians, under which a server is no slower for anybody: on a local one
they are the load of the machine."""
PERCENT = 95
SLOW = 1.0
"""Seconds from which on an answer is slow: a gate waits for two thousand."""
LONG = 30.0
"""Seconds that slow answers of one status cost a run, from which on a reader is told at its end."""


def bucket(kind: str, seconds: float) -> str:
    """The kind and the milliseconds in two digits, so that all times of a run are few."""
    milliseconds = max(seconds * 1000, 0.1)
    digits = 1 - math.floor(math.log10(milliseconds))
    return f"{kind} {round(milliseconds, digits):g}"


def summary(times: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """The number of answers, their median and 95th percentile in milliseconds, by kind."""
    kinds = defaultdict[str, Counter[float]](Counter)
    for key, count in times.items():
        kind, _, milliseconds = key.rpartition(" ")
        kinds[kind][float(milliseconds)] += count
    return {
        kind: {
            "answers": found.total(),
            "median": _percentile(found, 50),
            "p95": _percentile(found, PERCENT),
        }
        for kind, found in sorted(kinds.items())
    }


@dataclass(frozen=True, slots=True)
class Slow:
    """The slow answers of one status: how many, the median and the sum in seconds."""

    status: str
    answers: int
    median: float
    seconds: float

    def told(self, at_once: int, profile: str) -> str:
        """What they cost a run with so many requests at once, and what to do, in a sentence."""
        answers = f"{counted(self.answers, 'answer')} with {self.status}"
        return (
            f"{answers} took {self.median:.1f} s each (median), "
            f"at least {self.seconds / at_once:.0f} s of the run, which no requirement forbids. "
            f"{shorter(at_once, profile)}"
        )


def slow_ones(times: Mapping[str, int]) -> list[Slow]:
    """The slow answers by status, what costs most first; `times` are counts by `bucket`."""
    found = []
    for status, of_it in summary(times).items():
        listed = [(key.rpartition(" "), count) for key, count in times.items()]
        spent = sum(float(ms) * count for (kind, _, ms), count in listed if kind == status)
        found.append(Slow(status, int(of_it["answers"]), of_it["median"] / 1000, spent / 1000))
    return sorted(found, key=lambda each: -each.seconds)


def shorter(at_once: int, profile: str) -> str:
    """How to make a run shorter that waits for answers, in a sentence."""
    smaller = " or --hypothesis-profile smoke" if profile != "smoke" else ""
    return f"A higher --concurrency (it is {at_once}){smaller} makes a run shorter."


def slow_told(times: Mapping[str, int], at_once: int, profile: str) -> list[str]:
    """A sentence on each status whose slow answers cost a run long."""
    found = (each for each in slow_ones(times) if each.seconds / at_once >= LONG)
    return [each.told(at_once, profile) for each in found]


def news(
    old: Mapping[str, Mapping[str, float]], new: Mapping[str, Mapping[str, float]]
) -> Iterator[str]:
    """A sentence for each kind that has become much slower or faster."""
    for kind, now in new.items():
        before = old.get(kind)
        if before is None or min(before["answers"], now["answers"]) < FEWEST:
            continue
        ratio, far = now["median"] / before["median"], now["p95"] / before["p95"]
        if abs(now["median"] - before["median"]) < LEAST:
            continue
        slower = min(ratio, far) >= SLOWER or (ratio >= MUCH and far >= 1)
        faster = max(ratio, far) <= 1 / SLOWER or (ratio <= 1 / MUCH and far <= 1)
        if slower or faster:
            word = "slower" if ratio > 1 else "faster"
            yield (
                f"{WORDS.get(kind, kind)}: {word}, the median x {ratio:.1f} "
                f"({before['median']:g} ms, now {now['median']:g} ms), "
                f"the {PERCENT}th percentile x {far:.1f}"
            )


def checked(times: Any) -> dict[str, dict[str, float]]:
    """Times from a file, if `summary` may have made them. Raises ValueError if not."""
    try:
        found = {
            kind: {each: float(of_kind[each]) for each in ("answers", "median", "p95")}
            for kind, of_kind in times.items()
        }
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"they are not response times ({error!r}).") from None
    if not all(0 < each < math.inf for of_kind in found.values() for each in of_kind.values()):
        raise ValueError("they are not response times.")
    return found


WORDS = {
    "ACCEPT": "answers to valid requests",
    "REJECT": "answers to invalid requests",
    "UNSPECIFIED": "answers to unspecified requests",
}
"""What a kind is called."""


def _percentile(found: Counter[float], percent: int) -> float:
    """The smallest time that so many percent of the answers do not exceed."""
    needed, seen = found.total() * percent / 100, 0
    for milliseconds, count in sorted(found.items()):
        seen += count
        if seen >= needed:
            return milliseconds
    raise ValueError("no response time was measured")
