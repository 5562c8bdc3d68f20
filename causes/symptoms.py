"""The symptoms of an answer: its violations, taken apart by what one cause can explain."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from causes.echo_change import (
    ANOTHER,
    ANOTHER_MEMBER,
    BY_SIZE,
    ITEMS_IN_ANOTHER_ORDER,
    ITEMS_NOT_ONCE,
    alteration,
)
from spec.contract import Contract
from spec.exchange import HttpFault, Response
from spec.expectation import Expectation
from spec.oracle import Verdict
from spec.paths import Json, find, schema_at
from spec.requirements import echo_name
from spec.strictjson import value_of
from spec.violation import Category, Special, Violation, brief, shortened

OF_ANOTHER_INVOICE = "the answer of another invoice"
NOT_JSON = "json"
"""What is wrong with an answer that is no JSON."""

_OF_THE_ANSWER = frozenset({Category.ECHO, Category.ANSWER_SHAPE, Category.ERROR_SHAPE})
_ALSO_OF_THE_ANSWER = frozenset(
    {"response.secret", "response.framing", "response.fields", "response.coding", "4xx.allow"}
)
_FEW = 3
"""Properties that may be wrong before an answer is taken for that of another invoice."""
_CREATED = 201
_DOCUMENTED = (_CREATED, *range(400, 500))
_OF_A_WAY = 405
"""The lowest status that speaks of how a request was sent, and of nothing that is in it."""
_INDEX = re.compile(r"\[\d+\]|(?<=[./])\d+(?=[./]|$)")
_CLOSED = "The server closed the connection without a byte of an answer."
_LONGEST = 400
"""Characters of a code, and of the name of a field, that are looked at."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Symptom:
    """Violations of one answer that go together, and what other answers of this kind share.

    `field` is the first one that an error's details name, without the index of an item.
    `of_answer` says that a part of the answer is wrong, and not whether the request is accepted.
    `status` is that of the answer, if there is one; 201 stands for any other that says that an
    invoice is created, be it a wrong one that valid invoices get. `front` describes a page that no
    API answers; it is empty for others.
    """

    category: Category
    answer: str
    field: str
    violations: tuple[Violation, ...]
    of_answer: bool
    status: int | None = None
    front: str = ""

    @property
    def is_unusual(self) -> bool:
        """Whether an answer to any request would be wrong: a 5xx, a redirect, no answer at all."""
        return not self.of_answer and self.status not in _DOCUMENTED

    @property
    def names(self) -> frozenset[str]:
        """The names of the violated requirements."""
        return frozenset(violation.requirement.name for violation in self.violations)

    @property
    def kind(self) -> Hashable:
        """What it has in common with the other symptoms of one fault, going by the answer alone.

        A requirement that is forgotten is a fault by itself.
        """
        by_name = self.of_answer or self.category == Category.ACCEPTED_INVALID
        return self.category, self.answer, self.field, self.names if by_name else None

    @property
    def is_form(self) -> bool:
        """Whether it is the form of an answer that is wrong, and not what comes back in it."""
        return self.of_answer and not any(
            violation.requirement.keyword == "echo" for violation in self.violations
        )

    def forgets_another(self, other: "Symptom") -> bool:
        """Whether both accept what is invalid, each by another requirement that is forgotten."""
        forgotten = self.category == other.category == Category.ACCEPTED_INVALID
        return forgotten and self.names.isdisjoint(other.names)

    @property
    def is_of_ids(self) -> bool:
        """Whether all that is wrong is that ids were given before."""
        return all(each.requirement.keyword == "unique" for each in self.violations)

    def is_beside(self, other: "Symptom") -> bool:
        """Whether one property comes back changed in both, by as much beside another value."""
        both = {self.answer, other.answer}
        same = self.category == other.category == Category.ECHO and self.names == other.names
        return same and any(both <= each for each in BY_SIZE)

    def is_like(self, other: "Symptom") -> bool:
        """Whether both may have the same cause, going by the answer alone."""
        if (self.answer, self.of_answer) != (other.answer, other.of_answer):
            return False
        if self.of_answer:
            return self.category == other.category and not self.names.isdisjoint(other.names)
        # The documents know no request that gets such an answer, so it is wrong in one way; and
        # what is refused for how it is sent is so whether or not it is valid.
        if self.category == other.category or (self.is_unusual and other.is_unusual):
            return True
        refusals = {Category.REFUSED_VALID, Category.WRONG_STATUS}
        if self.status is not None and self.status >= _OF_A_WAY:
            refusals.add(Category.AUTHENTICATION)  # with the right key, or with another one
        refused = {self.category, other.category} <= refusals
        return refused and self.status != 400


