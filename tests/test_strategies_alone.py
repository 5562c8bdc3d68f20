"""What a run sends that asks one near miss of each requirement breaks that requirement alone."""

from pathlib import Path

import pytest

from run.cases import limited, near_misses
from spec.contract import Contract
from spec.paths import ELEMENT
from strategies.invalid import PayloadCase
from tests.exchanges import CONTRACT
from tests.invoices import ANYWHERE, complaints
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts


def _strict(parts: Parts) -> None:
    parts.request["additionalProperties"] = parts.item["additionalProperties"] = False


def _texts_besides(parts: Parts) -> None:
    parts.request["additionalProperties"] = {"type": "string", "maxLength": 5}


def _currency(parts: Parts) -> None:
    parts.add("currency", {"type": "string", "enum": ["USD", "EUR"]}, required=False)


VERSIONS = {
    "no other properties": Alteration(_strict, "body.additionalProperties"),
    "short texts besides": Alteration(_texts_besides, "body.additionalProperties"),
    "an optional currency": Alteration(_currency, "currency.enum"),
    "one of two objects by its kind": ALTERATIONS["one of two objects by its kind"],
}


@pytest.fixture(scope="module", params=["today", *VERSIONS])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """Today's document, and versions of it."""
    name = request.param
    return CONTRACT if name == "today" else VERSIONS[name].load(tmp_path_factory.mktemp("new"))


def _first_of_each(loaded: Contract) -> dict[str, PayloadCase]:
    return {one.name: one.few(1).cases[0] for one in near_misses(loaded, ANYWHERE)}


def test_a_smoke_run_breaks_each_requirement_alone(loaded: Contract) -> None:
    """Also where a value may break the type besides, or a name what is said of other properties."""
    first = _first_of_each(loaded)
    assert first.keys() == {one.name for one in loaded.body_requirements}
    for name, case in first.items():
        assert len(complaints(loaded.request_schema, case.payload)) == 1, (name, case.name)


def test_all_near_misses_are_asked_where_there_is_no_limit() -> None:
    """In the order in which they are made: only a run of few cases has another one."""
    groups = near_misses(CONTRACT, ANYWHERE)
    assert limited(groups, None) == groups


def _priced(parts: Parts) -> None:
    net = {"type": "object", "required": ["days"], "properties": {"days": _DAYS}}
    deposit = {"type": "object", "required": ["share"], "properties": {"share": _SHARE}}
    parts.add("terms", {"oneOf": [net, deposit]})
    parts.item["properties"]["terms"] = {"oneOf": [net, deposit]}


_DAYS = {"type": "integer", "minimum": 1, "maximum": 120}
_SHARE = {"type": "string", "pattern": "^[0-9]{1,3}%$", "maxLength": 4}


def test_a_limit_within_each_branch_of_a_choice_is_just_broken(tmp_path: Path) -> None:
    """So that a server that forgets it is caught, wherever the choice is."""
    loaded = Alteration(_priced, "terms.oneOf").load(tmp_path)
    for path in (("terms",), ("items", ELEMENT, "terms")):
        groups = near_misses(loaded, ANYWHERE)
        (group,) = (
            one
            for one in groups
            if (one.requirement.path, one.requirement.keyword) == (path, "oneOf")
        )
        sent = [
            case.payload["terms"] if len(path) == 1 else one.get("terms")
            for case in group.cases
            for one in case.payload["items"]
        ]
        assert {"days": 0} in sent
        assert {"days": 121} in sent
        assert any(isinstance(one, dict) and str(one.get("share")).endswith("%\n") for one in sent)


_SHORT = {"type": "string", "maxLength": 4}


def _layered(parts: Parts) -> None:
    inner = {"oneOf": [_DAYS, {"type": "string", "enum": ["NONE"]}]}
    lines = {"type": "array", "items": {"type": "object", "properties": {"share": _SHORT}}}
    whole = {"type": "object", "required": ["days"], "properties": {"days": inner, "lines": lines}}
    parts.add("terms", {"anyOf": [whole, {"type": "string", "maxLength": 9}]})
    parts.add("labels", {"type": "object", "additionalProperties": _SHORT}, required=False)


def test_a_smoke_run_breaks_each_limit_within_a_requirement_once(tmp_path: Path) -> None:
    """Also in a part of a branch, in an element there, in a choice there, and in a map."""
    loaded = Alteration(_layered, "terms.anyOf").load(tmp_path)
    groups = {one.name: one.few(1) for one in near_misses(loaded, ANYWHERE)}
    terms, labels = groups["terms.anyOf"].cases, groups["labels.additionalProperties"].cases
    for cases in (terms, labels):
        assert len({case.limits for case in cases}) == len(cases)
    sent = [case.payload["terms"] for case in terms]
    days = [one["days"] for one in sent if isinstance(one, dict) and "days" in one]
    assert {one < 1 for one in days if type(one) is int and not 1 <= one <= 120} == {True, False}
    lines = [one["lines"] for one in sent if isinstance(one, dict)]
    elements = [one[0] for one in lines if isinstance(one, list) and one]
    assert any(len(str(line["share"])) > 4 for line in elements if isinstance(line, dict))
    assert any(isinstance(one, str) and len(one) == 10 for one in sent)
    texts = [[*case.payload["labels"].values()][-1] for case in labels]
    assert any(isinstance(text, str) and len(text) > 4 for text in texts)
    assert any(not isinstance(text, str) for text in texts)


def test_a_smoke_run_asks_a_requirement_that_holds_no_schemas_once() -> None:
    """Today's document has no choice, so that its smoke run is as short as it was."""
    groups = near_misses(CONTRACT, ANYWHERE)
    assert all(len(group.few(1).cases) == 1 for group in groups)
