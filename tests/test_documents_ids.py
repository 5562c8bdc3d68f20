"""A version whose ids are no UUIDs: its own words count, and the reading is passed over."""

from pathlib import Path

import pytest

from run.notes import notes_of
from tests.exchanges import CONTRACT, answer_to, invoice
from tests.versions.edited import judged
from tests.versions.parts import Alteration, Parts, Schema

PREFIXED = "inv_01f5d171d3e34b2bbd570727"
UUID = "01f5d171-d3e3-4b2b-bd57-0727194b5bed"
OTHERS: dict[str, tuple[Schema, str]] = {
    "a pattern": ({"pattern": "^inv_[0-9a-z]{24}$", "example": PREFIXED}, PREFIXED),
    "a pattern alone": ({"pattern": "^inv_[0-9a-z]{24}$"}, PREFIXED),
    "a length": ({"maxLength": 28}, PREFIXED),
    "an example": ({"example": "01JABCDEFGHJKMNPQRSTVWXYZ0"}, "01JABCDEFGHJKMNPQRSTVWXYZ1"),
    "another format": ({"format": "ulid", "example": "01JABCDEFGHJKMNPQRSTVWXYZ0"}, "01J"),
}
SAME: dict[str, Schema] = {
    "no example": {},
    "an example": {"example": UUID},
    "a pattern": {"pattern": "^[0-9a-f-]{36}$"},
    "a format": {"format": "uuid"},
}


def _with_ids(schema: Schema) -> Alteration:
    def edit(parts: Parts) -> None:
        for each in (parts.answer, parts.schema("dtos.InvoiceItemResponse")):
            each["properties"]["id"] = {"type": "string", **schema}

    return Alteration(edit)


def _broken(version: Alteration, id_: str, folder: Path) -> set[str]:
    payload, loaded = invoice(), version.load(folder)
    answer = answer_to(payload)
    for number, each in enumerate((answer["data"], *answer["data"]["items"])):
        each["id"] = f"{id_[:-1]}{number}"
    return {one.requirement.name for one in judged(loaded, payload, answer).violations}


@pytest.mark.parametrize("name", OTHERS)
def test_an_id_that_a_version_describes_otherwise_need_not_be_a_uuid(
    name: str, tmp_path: Path
) -> None:
    """A line above the run says so, with both places."""
    schema, id_ = OTHERS[name]
    assert _broken(_with_ids(schema), id_, tmp_path) == set()
    notes = [each for each in notes_of(_with_ids(schema).load(tmp_path)) if "passed over f" in each]
    assert len(notes) == (0 if "format" in schema else 2)
    for each in notes:
        assert each.startswith("reading: passed over format uuid (")
        assert "reading.yaml:" in each
        assert "/properties/id " in each


def test_an_id_that_breaks_the_pattern_of_a_version_is_a_violation(tmp_path: Path) -> None:
    """Also where it is a UUID, as those of today's server are."""
    broken = _broken(_with_ids(OTHERS["a pattern"][0]), UUID, tmp_path)
    assert broken == {"201.data.id.pattern", "201.data.items[].id.pattern"}


@pytest.mark.parametrize("name", SAME)
def test_an_id_that_may_be_a_uuid_should_be_one(name: str, tmp_path: Path) -> None:
    """As the reading says of today's document."""
    assert _broken(_with_ids(SAME[name]), UUID, tmp_path) == set()
    broken = _broken(_with_ids(SAME[name]), PREFIXED, tmp_path)
    assert broken >= {"201.data.id.format", "201.data.items[].id.format"}
    assert CONTRACT.overridden == ()
