"""Causes as a process finds them, and the findings that are made of them."""

from typing import Any

from causes.cause import Cause
from findings import grouping
from findings.finding import Occurrence
from findings.rows import FindingRow, give_to_every, rows_of
from spec.contract import Contract
from spec.requirements import Level
from tests.exchanges import CONTRACT

AN_ECHO: dict[str, Any] = {"category": "Echo mismatch", "status": 201}


def a_cause(**fields: Any) -> Cause:
    """A cause that is like the others but for these fields."""
    usual: dict[str, Any] = {
        "category": "Refused valid input",
        "symptom": "400",
        "names": "",
        "traits": ["zero"],
        "kinds": ["number"],
        "paths": ["paid_amount"],
        "limits": [],
        "difference": ["paid_amount 0"],
        "works": "the plain invoice",
        "fails": "the same with paid_amount 0",
        "status": 400,
        "code": "",
        "detail": "",
        "field": "",
    }
    return Cause(**{**usual, **fields})


def merged(
    *found: tuple[Cause, str],
    test: str = "",
    contract: Contract = CONTRACT,
    forms: Any = None,
    waived: int = 0,
) -> list[FindingRow]:
    """The findings of these causes, each seen under a requirement; # in a test is its number. So
    many of the first are waived.
    """
    rows = [
        Occurrence(
            requirement=name,
            level="MUST",
            category=cause.category,
            where="",
            file="",
            line=1,
            place="",
            expected="201",
            got="400",
            headline=f"headline of {name}",
            test=test.replace("#", str(number)) or f"test of {name}",
            waived=number < waived,
            cause=cause.id,
            expects_201=True,
        )
        for number, (cause, name) in enumerate(found)
    ]
    causes = {cause.id: cause for cause, _ in found}
    give_to_every(rows, causes, forms or {})
    groups = grouping.grouped(contract, rows, causes, {})
    return rows_of(contract, groups, Level.SHOULD, forms or {})