def symptoms(contract: Contract, verdict: Verdict, success: str = "") -> tuple[Symptom, ...]:
    """The symptoms of a verdict; none of one without violations. `success` is what valid invoices
    are answered where that is another success than the documents have: to others it says that they
    are accepted, and not only that the status is wrong.
    """
    of_status: list[Violation] = []
    others: dict[tuple[str, str], list[Violation]] = {}
    changed = {
        violation: _changed(contract, verdict, violation) for violation in verdict.violations
    }
    front = front_of(verdict.exchange.response)
    refused = front and not all(map(is_of_the_answer, verdict.violations))
    another = _is_another_invoice(contract, changed)
    for violation in verdict.violations:
        requirement = violation.requirement
        if violation.category == Category.DRIFT:
            continue
        of_page = refused and violation.category == Category.ERROR_SHAPE
        if of_page or not is_of_the_answer(violation):
            of_status.append(violation)
        elif another and requirement.keyword in ("echo", "product"):
            others.setdefault((OF_ANOTHER_INVOICE, ""), []).append(violation)
        elif changed[violation]:
            others.setdefault((changed[violation], requirement.name), []).append(violation)
        else:
            others.setdefault((requirement.keyword, requirement.name), []).append(violation)
    found, response = [], verdict.exchange.response
    invalid = verdict.expected.expectation is Expectation.REJECT
    taken = bool(success) and invalid and answered(verdict)[0] == success
    status = response.status if response else None
    if contract.operation.creates(response) or taken:
        status = _CREATED
    if of_status:
        of_status.sort(key=is_of_the_answer)
        category, of = of_status[0].category, tuple(of_status)
        found.append(Symptom(category, *answered(verdict), of, False, status, front))
    for (answer, _), violations in others.items():
        category, of = violations[0].category, tuple(violations)
        found.append(Symptom(category, answer, "", of, True, status, front))
    return tuple(found)


def front_of(response: Response | None) -> str:
    """What seems to have answered in front of the API, in words; empty where the API did.

    A 201 and a 500 are the API's own, and any success that has no page.
    """
    if response is None or response.status in (_CREATED, 500) or not is_page(response):
        return ""
    return described(response) if response.is_markup or response.status >= 300 else ""


def is_of_the_answer(violation: Violation) -> bool:
    """Whether a part of the answer is wrong, and not whether the request is accepted."""
    if violation.requirement.name in _ALSO_OF_THE_ANSWER:
        return True
    return violation.category in _OF_THE_ANSWER


def is_of_its_end(violation: Violation) -> bool:
    """Whether an answer may end somewhere else than it says: its body is cut, or its framing is
    wrong.
    """
    requirement = violation.requirement
    return requirement.keyword == NOT_JSON or requirement.name == "response.framing"


def answered(verdict: Verdict) -> tuple[str, str]:
    """What equal answers share, whatever they repeat of the request; and the first field that the
    details of an error name.
    """
    response = verdict.exchange.response
    if response is None:
        exchange = verdict.exchange
        kind = exchange.unquoted or exchange.fault or "no answer"
        if exchange.broken is HttpFault.CLOSED:
            kind = _CLOSED  # before or after 100 Continue
        return _NUMBER.sub("N", kind), ""
    code = find(verdict.answer, ("code",))
    kind = (response.header("content-type") or "no media type").partition(";")[0].strip().lower()
    words = (str(response.status), _short(code), kind)
    field = _INDEX.sub("", _short(find(verdict.answer, ("details", 0, "field"))))
    return " ".join(filter(None, words)), field


