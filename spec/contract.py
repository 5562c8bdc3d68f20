"""The contract: the vendor's document and our reading of it, loaded, with all requirements.

And what a run knows about its target.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path as FilePath
from typing import Any

from spec import reading, yamlfile
from spec.derivation import Material, derive, field_of, judged, judged_answers
from spec.document import inline
from spec.exchange import ShortRepr
from spec.operation import CREATED, Operation, find_operation
from spec.paths import Path, Wrapper, integers_in, path_text, wrapper_of
from spec.prose.rules import with_rules
from spec.prose.times import with_times
from spec.reading import renamed_path
from spec.relations import (
    Relations,
    agreeing,
    like_orders,
    of_another_version,
    read_as_a_number,
    relations,
)
from spec.requirements import Field, Judged, Requirement
from spec.schema.branch import Branch, of_one_branch
from spec.schema.examples import keep_examples, listed_examples, refused_examples
from spec.schema.formats import keep_ranges
from spec.schema.inlined import Schema, SchemaPath
from spec.schema.presence import check_required
from spec.schema.tidying import free_members
from spec.schema.unread import (
    Unread,
    listed_of,
    send_alone,
    unjudged_of,
    unread_of,
    with_dates,
    without_unread,
)
from spec.yamlfile import YamlFile

DOCUMENT = FilePath(__file__).parent / "openapi.yaml"
READING = FilePath(__file__).parent / "reading.yaml"

PLACEHOLDER = "IC-RUNSTAMP-########"
"""The part of a payload that the client replaces by a new stamp at each send.

