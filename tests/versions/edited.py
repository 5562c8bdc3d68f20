"""The vendor's document with some of its text replaced, and what is judged by it."""

from pathlib import Path

import pytest

from spec import contract
from spec.contract import DOCUMENT, READING, Contract
from spec.exchange import Exchange, Request
from spec.expectation import Expected, expect
from spec.operation import PATH
from spec.oracle import Oracle, Verdict
from spec.yamlfile import FileError
from tests.exchanges import ANSWERED, CONTRACT, FACTS, HEADERS, Json, encoded, request, response

Edit = tuple[str, str]
TEXT = DOCUMENT.read_text()
REMARKS = """        remarks:
          type: string
          maxLength: 255
          x-order: '10'
          example: Remarks
"""
ANSWERED_REMARKS = """        remarks:
          type: string
          x-order: '9'
          example: Remarks
"""
QUANTITY = """        quantity:
          type: integer
          x-order: '3'
"""
PAID = """        paid_amount:
          type: number
          minimum: 0
          x-order: '6'
"""
ITEMS = """            $ref: '#/components/schemas/dtos.InvoiceItemCreateRequest'
          x-order: '14'
"""
STATUS = "            - OVERPAID\n"
URL = """        url:
          type: string
          x-order: '11'
          example: https://example.com/invoice/INV-20250101
"""
SECURITY = "      security:\n        - ApiKeyAuth: []\n"


def altered(folder: Path, *edits: Edit) -> Contract:
    """The contract of the document in which each of these texts, all unique there, is replaced."""
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    path = folder / "altered.yaml"
    path.write_text(text)
    return contract.load(path, READING)


def changes(loaded: Contract) -> tuple[set[str], set[str]]:
    """The names of the requirements that an altered document adds, and of those it removes."""
    before = {requirement.name for requirement in CONTRACT.requirements}
    after = {requirement.name for requirement in loaded.requirements}
    return after - before, before - after


def expected(loaded: Contract, payload: Json) -> Expected:
    """What the altered document expects of a payload."""
    return expect(loaded, FACTS, Request("POST", PATH, HEADERS, encoded(payload)))


def broken(loaded: Contract, payload: Json) -> list[str]:
    """The names of the requirements that a payload breaks."""
    return [breach.requirement.name for breach in expected(loaded, payload).breaches]


def judged(loaded: Contract, payload: Json, answer: Json) -> Verdict:
    """The verdict on a 201 with that answer."""
    exchange = Exchange(request(payload), response(201, answer, ANSWERED), None, 0.01)
    return Oracle(loaded, FACTS).judge(exchange)


def sentence_of(path: Path = DOCUMENT, overlay: Path = READING) -> str:
    """The text of the error, which must be one sentence."""
    with pytest.raises(FileError) as raised:
        contract.load(path, overlay)
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence
