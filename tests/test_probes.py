"""The file of probes: what it may contain, and the bodies made from it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from causes.kinds.writing import numbers_written
from spec import probes
from spec.contract import PLACEHOLDER, TargetFacts
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.probes import Probe
from spec.yamlfile import FileError
from strategies.invoice import plain_invoice
from strategies.unspecified.probes import probe_body
from tests.invoices import ANYWHERE, CONTRACT, TARGETS, broken
from tests.test_strategies_valid import invalid

PROBES = probes.load()
BY_NAME = {probe.name: probe for probe in PROBES}
INVISIBLE_TO_A_SCHEMA = {
    "quantity 1.0",
    "quantity 1e2",
    "duplicate key",
    "duplicate key in an item",
    "byte order mark",
    "the same invoice twice",
}
"""Probes about the bytes or the order of requests, not about the payload."""


def write(folder: Path, text: str) -> Path:
    """A probes file with this content."""
    path = folder / "probes.yaml"
    path.write_text(text)
    return path


def exact(text: str) -> int | Decimal:
    """A number without loss; a whole one as an integer, as a lenient parser reads it."""
    number = Decimal(text)
    if number.adjusted() > 1000:  # Python writes no such integer into a message; no double holds it
        return 10**400
    return int(number) if number == number.to_integral_value() else number


def test_there_are_about_sixty_named_questions() -> None:
    """Each question ends in a question mark and is asked once."""
    assert 55 <= len(PROBES) <= 65
    assert len({probe.question for probe in PROBES}) == len(PROBES)
    assert all(probe.question.endswith("?") for probe in PROBES)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_probe_keeps_the_document_and_breaks_the_reading(probe: Probe) -> None:
    """Neither a 201 nor a 400 is then a violation; only a changed answer is drift."""
    sent = probe_body(CONTRACT, ANYWHERE, probe).removeprefix(b"\xef\xbb\xbf")
    payload = json.loads(sent, parse_float=exact, parse_int=exact)
    assert broken(payload) == set()
    assert probe.name in INVISIBLE_TO_A_SCHEMA or invalid(payload, ANYWHERE)


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_every_probe_has_a_stamped_body_at_every_target(facts: TargetFacts) -> None:
    """Whatever is known of a target, each probe has a body."""
    for probe in PROBES:
        assert PLACEHOLDER.encode() in probe_body(CONTRACT, facts, probe), probe.name


SENT = (("Content-Type", "application/json"), ("X-API-Key", ANYWHERE.key or ""))
VERBATIM = {
    "quantity 1.0": b'"quantity":1.0,',
    "quantity 1e2": b'"quantity":1e2,',
    "total 1e400": b'"total_amount":1e400,',
    "total of 5000 digits": b'"total_amount":' + b"9" * 5000 + b",",
    "NUL": rb'"a\u0000b"',
    "lone surrogate": rb'"a\ud800b"',
    "duplicate key": b'"remarks":"the first","remarks":"the second"',
    "deep nesting": b'"nested":' + b"[" * 60 + b"]" * 60,
    "__proto__": b'"__proto__":{',
}


@pytest.mark.parametrize("name", VERBATIM)
def test_verbatim_text_is_sent_unchanged(name: str) -> None:
    """JSON text that no library writes reaches the body as the file has it."""
    assert VERBATIM[name] in probe_body(CONTRACT, ANYWHERE, BY_NAME[name])


def test_a_number_has_more_digits_than_python_reads_and_less_than_a_body_may_have() -> None:
    """Either answer is right, but for a server error; what comes back of it is not judged."""
    body = probe_body(CONTRACT, ANYWHERE, BY_NAME["total of 5000 digits"])
    with pytest.raises(ValueError, match="Exceeds the limit"):
        json.loads(body)
    assert len(body) < 2**14
    request = Request("POST", PATH, SENT, body)
    expected = expect(CONTRACT, ANYWHERE, request)
    assert expected.expectation is Expectation.UNSPECIFIED
    assert {201, 400} <= expected.statuses
    assert all(status < 500 for status in expected.statuses)


def test_a_byte_order_mark_comes_first() -> None:
    """It precedes the invoice."""
    assert probe_body(CONTRACT, ANYWHERE, BY_NAME["byte order mark"]).startswith(b"\xef\xbb\xbf{")


def test_a_thousand_items_have_distinct_references() -> None:
    """Only their number is unspecified."""
    items = json.loads(probe_body(CONTRACT, ANYWHERE, BY_NAME["a thousand items"]))["items"]
    assert len({item["reference_id"] for item in items}) == 1000


def test_sums_agree_with_what_a_probe_changes() -> None:
    """A changed quantity changes the total, unless the probe changes the total itself."""
    payload = json.loads(probe_body(CONTRACT, ANYWHERE, BY_NAME["quantity 1e2"]))
    assert payload["total_amount"] == 449.5 * 100 + 99.95 + 235
    assert json.loads(probe_body(CONTRACT, ANYWHERE, BY_NAME["wrong total"]))["total_amount"] == 1


def test_a_cause_is_looked_for_in_a_number_that_python_does_not_read() -> None:
    """It is no other writing of the usual one, and no error."""
    body = probe_body(CONTRACT, ANYWHERE, BY_NAME["total of 5000 digits"])
    assert [*numbers_written(body, plain_invoice(CONTRACT, ANYWHERE))] == []


def test_the_same_invoice_is_sent_twice() -> None:
    """Only one probe sends a second request."""
    assert {probe.name for probe in PROBES if probe.send == 2} == {"the same invoice twice"}


def test_every_action_does_what_it_says(tmp_path: Path) -> None:
    """Set, set verbatim, remove, repeat and prefix work, also with escaped pointers."""
    text = """
    probes:
      - name: all of it
        question: Does it work?
        changes:
          - {set: /a~1b, to: [1]}
          - {set: /items/1/sku, verbatim: '"\\u0041"'}
          - {remove: /remarks}
          - {repeat: /items, times: 5}
          - {prefix: '20'}
    """
    sent = probe_body(CONTRACT, ANYWHERE, probes.load(write(tmp_path, text))[0])
    payload = json.loads(sent)
    assert sent.startswith(b" {")
    assert rb'"sku":"\u0041"' in sent
    assert payload["a/b"] == [1]
    assert "remarks" not in payload
    assert len(payload["items"]) == 5


ONE = "probes:\n  - name: a\n    question: Is it?\n    changes:\n      - "
MALFORMED = {
    "no list": ("probes: 1", ":1: needs a list 'probes'"),
    "no mapping": ("- 1", ":1: needs a list 'probes'"),
    "an empty list": ("probes: []", ":1: needs a list 'probes'"),
    "no YAML": ("probes: [", ": is not valid YAML"),
    "a word for a probe": ("probes:\n  - word", ":2: #/probes/0: a probe is a mapping"),
    "no name": (
        "probes:\n  - question: Is it?\n    changes: []",
        ":2: #/probes/0: a probe needs a 'name'",
    ),
    "no question": (
        "probes:\n  - name: a\n    changes: []",
        ":2: #/probes/0: a probe needs a 'question'",
    ),
    "no changes": (
        "probes:\n  - name: a\n    question: Is it?",
        ":2: #/probes/0: a probe needs a list",
    ),
    "an unknown field": (
        f"{ONE}{{remove: /a}}\n    colour: red",
        ":6: #/probes/0/colour: a probe has no field 'colour'",
    ),
    "sent no times": (
        f"{ONE}{{remove: /a}}\n    send: 0",
        ":6: #/probes/0/send: 'send' is a number",
    ),
    "sent true times": (
        f"{ONE}{{remove: /a}}\n    send: true",
        ":6: #/probes/0/send: 'send' is a number",
    ),
    "an unknown action": (
        f"{ONE}{{delete: /a}}",
        ":5: #/probes/0/changes/0: a change is exactly one of set, remove",
    ),
    "two actions": (
        f"{ONE}{{set: /a, to: 1, remove: /b}}",
        ":5: #/probes/0/changes/0: a change is exactly one of set",
    ),
    "no value": (f"{ONE}{{set: /a}}", ":5: #/probes/0/changes/0: 'set' goes with to or verbatim"),
    "two values": (
        f"{ONE}{{set: /a, to: 1, verbatim: '1'}}",
        ":5: #/probes/0/changes/0: 'set' goes with to or verbatim",
    ),
    "too much": (
        f"{ONE}{{remove: /a, to: 1}}",
        ":5: #/probes/0/changes/0: 'remove' goes with nothing",
    ),
    "no pointer": (
        f"{ONE}{{remove: a}}",
        ":5: #/probes/0/changes/0: 'remove' takes a JSON pointer",
    ),
    "a number verbatim": (
        f"{ONE}{{set: /a, verbatim: 1}}",
        ":5: #/probes/0/changes/0: 'verbatim' is JSON text",
    ),
    "a bare prefix": (
        f"{ONE}{{prefix: 12}}",
        ":5: #/probes/0/changes/0: 'prefix' is bytes in hexadecimal",
    ),
    "no hexadecimal": (
        f"{ONE}{{prefix: xy}}",
        ":5: #/probes/0/changes/0: 'prefix' is bytes in hexadecimal",
    ),
    "never": (
        f"{ONE}{{repeat: /items, times: 0}}",
        ":5: #/probes/0/changes/0: 'times' is a number from 1",
    ),
    "without end": (
        f"{ONE}{{repeat: /items, times: 9999999}}",
        ":5: #/probes/0/changes/0: 'times' is a number from 1",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    """The message begins with file and line and is one line."""
    text, sentence = MALFORMED[name]
    path = write(tmp_path, text)
    with pytest.raises(FileError) as error:
        probes.load(path)
    assert str(error.value).startswith(str(path))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_two_probes_of_one_name_are_refused(tmp_path: Path) -> None:
    """The message gives the line of the other one."""
    one = "  - {name: a, question: Is it?, changes: []}\n"
    with pytest.raises(
        FileError, match=r":3: #/probes/1: the name 'a' is taken by the probe on line 2"
    ):
        probes.load(write(tmp_path, f"probes:\n{one}{one}"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A missing file gives a message, not a traceback."""
    with pytest.raises(FileError, match=r"none\.yaml: cannot be read"):
        probes.load(tmp_path / "none.yaml")


@pytest.mark.parametrize("change", ["{set: /items/9/sku, to: 1}", "{repeat: /url, times: 2}"])
def test_a_pointer_outside_the_invoice_is_named(change: str, tmp_path: Path) -> None:
    """The message has the probe, its line and the pointer."""
    probe = probes.load(write(tmp_path, ONE + change))[0]
    with pytest.raises(FileError, match=r":2: the probe 'a' changes /(items/9/sku|url), which the"):
        probe_body(CONTRACT, ANYWHERE, probe)


def test_the_dates_beside_what_is_asked_have_an_offset(tmp_path: Path) -> None:
    """A server may leave out the offset of each where one date has none: then it shows."""
    change = "{set: /due_date, to: '2031-01-02T03:04:05'}"
    probe = probes.load(write(tmp_path, ONE + change))[0]
    sent = json.loads(probe_body(CONTRACT, ANYWHERE, probe))
    assert sent["created_at"].endswith("+05:30")
    assert sent["updated_at"].endswith("+05:30")
