"""Small records of runs, valid by `run.schema.json`."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from reports.record import VERSION


def requirement(name: str, verdict: str) -> dict[str, Any]:
    """A requirement and the verdict on it."""
    texts = dict.fromkeys(("part", "keyword", "file", "pointer"), "")
    numbers = dict.fromkeys(("line", "observed", "edges"), 0)
    nulls = dict.fromkeys(("operand", "proven", "waiver"))
    return {"name": name, "level": "MUST", "verdict": verdict, **texts, **numbers, **nulls}


def cause(name: str, **said: Any) -> Any:
    """A finding under a requirement."""
    names = ("answer", "code", "detail", "difference", "accepted", "refused", "place", "exchange")
    return {
        **dict.fromkeys((*names, "where", "file", "expected", "got"), ""),
        "line": 1,
        "alike": [],
        "answers": [],
        "id": "0123abcd",
        "requirement": name,
        "level": "MUST",
        "category": "Echo mismatch",
        "headline": name,
        "verdict": "broken",
        "status": 201,
        "also": [],
        "tests": [f"test of {name}"],
        "times": 1,
        "waived": False,
        **said,
    }


def occurrence(name: str, test: str, **said: Any) -> dict[str, Any]:
    """Violations of a requirement in a test."""
    texts = ("category", "where", "place", "expected", "got", "headline", "exchange", "finding")
    known = {"requirement": name, "level": "MUST", "test": test, "waived": False, "times": 1}
    return {**dict.fromkeys(texts, ""), **known, **said}


def case(name: str, outcome: str) -> dict[str, Any]:
    """A test and how it ended."""
    numbers = dict.fromkeys(("started", "seconds", "requests"), 0)
    texts = {"title": "", "message": ""}
    return {
        "id": name,
        "outcome": outcome,
        "requirement": None,
        "findings": [],
        "blocked": False,
        **texts,
        **numbers,
    }


def run(profile: str = "gate", level: str = "SHOULD") -> dict[str, Any]:
    """What was run."""
    return {
        "suite_version": "0",
        "stamp": "IC-00000000",
        "started": "2025-01-01T00:00:00Z",
        "seconds": 1,
        "profile": profile,
        "level": level,
        "seed": None,
        "complete": True,
        "exit_status": 0,
        "outcome": "",
        "doubts": [],
    }


def record(**parts: Any) -> Any:
    """A record with these parts; the others are those of a run that found nothing."""
    variables = {"key_variable": "WIZCOMMERCE_API_KEY", "forbidden_key_variable": "WIZCOMMERCE_X"}
    return {
        "format": {"name": "invoice-conformance-run", "version": VERSION},
        "run": run(),
        "target": {
            "name": "staging",
            "base_url": "https://staging.example",
            "embedded": False,
            **variables,
            "order_ids": [],
            "order_created_at": None,
        },
        "document": {"file": "", "title": "", "version": "", "sha256": "0" * 64},
        "reading": {"sha256": "0" * 64},
        "counts": {"requests": 0, "created": 0, "expectations": {}},
        "history": {"last_run": None, "new": [], "still": [], "fixed": [], "since": {}},
        "answers": {},
        **{
            name: []
            for name in (
                *("requirements", "findings", "occurrences"),
                *("probes", "waivers", "tests", "exchanges"),
            )
        },
        **parts,
    }


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is something in a JSON value."""
    below = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in below:
        yield (*place, name)
        if isinstance(each, dict | list):
            yield from places(each, (*place, name))


def altered(value: Any, place: tuple[Any, ...], *instead: Any) -> Any:
    """A copy with something else in a place, or with nothing there."""
    copy = deepcopy(value)
    inside = copy
    for name in place[:-1]:
        inside = inside[name]
    del inside[place[-1]]
    if instead and isinstance(inside, dict):
        inside[place[-1]] = instead[0]
    elif instead:
        inside.insert(place[-1], instead[0])
    return copy
