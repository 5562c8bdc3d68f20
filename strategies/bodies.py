"""Bodies that are not an invoice: empty, not an object, not JSON, not UTF-8, too deep or too long.

Each is made from a valid invoice by one change, so that a server that accepts the change has no
other reason to refuse. The oracle reads from the bytes what to expect; a few are UNSPECIFIED.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle
from urllib.parse import urlencode

from spec.contract import Contract, TargetFacts
from spec.paths import (
    ELEMENT,
    Json,
    Path,
    find,
    locate,
    path_text,
    present,
    put,
    scalar_paths,
    schema_at,
)
from strategies.carried import carried_body, carrying
from strategies.carriers import PLAIN, enlarged, rotation
from strategies.cases import LONG_TEXT, Case, free_text, lettered, sent_as
from strategies.extras.company import beside, open_in_company
from strategies.extras.early import accepts, ways_of_early
from strategies.invoice import complete_invoice, encode, plain_invoice
from strategies.relations import consistent
from strategies.scalars import main_type
from strategies.wrong import dialects
from strategies.wrong.coded import CODED

DEEP = 130
"""Levels that a parser survives, and that .NET (64), MySQL and MongoDB (100) do not keep."""
TOO_DEEP = 100_000
"""Levels of nesting that no recursive parser survives."""

_NO_INVOICES, _OTHER_TYPES = 1, 2
"""Turns of the lists of this module (`carriers.rotation`)."""

_NOT_UTF_8 = "not UTF-8"
_LARGE = 48 * 1024
"""Bytes of a large body."""
_IN_CHUNKS = frozenset({"a line break in chunks", "no body in chunks"})

_FORM, _XML, _MULTIPART = (
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data; boundary=cut",
)
_MEDIA_TYPES = (
    *("text/plain", _XML, _FORM, _MULTIPART),
    *("application/jsonx", "application/vnd.api+json"),
)
_MORE_MEDIA_TYPES = (
    *("text/json; charset=utf-8", "text/html;charset=UTF-8"),
    *(
        "application/octet-stream",
        "json",
        "*/*",
        "multipart/form-data",
        "application/json; charset",
    ),
    *("application/json-patch+json", 'text/plain; x="application/json"', "application/ld+json"),
)

_CHARSETS = ("utf8mb4", "", "utf-8-sig", "binary", "UTF8")
"""Names of a charset that a library may not know; JSON has none (RFC 8259, section 11)."""

_PARAMETERS = ("charset=iso-8859-1", "charset=us-ascii", "charset=utf-16", "version=1", "q=0.9")
"""Charsets that a library does know, and parameters that mean something elsewhere."""

_CODINGS = ("gzip", "br")
"""Codings (RFC 9110, section 8.4) in which the body is not, though it says so."""

Invoice = dict[str, Json]
Body = tuple[str, Callable[[Invoice], bytes]]
"""What is special about a body, and how it is made from a valid invoice."""


def non_invoices(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Every body of this module as JSON; those in another format also with their media type."""
    kinds: dict[str, Iterable[Body]] = {
        "empty": _empty(),
        "not an object": _non_objects(),
        "not JSON": (
            *_truncated_or_extended(),
            *((name, _of_its_bytes(change)) for name, change in dialects.DIALECTS.items()),
            ("YAML", dialects.as_yaml),
            *((name, _of_its_bytes(change)) for name, change in CODED.items()),
            *_malformed_values(contract),
            *((name, make) for name, _, make in _OTHER_FORMATS if make is not _multipart),
        ),
        _NOT_UTF_8: (*_in_other_encodings(contract), *_of_invalid_bytes(contract)),
    }
    as_json = [(name, kind, make, None) for kind, known in kinds.items() for name, make in known]
    as_other = [
        (f"{name}, sent as {media_type}", "not JSON", make, media_type)
        for name, media_type, make in _OTHER_FORMATS
    ]
    as_open = [
        (name, "too much", make, None)
        for name, make in (*_unread_members(contract), *_unwritable(contract))
    ]
    cases = []
    used = rotation(contract, _NO_INVOICES)
    listed = [*as_json, *as_other, *as_open]
    last = {kind: name for name, kind, _, _ in listed}
    asked = accepts(contract)
    ways = cycle(open_in_company(contract))
    invoice = plain_invoice(contract, facts)
    for (name, kind, make, media_type), known in zip(listed, used, strict=False):
        # The last one of each kind is in a large body. Read in another encoding, the texts of one
        # would be too long: that of no UTF-8 is large by blanks.
        is_last = name == last[kind]
        by_blanks = is_last and kind == _NOT_UTF_8
        carrier = enlarged(known) if is_last and not by_blanks else known
        carrier = replace(known, texts=PLAIN) if by_blanks else carrier
        own = (("Content-Type", media_type),) if media_type else ()
        alone = Case(name, kind, make(invoice), own, chunked=name in _IN_CHUNKS)
        body = make(carrying(contract, facts, carrier)).ljust(_LARGE if by_blanks else 0)
        case = replace(alone, short=body, headers=(*next(asked), *own), alone=alone)
        cases.append(beside(sent_as(contract, facts, case, carrier), next(ways)))
    too_long = encode({**invoice, free_text(contract) or "text": LONG_TEXT})
    too_much = (*_nested(encode(invoice)), ("a text of 2 MiB", too_long))
    return (*cases, *(Case(name, "too much", body) for name, body in too_much))