A stamp has the same length, so a value at a length limit stays at the limit.
"""
UUID_PLACEHOLDER = "1c000000-0000-4000-8000-000000000000"
"""The placeholder of a header field that is a UUID."""
HEX_PLACEHOLDER = UUID_PLACEHOLDER.replace("-", "")
"""The same without hyphens."""
DIGITS = "4700000000000000"
"""The placeholder of a value that is all digits, which some readers take for a number."""
UUID_DIGITS = "47000000-0000-4000-80"
"""The same digits as the start of a UUID."""
# Each begins with characters that are looked for quickly, also in long bodies.
_STAMP = re.compile(r"IC-[0-9A-F]{8}-[0-9A-F]{8}")


def stamps_in_digits(encode: Callable[[str], bytes] = str.encode) -> re.Pattern[bytes]:
    """Finds the stamps in digits, alone or as the start of a UUID, that are encoded so.

    An amount or a part of a longer number is none, but behind an escape there may be one; a number
    may end in .50, as none is written that has so many digits.
    """
    digit = b"(?:%b)" % b"|".join(re.escape(encode(one)) for one in "0123456789")
    start, dash, four, eight = (re.escape(encode(text)) for text in ("47", "-", "4", "8"))
    uuid = b"(?P<dash>%b)%b{4}%b%b%b{3}%b%b%b" % (
        *(dash, digit, dash, four, digit, dash, eight, digit),
    )
    apart, after = rb"", rb""
    if encode is str.encode:
        apart = rb"(?:(?<![1-9.]47)|(?<=\\u[0-9a-fA-F]{4}47))"
        after = rb"(?![0-9]|\.(?!50(?![0-9])))"
    return re.compile(b"%b%b%b{6}(?:%b|%b{8}%b)" % (start, apart, digit, uuid, digit, after))


def in_digits(found: re.Match[str] | re.Match[bytes]) -> str:
    """The placeholder of a stamp in digits that was found."""
    return UUID_DIGITS if found["dash"] else DIGITS


_STAMP_IN_BYTES = re.compile(_STAMP.pattern.encode())
_DIGITS_IN_BYTES = stamps_in_digits()
_DIGITS = re.compile(_DIGITS_IN_BYTES.pattern.decode())


def unstamped(text: str, stamp: str = PLACEHOLDER) -> str:
    """The text with the placeholder, or something else, in the place of each stamp."""
    return _DIGITS.sub(in_digits, _STAMP.sub(stamp.replace("\\", r"\\"), text))


def unstamped_bytes(body: bytes, stamp: bytes) -> bytes:
    """The same of a body, with as few copies of it: it may be long."""
    for each in {*_STAMP_IN_BYTES.findall(body)}:
        body = body.replace(each, stamp)
    if _DIGITS_IN_BYTES.search(body):
        body = _DIGITS_IN_BYTES.sub(lambda found: in_digits(found).encode(), body)
    return body


_FEW = 3
"""Known orders of which one may be a number, whose like are sent."""


@dataclass(frozen=True, slots=True, repr=False)
class TargetFacts(ShortRepr):
    """Keys, orders and clock of one run; the oracle and the strategies read the same facts.

    Without `order_ids` any order id will do. No order has the id `unknown_order_id`. `started_at`
    and `order_created_at` are aware datetimes. `kept` are cases that every run asks again, each a
    name and a body.
    """

    key: str | None
    forbidden_key: str | None
    order_ids: tuple[str, ...]
    order_created_at: datetime | None
    started_at: datetime
    kept: tuple[tuple[str, bytes], ...] = ()
    unknown_order_id: str = "ORD-NO-SUCH-ORDER"

    @property
    def unknown_order_ids(self) -> tuple[str, ...]:
        """Ids of no order: one like no other, those like the first known one or the second, and
        those that read as one of the first few that is a number.
        """
        other, known = self.unknown_order_id, {each.casefold() for each in self.order_ids}
        near = [*like_orders(self.order_ids[:2], other)]
        numbers = [each for each in self.order_ids[:_FEW] if each.strip("0").isdigit()][:1]
        near += [each for number in numbers for each in read_as_a_number(number)]
        return (other, *dict.fromkeys(each for each in near if each.casefold() not in known))

    @property
    def of_an_old_order(self) -> "TargetFacts":
        """The same, where an order was created before all that there is."""
        return replace(self, order_created_at=datetime.min.replace(tzinfo=UTC))


CLIENT_ERRORS = frozenset(range(400, 500))
OF_THE_KEY = frozenset({401, 403})


@dataclass(frozen=True, eq=False, repr=False)
class Contract(ShortRepr):
    """What the document and the reading say together.

    `request` judges a payload by the document alone. `narrowed` judges it by document and reading:
    what keeps that has to be accepted. `narrowed_schema` has the `unread` properties as well;
    `listed` are the new ones whose values it lists, `relations` what they have to do with each
    other, `unjudged` properties of answers that may be anything, `wrapper` where they stand in an
    answer, `renamed` their new names by the paths that they had. `source` is the document as it was
    read, `refused_examples` tell its wrong ones, `branch` which of several schemas its body is read
    as, `passed_over` the actions of the reading without subject there, `overridden` which limits
    that replaces or leaves, `read_at` where what it demands is said. `own` is the document that the
    suite was written for.
    """

    title: str
    version: str
    sha256: str
    own: bool
    reading_sha256: str
    operation: Operation
    path: str
    requirements: tuple[Requirement, ...]
    request: Judged
    narrowed: Judged
    narrowed_schema: dict[str, Any]
    unread: tuple[Unread, ...]
    listed: tuple[Path, ...]
    unjudged: tuple[str, ...]
    passed_over: tuple[str, ...]
    overridden: tuple[str, ...]
    read_at: Mapping[SchemaPath, str]
    parameters: tuple[Field, ...]
    relations: Relations
    wrapper: Wrapper
    renamed: Mapping[str, str]
    source: YamlFile
    refused_examples: tuple[str, ...]
    branch: Branch
    _fields: dict[str, tuple[Field, ...]] = field(repr=False)
    _answers: dict[str, Judged] = field(repr=False)
    _by_name: dict[str, Requirement] = field(repr=False)

    @property
    def key_header(self) -> str | None:
        """The header of the API key; None where the document asks for none."""
        return self.operation.key_header

    @property
    def media_types(self) -> frozenset[str]:
        """The documented media types of a request's body."""
        return self.operation.media_types

    @cached_property
    def refusals(self) -> frozenset[int]:
        """The statuses that an invalid payload may get."""
        return frozenset({400, 422} & self.statuses or {400, 422})

    @cached_property
    def undecided(self) -> frozenset[int]:
        """The statuses that a payload may get which is neither valid nor invalid."""
        refused = (self.refusals | self.statuses & CLIENT_ERRORS) - OF_THE_KEY
        return self.operation.successes | {404} | refused

    @property
    def created(self) -> Judged:
        """What judges the JSON of the answer to a valid invoice."""
        return self._answers[CREATED]

    @cached_property
    def statuses(self) -> frozenset[int]:
        """The statuses that the document lists; of ranges and `default` all client errors."""
        listed = self.operation.answers
        single = {int(status) for status in listed if status.isdecimal() and status != CREATED}
        any_error = CLIENT_ERRORS if {"4XX", "default"} & listed.keys() else frozenset()
        return self.operation.successes | single | any_error

    def answered(self, status: int) -> Judged | None:
        """What judges the JSON of an answer of this status; None where it has to have none, or
        where it is undocumented: only of today's document is it known that all errors are alike.
        """
        return self._answers.get(self.documented(status) or "")

    def media_types_of(self, status: int) -> frozenset[str]:
        """The documented media types of the JSON of an answer of this status."""
        return self.operation.answers[self.documented(status) or CREATED].media_types

    def fields_of(self, status: int) -> tuple[Field, ...]:
        """The header fields that the document describes of an answer of this status; none of one
        that is undocumented.
        """
        return self._fields.get(self.operation.listed_as(status) or "", ())

    def documented(self, status: int) -> str | None:
        """The documented status, range or `default` by which an answer is judged."""
        return self.operation.listed_as(status) or (self.operation.unlisted if self.own else None)

    @property
    def request_schema(self) -> dict[str, Any]:
        """The document's schema of a payload, with references inlined."""
        return self.request.schema

    @cached_property
    def integers(self) -> tuple[Path, ...]:
        """The paths of what has to be a whole number."""
        return tuple(integers_in(self.narrowed_schema))

    @property
    def left_out(self) -> tuple[Path, ...]:
        """The paths of the optional properties of which nobody knows what must be accepted."""
        return tuple(one.path for one in self.unread if not one.required)

    @property
    def body_requirements(self) -> tuple[Requirement, ...]:
        """The requirements that a payload can break, in the document's order."""
        return tuple(r for r in self.requirements if r.part == "body")

    @property
    def parameter_requirements(self) -> tuple[Requirement, ...]:
        """The requirements that a parameter beside the payload can break."""
        return tuple(
            requirement
            for one in self.parameters
            for requirement in (*([one.required] if one.required else []), *one.requirements)
        )

    def given(self, names: Collection[str]) -> "Contract":
        """The same for a target that says these header fields itself: what it says is right there,
        and nobody knows what else is.
        """
        said = {name.lower() for name in names}
        asked = tuple(one for one in self.parameters if one.parameter.field not in said)
        # What has been made for this contract stays known of it.
        return self if asked == self.parameters else replace(self, parameters=asked)

    def path_of(self, path: Path) -> Path:
        """Where there is what the document that the suite was written for has at a path."""
        return renamed_path(self.renamed, path)

    def named(self, name: str) -> Requirement:
        """The requirement of that name; KeyError when there is none."""
        return self._by_name[name]

    def find(self, name: str) -> Requirement | None:
        """The requirement of that name, or None where the document has none."""
        return self._by_name.get(name)


