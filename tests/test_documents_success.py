"""The statuses that a version lists for the answer to a valid invoice."""

from pathlib import Path

import pytest

from run.notes import notes_of
from spec import contract
from spec.contract import Contract
from spec.diff.changes import changes
from spec.diff.standing import comparable
from spec.exchange import Exchange
from spec.oracle import Oracle
from spec.yamlfile import FileError
from tests.exchanges import ANSWERED, FACTS, Json, answer_to, invoice, request, response
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts, Schema

WHOLE, JOB = "an invoice", {"schema": {"type": "object", "properties": {"job": {"type": "string"}}}}


def _listing(**bodies: object) -> Alteration:
    """A version that lists these statuses, each with an invoice or with another body, if any."""

    def edit(parts: Parts) -> None:
        listed: Schema = parts.post["responses"]
        created = listed.pop("201")
        for name, body in bodies.items():
            other = {"description": "", **({"content": {"application/json": body}} if body else {})}
            listed[name.removeprefix("_")] = created if body == WHOLE else other

    return Alteration(edit)


def _broken(loaded: Contract, status: int, answer: Json, payload: Json | None = None) -> list[str]:
    """The names of the requirements that an answer of this status breaks."""
    sent = request(invoice() if payload is None else payload)
    exchange = Exchange(sent, response(status, answer, ANSWERED), None, 0.01)
    verdict = Oracle(loaded, FACTS).judge(exchange)
    return [one.requirement.name for one in verdict.violations]


def _lost() -> Json:
    """An answer that has lost the remarks."""
    answer = answer_to(invoice())
    del answer["data"]["remarks"]
    return answer


@pytest.mark.parametrize("status", [200, 202])
def test_another_status_alone_is_what_a_valid_invoice_gets(status: int, tmp_path: Path) -> None:
    """With all that 201 has to have; the names of requirements are those of today."""
    loaded = _listing(**{f"_{status}": WHOLE}).load(tmp_path)
    assert {one.name for one in loaded.requirements} == {
        one.name for one in contract.load().requirements
    }
    assert loaded.named("201.status").pointer.endswith(f"/{status}")
    assert f"a valid invoice gets {status}; its requirements are still called 201" in notes_of(
        loaded
    )
    assert _broken(loaded, status, answer_to(invoice())) == []
    assert _broken(loaded, status, _lost()) == ["201.data.remarks.echo"]
    assert _broken(loaded, 201, answer_to(invoice())) == ["201.status"]
    assert _broken(loaded, status, answer_to(invoice()), {}) != []


def test_two_statuses_with_an_invoice_are_both_right(tmp_path: Path) -> None:
    """And what comes back is judged in both."""
    loaded = _listing(_201=WHOLE, _200=WHOLE).load(tmp_path)
    assert "a valid invoice may also get 200" in notes_of(loaded)
    for status in (200, 201):
        assert _broken(loaded, status, answer_to(invoice())) == []
        assert _broken(loaded, status, _lost()) == ["201.data.remarks.echo"]
    assert _broken(loaded, 202, answer_to(invoice())) == ["201.status"]


@pytest.mark.parametrize("body", [None, JOB])
def test_of_another_success_without_an_invoice_only_the_status_is_judged(
    body: object, tmp_path: Path
) -> None:
    """What it has in its body is told as not judged; 201 is judged as ever."""
    loaded = _listing(_201=WHOLE, _202=body).load(tmp_path)
    assert "a valid invoice may also get 202, with any body" in notes_of(loaded)
    assert _broken(loaded, 202, {"job": "1"}) == []
    assert _broken(loaded, 201, answer_to(invoice())) == []
    assert _broken(loaded, 201, _lost()) == ["201.data.remarks.echo"]
    assert _broken(loaded, 202, {"job": "1"}, {}) != []


def test_201_alone_is_judged_as_ever() -> None:
    """Another success is none."""
    assert _broken(contract.load(), 200, answer_to(invoice())) == ["201.status"]


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ({"_204": None}, "has no 201, .*: that a valid invoice gets 204 is told by"),
        ({"_2XX": WHOLE}, "has no 201, .*: that a valid invoice gets 2XX is told by"),
        ({"_202": None}, "202: has no application/json content"),
    ],
)
def test_a_success_that_nobody_could_judge_is_one_sentence(
    statuses: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    """No run begins; the versions can be compared all the same, where there is an answer."""
    with pytest.raises(FileError, match=sentence):
        _listing(**statuses).load(tmp_path)


@pytest.mark.parametrize("name", ["200 for 201", "202 for 201"])
def test_another_status_is_told_as_one_change(name: str, tmp_path: Path) -> None:
    """Breaking: a client takes the old one for a success."""
    path = ALTERATIONS[name].write(tmp_path / "openapi.yaml")
    (was, old), (now, new) = comparable(contract.DOCUMENT), comparable(path)
    (told,) = changes(was, now, (old, new))
    assert (told.requirement, told.old, told.new) == ("201.status", "201", name[:3])
    assert told.breaking