def _short(said: Json) -> str:
    """A text of the server, no longer than a code or the name of a field can be."""
    return shortened(said, _LONGEST) if isinstance(said, str) else ""


def _changed(contract: Contract, verdict: Verdict, violation: Violation) -> str:
    """In what way an echoed value came back; empty where the requirement is not about an echo."""
    if violation.requirement.keyword != "echo":
        return ""
    if violation.special is Special.ANOTHER_ORDER:
        return ITEMS_IN_ANOTHER_ORDER
    if violation.special is Special.NOT_ALL_ITEMS:
        return ITEMS_NOT_ONCE
    location = violation.location
    sent = find(verdict.expected.payload, location[1:])
    if sent is None:
        return "what was not sent"
    if isinstance(sent, list):
        return ITEMS_NOT_ONCE
    returned, path = _returned(verdict, violation), violation.requirement.path[1:]
    listed = schema_at(contract.narrowed_schema, path).get("enum", ())
    # One member in the place of another is no text that was changed, however alike they are.
    return ANOTHER_MEMBER if sent in listed and returned in listed else alteration(sent, returned)


def _returned(verdict: Verdict, violation: Violation) -> Json:
    """What came back; of an answer that is too long to be kept, what is told of that."""
    if verdict.answer is not None:
        return find(verdict.answer, violation.location)
    return violation.returned


def _is_another_invoice(contract: Contract, changed: dict[Violation, str]) -> bool:
    """Whether nothing of the answer has to do with what was sent, its reference least of all."""
    another = (ANOTHER, ANOTHER_MEMBER)
    others = [violation.requirement.name for violation, how in changed.items() if how in another]
    (reference,), *_ = contract.relations.new.paths
    return echo_name(reference) in others and len({*others}) >= _FEW


def server_words(verdict: Verdict) -> Iterator[str]:
    """What the server says of an error in its own words: the first detail, or the message."""
    detail = find(verdict.answer, ("details", 0))
    words = [find(detail, (name,)) for name in ("field", "reason")]
    if any(isinstance(word, str) and word for word in words):
        yield ": ".join(word for word in words if isinstance(word, str) and word)
        return
    message = find(verdict.answer, ("message",))
    if isinstance(message, str):
        yield message


def detail_of(symptom: Symptom, verdict: Verdict) -> str:
    """What the server says of a symptom; of a page, that it is not one of the API's answers."""
    if symptom.front and not symptom.of_answer:
        own = "an error" if symptom.status is None or symptom.status >= 400 else "an answer"
        return f"a page, not {own} of the API ({symptom.front}): is something in front of it?"
    return next(server_words(verdict), "")


def described(response: Response) -> str:
    """An answer in a few words: status, and the error's code and message or what else it is."""
    error = value_of(response.body)
    code, message = find(error, ("code",)), find(error, ("message",))
    if isinstance(code, str) and isinstance(message, str) and code.strip():
        return f"{response.status} {shortened(code.strip(), 80)}: {brief(message)}"
    kind = (response.header("content-type") or "without Content-Type").partition(";")[0].strip()
    server = response.header("server")
    front = f", Server: {shortened(server, 80)}" if server else ""
    return f"{response.status} {shortened(kind, 80)}{front}"


def is_json(response: Response) -> bool:
    """Whether the body of an answer is JSON."""
    return value_of(response.body) is not None


def is_page(response: Response) -> bool:
    """Whether an answer is a page for people, or a 200 in which no invoice can be described; JSON
    that is called HTML, as PHP does by default, is none.
    """
    kind = (response.header("content-type") or "").lower()
    looks = response.is_markup or ("html" in kind and not is_json(response))
    return looks or (response.status == 200 and not is_json(response))


def is_documented(response: Response) -> bool:
    """Whether an answer is an error as the document has them, with a code and a message."""
    error = value_of(response.body)
    texts = (find(error, ("code",)), find(error, ("message",)))
    return all(isinstance(text, str) and text.strip() for text in texts)