def load(document: FilePath = DOCUMENT, overlay: FilePath = READING) -> Contract:
    """Read both files and derive every requirement; FileError says what is wrong, and where."""
    source, read = yamlfile.read(document), reading.read(overlay)
    return load_from(reading.named(source, read), read)


def load_from(source: YamlFile, read: YamlFile, *, only_compared: bool = False) -> Contract:
    """The same of a document, with its new names, and a reading that are read already; nothing is
    sent by a document that is only compared.
    """
    source = replace(source, only_compared=only_compared)
    known = source if source.raw == DOCUMENT.read_bytes() else own().source
    branch = Branch(source) if only_compared else of_one_branch(source, known)
    source, is_own = branch.document, branch.document is known
    operation = find_operation(source)
    request = inline(source, operation.request)
    if not only_compared:
        check_required(source, request)
    narrowed = reading.narrow(source, read, known)
    added = narrowed.request.added
    valid = inline(narrowed.request.document, operation.request, narrowed=True, sure=True)
    if not is_own:
        free_members(valid, added)
    answers = _schemas_of_answers(operation, narrowed)
    before = {} if is_own else {one.name: one.operand for one in own().requirements}
    related = relations(narrowed.name_of, agreeing(narrowed.reading, valid), valid)
    wrapper = wrapper_of(request.root, answers[CREATED].root)
    if not is_own:
        related, told = of_another_version(related, valid, narrowed.request.document)
        narrowed.overruled.extend(told)
        reading.admit_states(narrowed, wrapper, related.state.status, valid, answers[CREATED])
    derived = derive(
        Material(
            source, narrowed, operation, request, answers, related, wrapper, before, valid.root
        )
    )
    around = find_operation(replace(source, body="")).request.rpartition("/")[0]
    unread: tuple[Unread, ...] = ()
    listed: tuple[Path, ...] = ()
    if not is_own:
        examples = [*listed_examples(source, around)]
        related, unread = _with_prose(related, narrowed, known, valid, examples)
        listed = listed_of(valid, narrowed, known, unread)
    keep_examples(valid)
    if not is_own:
        keep_ranges(valid.root)
    send_alone(valid, request, unread)
    info = found if isinstance(found := source.content.get("info"), dict) else {}
    return Contract(
        title=str(info.get("title", "")),
        version=str(info.get("version", "")),
        sha256=hashlib.sha256(source.raw).hexdigest(),
        own=is_own,
        reading_sha256=hashlib.sha256(narrowed.reading.raw).hexdigest(),
        operation=operation,
        path=operation.path,
        requirements=derived.requirements,
        request=branch.either(judged(request.root, derived.body)),
        narrowed=judged(without_unread(valid.root, unread), derived.body),
        narrowed_schema=valid.root,
        unread=unread,
        listed=listed,
        unjudged=unjudged_of(answers),
        passed_over=tuple(narrowed.passed_over),
        overridden=()
        if is_own
        else (*reading.overridden(narrowed, valid, derived.body), *narrowed.overruled),
        read_at={
            place: narrowed.reading.place(added[pointer])
            for place, pointer in valid.sources.items()
            if pointer in added
        },
        parameters=tuple(field_of(derived, one) for one in operation.parameters),
        relations=with_dates(related, unread),
        wrapper=wrapper,
        renamed=narrowed.renamed,
        source=source,
        refused_examples=() if is_own else _refused_examples(source, operation, around),
        branch=branch,
        _fields={
            name: tuple(field_of(derived, one) for one in each.headers if one in derived.parameters)
            for name, each in operation.answers.items()
        },
        _answers=judged_answers(derived, answers),
        _by_name={r.name: r for r in derived.requirements},
    )


