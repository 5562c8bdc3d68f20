"""The reference with five faults, as an example for reports; `python -m tests.faulty` serves it."""

import signal
from dataclasses import replace
from typing import Any

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


def main() -> None:
    """Serve until stopped, and print the command that judges the server."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with server(FAULTY) as url:
        words = ["pytest", "suites", "--base-url", url, *ORDER]
        print(f"WIZCOMMERCE_API_KEY={KEY}", *words, flush=True)  # noqa: T201 - the line to paste
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
