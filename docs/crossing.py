"""The table of what is sent to find servers that are wrong only here, only then, only together."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from run.cases import near_misses
from spec.answers.disclosure import FAMILIES
from spec.contract import Contract, TargetFacts
from spec.requirements import Requirement
from spec.violation import counted
from strategies import authentication, http, isolation, series
from strategies.acceptance.sizes import large_invoices
from strategies.carriers import NO_STATUS, crossed
from strategies.cases import Crowd, Series
from strategies.extras.clients import extra_ways
from strategies.extras.edges import extra_edges, extra_pairs
from strategies.extras.unknown import names_beside
from strategies.packing import Packed, packs, with_extras
from strategies.several import several_faults
from strategies.unspecified.cases import unusual_values

_RESULT = Path(__file__).parent.parent / "proof" / "result.json"

HEAD = ("class", "before", "now")

Row = tuple[str, str, str]


def rows(contract: Contract, facts: TargetFacts) -> Iterator[Row]:
    """Each class of faults with what was sent to find them before cases were crossed, and now."""
    misses = [case for group in near_misses(contract, facts) for case in group.cases]
    inside = [
        with_extras(contract, facts, case) for _, cases in packs(contract, facts) for case in cases
    ]
    used = [one.carrier for one in misses] + [one.carrier for one in inside]
    yield from _carriers(contract, [one.row for one in used if one])
    yield from _invoices(contract, inside)
    lacking = chain(
        authentication.unauthorised(contract, facts),
        authentication.nearly_right(contract, facts),
        authentication.unauthorised_in_each_way(contract, facts),
    )
    keys = len([*lacking])
    yield (
        "keys that are nearly right, in each way of sending",
        "48 requests",
        counted(keys, "request"),
    )
    yield "series, some under one stamp", "13", str(len(_series(contract, facts)))
    yield "several faults at once", "none", counted(len(several_faults(contract, facts)), "invoice")
    mixtures = [case for kind in unusual_values(contract, facts) for case in kind.cases]
    values = counted(sum(len(case.values) for case in mixtures), "value")
    yield (
        "unusual values",
        "4 of 26 texts, 5 of 38 dates, 3 of 27 URLs, 4 of 19 amounts, 5 of 36 names",
        f"{values} in {counted(len(mixtures), 'invoice')}: each at each property of its type",
    )
    sizes = [len(case.body) for case in large_invoices(contract, facts)]
    yield (
        "size of valid bodies",
        "11,704 bytes at most",
        f"{len(sizes)} of {min(sizes):,} to {counted(max(sizes), 'byte')}, every number of items",
    )
    requirements = contract.body_requirements
    extras = sum(map(len, (_extras(contract, facts, each) for each in requirements)))
    yield (
        "values that servers get wrong",
        "none as extras",
        counted(extras, "extra of valid invoices", "extras of valid invoices"),
    )
    yield "what is accepted although open", "not compared", "compared but for what is unspecified"
    ways, others = len(http.equivalent_requests(contract, facts)), len(extra_ways(contract))
    yield (
        "how other clients send",
        "8 ways",
        f"{counted(ways, 'way')}, and {others} beside other cases",
    )
    yield _beside(contract, facts)
    patterns = sum(len(family.patterns) for family in FAMILIES)
    yield (
        "insides that leak",
        "a few words",
        f"{counted(patterns, 'pattern')} of {counted(len(FAMILIES), 'family', 'families')}",
    )
    yield "order ids that are only like a known one", "1", str(len({*facts.unknown_order_ids}))
    yield "mutants under a condition", "none", _conditional()


def _carriers(contract: Contract, used: list[tuple[str, ...]]) -> Iterator[Row]:
    (pairs, every_pair), (triples, every_triple) = (
        crossed(contract, used, strength) for strength in (2, 3)
    )
    met = f"{pairs} of {counted(every_pair, 'pair')} of levels"
    met += f" and {triples} of {counted(every_triple, 'triple')} meet"
    before = "one invoice of three items, sent in one way"
    yield "carriers of near misses and edges", before, f"{len({*used})}: {met}"


def _beside(contract: Contract, facts: TargetFacts) -> Row:
    groups, met = near_misses(contract, facts), set[tuple[str, str]]()
    for group in groups:
        for case in group.cases:
            fields = case.way.fields if case.way is not None else ()
            met |= {(group.name, name.lower()) for name, _ in fields}
            met |= {(group.name, name) for name in names_beside(contract, case.unknown)}
    names = {name for _, name in met}
    every = counted(len(groups) * len(names), "pair")
    return (
        "requirements broken beside header fields and unknown properties",
        "369 pairs",
        f"{len(met):,} of {every} of a requirement and one of {counted(len(names), 'name')}",
    )


def _invoices(contract: Contract, inside: list[Packed]) -> Iterator[Row]:
    state = contract.relations.state.status
    statuses = Counter(case.payload.get(state, NO_STATUS) for case in inside)
    part = statuses[contract.relations.state.part]
    yield (
        "valid invoices of which a part is paid",
        "562 of 843",
        f"of those with edges {part} of {statuses.total()}",
    )


def _series(contract: Contract, facts: TargetFacts) -> list[Series | Crowd]:
    made: list[Series | Crowd] = []
    for source in (
        *(series.omissions, series.corrections, series.known_references, isolation.rivals),
    ):
        made += source(contract, facts)
    return made


def _extras(contract: Contract, facts: TargetFacts, requirement: Requirement) -> list[object]:
    return [
        *extra_edges(contract, facts, requirement),
        *extra_pairs(contract, facts, requirement),
    ]


def _conditional() -> str:
    proven = json.loads(_RESULT.read_text(encoding="utf-8"))["conditional"]
    return f"{proven['mutants']:,}, of which {proven['killed']:,} are killed"