def _schemas_of_answers(operation: Operation, narrowed: reading.Narrowed) -> dict[str, Schema]:
    """The schema of the answers of each status that has one, as the reading has it."""
    read = narrowed.answers
    return {
        status: inline(read.document, answer.schema, added=read.added, unsent="writeOnly")
        for status, answer in operation.answers.items()
        if answer.schema is not None
    }


def _refused_examples(source: YamlFile, operation: Operation, around: str) -> tuple[str, ...]:
    """What a document shows of the body, whose content is at the pointer `around`, and of the
    parameters, and refuses itself.
    """
    shown = [("body", inline(source, operation.request, narrowed=True), around)]
    shown += [(one.title, one.narrowed, one.pointer) for one in operation.parameters]
    return tuple(refused_examples(source, *shown))


def _with_prose(
    related: Relations,
    narrowed: reading.Narrowed,
    known: YamlFile,
    valid: Schema,
    examples: Sequence[Any],
) -> tuple[Relations, tuple[Unread, ...]]:
    """The relations with what the prose of another version says, and what the reading does not."""
    unread = unread_of(valid, narrowed, known, examples, related.all_names)
    gone = {one.path[0] for one in unread if not one.required}
    related, days = with_times(related, valid, narrowed, gone)
    shows = ((one, days.get(path_text(one.path), one.example)) for one in unread)
    unread = tuple(replace(one, example=example) for one, example in shows)
    left = {one.path for one in unread}
    return with_rules(related, valid, narrowed, known, left, PLACEHOLDER), unread


@cache
def own() -> Contract:
    """The vendor's document of today, for which the suite was written, as our reading has it."""
    return load()