def media_types(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice as JSON with another media type, with none, with a charset of a name that a
    server may not know, or with a coding that it does not have.
    """
    cases = []
    used, ways = rotation(contract, _OTHER_TYPES), ways_of_early(contract)
    charsets = (f"application/json; charset={name}" for name in _CHARSETS)
    others = [f"application/json; {parameter}" for parameter in _PARAMETERS]
    named = [*_MEDIA_TYPES, None, *_MORE_MEDIA_TYPES, *charsets, *others]
    for name, carrier in zip(named, used, strict=False):
        # A server may well read the body in the charset that it is told: all have ASCII.
        # Where none is told, a text that is short of its limit as Latin-1, too, shows which it was.
        carries = replace(carrier, texts=PLAIN) if name is None or name in others else carrier
        invoice = carrying(contract, facts, carries)
        body = encode(invoice if name else lettered(contract, invoice, "Größe 鍵 😀"))
        case = Case(name or "none", "another", body, (("Content-Type", name),))
        cases.append(beside(sent_as(contract, facts, case, carrier), next(ways)))
    for coding, carrier in zip(_CODINGS, used, strict=False):
        body = carried_body(contract, facts, carrier)
        case = Case(f"{coding} that is none", "another", body, (("Content-Encoding", coding),))
        cases.append(sent_as(contract, facts, case, carrier))
    return tuple(cases)


def _always(body: bytes) -> Callable[[Invoice], bytes]:
    return lambda _invoice: body


def _of_its_bytes(change: Callable[[bytes], bytes]) -> Callable[[Invoice], bytes]:
    return lambda invoice: change(encode(invoice))


def _empty() -> Iterator[Body]:
    yield "no body", _always(b"")
    yield "a blank body", _always(b" \t\r\n ")
    yield "a line break in chunks", _always(b"\n")
    yield "no body in chunks", _always(b"")  # the last chunk is the first


def _non_objects() -> Iterator[Body]:
    yield "null", _always(b"null")
    yield "a number", _always(b"1")
    yield "a string", _always(b'"invoice"')
    yield "true", _always(b"true")
    yield "an empty object", _always(b"{}")
    yield "an array of one invoice", lambda invoice: encode([invoice])
    yield "an object with the invoice", lambda invoice: encode({"invoice": invoice})
    yield "an object with the invoice as data", lambda invoice: encode({"data": invoice})
    yield "an invoice in a string", lambda invoice: encode(encode(invoice).decode())


def _truncated_or_extended() -> Iterator[Body]:
    ends: dict[str, Callable[[bytes], int]] = {
        "after the first character": lambda _body: 1,
        "inside a name": lambda body: body.find(b":") - 3,
        "after a colon": lambda body: body.find(b":") + 1,
        "inside a string": lambda body: body.find(b",") - 3,
        "after a comma": lambda body: body.find(b",") + 1,
        "in the middle": lambda body: _start_of_a_character(body, len(body) // 2),
        "before the last character": lambda body: len(body) - 1,
    }
    for name, end in ends.items():
        yield f"cut {name}", _of_its_bytes(partial(_cut, end))
    extensions = {
        "a letter": b"x",
        "a brace": b"}",
        "NUL": b"\0",
    }
    for name, more in extensions.items():
        yield f"{name} after the end", _of_its_bytes(partial(_with_more, more))
    for name, blank in {"form feeds": b"\f", "no-break spaces": b"\xc2\xa0"}.items():
        yield f"{name} around it", _of_its_bytes(partial(_between, blank))
    yield "a form feed within it", _of_its_bytes(lambda body: body[:1] + b"\f" + body[1:])
    yield "a second invoice after the end", _of_its_bytes(lambda body: body + body)
    yield (
        "a second invoice on a line of its own",
        _of_its_bytes(lambda body: body + b"\n" + body),
    )


def _cut(end: Callable[[bytes], int], body: bytes) -> bytes:
    return body[: end(body)]


def _start_of_a_character(body: bytes, at: int) -> int:
    """The start in UTF-8 of the character that has a byte at this index."""
    while body[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _between(blank: bytes, body: bytes) -> bytes:
    return blank + body + blank


def _with_more(more: bytes, body: bytes) -> bytes:
    return body + more


def _malformed_values(contract: Contract) -> Iterator[Body]:
    """A number or a string that JSON does not allow (RFC 8259, sections 6 and 7), everywhere."""
    numbers = [*_paths(contract, "integer", "number")]
    infinite = cycle(((b"-Infinity",), (), (b"Infinity",), ()))
    for path in numbers:
        for literal in (b"NaN", *next(infinite)):
            name = f"{literal.decode()} for {path_text(path)}"
            yield name, partial(_with_number, contract, path, partial(_instead, literal))
    # How a number is spelt is read before whose it is: one of each will do.
    spellings = {**dialects.SPELLED, **dialects.RARELY_SPELLED}.items()
    for (name, (value, spelled)), path in zip(spellings, cycle(numbers), strict=False):
        spell = partial(_with_number, contract, path, spelled)
        yield f"{name} {path_text(path)}", partial(_with_value, contract, path, value, spell)
    yield from _with_each(contract, dialects.RAW_TAB)
    yield from _with_each(contract, dialects.RAW, most=1)
    yield from _with_each(contract, dialects.ESCAPES, most=1)
    for name, value in dialects.UNREAD.items():
        yield f"{name} in an unknown property", _of_its_bytes(partial(_with_unread, value))


def _in_other_encodings(contract: Contract) -> Iterator[Body]:
    for name, encoding in (
        ("Latin-1", "latin-1"),
        ("UTF-16 with a byte order mark", "utf-16"),
        ("UTF-16, the low byte first", "utf-16-le"),
        ("UTF-16, the high byte first", "utf-16-be"),
        ("UTF-8 with a byte order mark", "utf-8-sig"),
    ):
        yield name, partial(_encoded_in, contract, encoding)


def _of_invalid_bytes(contract: Contract) -> Iterator[Body]:
    """Bytes that UTF-8 does not have (RFC 8259, section 8.1)."""
    yield from _with_each(contract, dialects.NO_UTF_8, most=1)
    yield from _with_each(contract, dialects.RARE_UTF_8, most=1)


MEMBERS = {
    "a number beyond doubles in": b'"unread":1e999',
    "a number beyond 64 bits in": b'"unread":1180591620717411303424',
    "half a surrogate pair in the name of": b'"\\ud800":"\\udc00"',
}
"""JSON that a server reads where it looks at nothing, and may not be able to write again."""


def _with_each(contract: Contract, texts: dict[str, bytes], most: int = 99) -> Iterator[Body]:
    """Each of these bytes in each text, or in so many of them in turn."""
    paths = [*_paths(contract, "string")]
    for number, (name, text) in enumerate(texts.items()):
        for step in range(min(most, len(paths))):
            path = paths[(number * most + step) % len(paths)]
            yield f"{name} in {path_text(path)}", partial(_with_text, contract, path, text)


def _paths(contract: Contract, *types: str) -> Iterator[Path]:
    """The paths of such values; of texts those that need no special form."""
    for path, schema in scalar_paths(contract.narrowed_schema):
        is_order = path == (contract.relations.order.order,)
        is_special = "enum" in schema or schema.get("format", "text") != "text" or is_order
        if main_type(schema) in types and (main_type(schema) != "string" or not is_special):
            yield path


def _encoded_in(contract: Contract, encoding: str, invoice: Invoice) -> bytes:
    """The invoice in another encoding, with a question mark for what that does not have."""
    text = encode(lettered(contract, invoice, "Größe café")).decode()
    return text.encode(encoding, "replace")


def _flat(invoice: Invoice) -> Invoice:
    """The invoice without its arrays."""
    return {name: value for name, value in invoice.items() if not isinstance(value, list | dict)}


def _form(invoice: Invoice) -> bytes:
    return urlencode(_flat(invoice)).encode()


def _xml(invoice: Invoice) -> bytes:
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in _flat(invoice).items())
    return f'<?xml version="1.0"?><invoice>{tags}</invoice>'.encode()


def _multipart(invoice: Invoice) -> bytes:
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in _flat(invoice).items()
    )
    return f"{parts}--cut--\r\n".encode()


_OTHER_FORMATS = (
    ("a form", _FORM, _form),
    ("XML", _XML, _xml),
    ("multipart", _MULTIPART, _multipart),
)
"""Name, media type and maker of the invoice in other formats."""


def _with_unread(value: bytes, body: bytes) -> bytes:
    return body[:-1] + b',"unread":' + value + b"}"


def _unread_members(contract: Contract) -> Iterator[Body]:
    """The members in an invoice, and in its last item where there are any."""
    items = contract.relations.sum.items
    in_items = main_type(schema_at(contract.narrowed_schema, (items, ELEMENT))) == "object"
    for name, member in MEMBERS.items():
        yield f"{name} an unknown property", partial(_with_member, member, "")
        if in_items:
            yield f"{name} an unknown property of an item", partial(_with_member, member, items)


def _unwritable(contract: Contract) -> Iterator[Body]:
    """Values that a server may fail on as it says that they are wrong, or takes for ever to."""
    kinds = {
        "enum" if "enum" in schema else schema.get("format", main_type(schema)): path
        for path, schema in scalar_paths(contract.narrowed_schema)
    }
    for path in (kinds[each] for each in ("enum",) if each in kinds):
        half = partial(_with_text, contract, path, b"\\ud800")
        yield f"half a surrogate pair in {path_text(path)}", half
    for path in _paths(contract, "integer", "number"):
        if {"maximum", "exclusiveMaximum"} & schema_at(contract.request_schema, path).keys():
            continue
        huge = partial(_with_number, contract, path, partial(_instead, b"1e1000000000"))
        yield f"a number of a billion digits for {path_text(path)}", huge


def _with_member(member: bytes, items: str, invoice: Invoice) -> bytes:
    """The body with this member, in the last element of a list where one is named."""
    if items in invoice:
        last = {**invoice[items][-1], _HERE: 0}
        marked = {**invoice, items: [*invoice[items][:-1], last]}
    else:
        marked = {**invoice, _HERE: 0}
    return encode(marked).replace(encode(_HERE) + b":0", member, 1)


def _nested(body: bytes) -> Iterator[tuple[str, bytes]]:
    for levels in (DEEP, TOO_DEEP):
        arrays = b"[" * levels + b"]" * levels
        yield f"{levels:,} levels in an unknown property", body[:-1] + b',"deep":' + arrays + b"}"
        if levels == TOO_DEEP:
            yield f"{levels:,} levels of arrays alone", arrays


_HERE = "<here>"
"""Marks a place in a body."""


def _marked(
    contract: Contract, invoice: Invoice, path: Path, marked: Callable[[Json], str]
) -> bytes:
    """The invoice with a value marked, which it gets if it has none; of items in the middle one."""
    if path[0] not in invoice or not present(invoice, path[:-1]):
        invoice = {**invoice, path[0]: complete_invoice(contract)[path[0]]}
    location = locate(invoice, path, lambda size: size // 2)
    return encode(put(invoice, location, marked(find(invoice, location))))


def _with_number(
    contract: Contract, path: Path, spelled: Callable[[bytes], bytes], invoice: Invoice
) -> bytes:
    """The body with a number spelled otherwise, and no status that it may contradict."""
    state = contract.relations.state
    if path == (state.paid,):
        invoice = {name: value for name, value in invoice.items() if name != state.status}
    body = _marked(contract, invoice, path, lambda number: f"{_HERE}{number}{_HERE}")
    before, number, after = body.split(_HERE.encode())
    return before[:-1] + spelled(number) + after[1:]


def _instead(literal: bytes, _number: bytes) -> bytes:
    return literal


def _with_value(
    contract: Contract,
    path: Path,
    value: Json,
    spell: Callable[[Invoice], bytes],
    invoice: Invoice,
) -> bytes:
    """The invoice as it is spelled with this value, which all else agrees with; with its own one
    where there is none.
    """
    if value is not None and present(invoice, path):
        put_there = put(invoice, locate(invoice, path, lambda size: size // 2), value)
        invoice = consistent(contract, put_there, path[:1])
    return spell(invoice)


def _with_text(contract: Contract, path: Path, text: bytes, invoice: Invoice) -> bytes:
    """The body with these bytes at the start of a text."""
    body = _marked(contract, invoice, path, lambda value: f"{_HERE}{value}")
    return body.replace(_HERE.encode(), text, 1)
