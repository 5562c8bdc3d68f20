"""The reference with five faults, twice, as examples for reports.

`python -m tests.faulty` serves the first.
"""

import argparse
import signal
import sys
import threading
from dataclasses import replace
from typing import Any

import strategies  # noqa: F401 # it says what this Python lacks
from reference.refusal import Problem, Refusal
from reference.service import Steps
from tests.running import KEY, ORDER, server

VALID = Steps()


def parse(body: bytes) -> Any:
    """Crashes on an overpaid invoice."""
    payload = VALID.parse(body)
    if isinstance(payload, dict) and payload.get("status") == "OVERPAID":
        raise ZeroDivisionError
    return payload


def takes_any_sku(payload: Any) -> tuple[Problem, ...]:
    """Forgets the limit of a sku."""
    return tuple(
        problem
        for problem in VALID.check(payload)
        if (problem.location[-1:], problem.kind) != (("sku",), "string_too_long")
    )


def check(payload: Any) -> tuple[Problem, ...]:
    """Accepts any sku, and treats a paid amount of zero as missing."""
    problems = takes_any_sku(payload)
    if isinstance(payload, dict) and payload.get("paid_amount") == 0:
        problems += (Problem(("paid_amount",), "missing", "Field required"),)
    return problems


def render(payload: Any) -> dict[str, Any]:
    """Strips the remarks."""
    data = VALID.render(payload)
    return {**data, "remarks": data["remarks"].strip()} if "remarks" in data else data


def explain(refusal: Refusal) -> dict[str, Any]:
    """Forgets the code of an error."""
    return {name: value for name, value in VALID.explain(refusal).items() if name != "code"}


ASKED = "sku or remarks or enum or paid_amount or probe"
"""The tests that find all five faults, for pytest's -k."""
FAULTY = replace(VALID, parse=parse, check=check, render=render, explain=explain)


def checks_few_skus(payload: Any) -> tuple[Problem, ...]:
    """Limits the sku of the first two items only, and takes nothing paid for nothing sent."""
    problems = tuple(
        problem
        for problem in VALID.check(payload)
        if problem.location[2:] != ("sku",)
        or problem.kind != "string_too_long"
        or int(problem.location[1]) < 2
    )
    if isinstance(payload, dict) and payload.get("paid_amount") == 0:
        problems += (Problem(("paid_amount",), "greater_than", "must be greater than 0"),)
    return problems


def render_sorted(payload: Any) -> dict[str, Any]:
    """Strips the remarks, and sorts more than twenty items."""
    data = render(payload)
    if len(data["items"]) > 20:
        data = {**data, "items": sorted(data["items"], key=lambda item: item["reference_id"])}
    return data


def explain_otherwise(refusal: Refusal) -> dict[str, Any]:
    """A gateway in front answers to a wrong key."""
    return {"error": "Unauthorized"} if refusal.status == 401 else VALID.explain(refusal)


SUBTLE = replace(VALID, check=checks_few_skus, render=render_sorted, explain=explain_otherwise)
"""Five faults that each show in many tests."""


def main(arguments: list[str]) -> None:
    """Serve until stopped, and print the command that judges the server."""
    argparse.ArgumentParser(prog="python -m tests.faulty", description=main.__doc__).parse_args(
        arguments
    )
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with server(FAULTY) as url:
        words = ["pytest", "suites", "--base-url", url, *ORDER]
        print(f"WIZCOMMERCE_API_KEY={KEY}", *words, flush=True)  # noqa: T201 - the line to paste
        while not stopped.wait(0.5):
            pass  # without a limit, Windows would not see Ctrl-C meanwhile


if __name__ == "__main__":
    main(sys.argv[1:])
