"""The record of a run: a class for each object of run.schema.json, which says what it means.

`ProbeRow` is one of its `probes`, and so on: a `Probe` is what a row is made of. The rows that the
packages watch and findings make are there.
"""

from typing import NotRequired, TypedDict

from findings.rows import FindingRow
from spec.paths import Json
from watch.baseline import NewsRow
from watch.fingerprint import FingerprintRow


class FormatRow(TypedDict):
    """What says that it is a record, and of which version."""

    name: str
    version: int


class RunRow(TypedDict):
    """What was run and how it ended; an older record lacks what need not be there."""

    suite_version: str
    stamp: str
    started: str
    ended: NotRequired[str]
    seconds: float
    profile: str
    concurrency: NotRequired[int]
    level: str
    seed: str | None
    complete: bool
    exit_status: int
    outcome: str
    doubts: list[str]


class TargetRow(TypedDict):
    """Where requests went."""

    name: str
    base_url: str
    embedded: bool
    key_variable: str
    forbidden_key_variable: str
    order_ids: list[str]
    order_created_at: str | None


class DocumentRow(TypedDict):
    """The document that was read."""

    file: str
    title: str
    version: str
    sha256: str


class ReadingRow(TypedDict):
    """The reading that narrowed it."""

    sha256: str
    file: NotRequired[str]


class HeadRow(TypedDict):
    """What is known of a run without its tests."""

    run: RunRow
    target: TargetRow
    document: DocumentRow
    reading: ReadingRow


class CarriersRow(TypedDict):
    """The carriers that cases were sent in."""

    used: int
    pairs_met: int
    pairs: int
    triples_met: NotRequired[int]
    triples: NotRequired[int]


class CountsRow(TypedDict):
    """What was sent, in numbers."""

    requests: int
    created: int
    carriers: NotRequired[CarriersRow]
    outages: NotRequired[list[str]]
    resent: NotRequired[int]
    slow: NotRequired[list[str]]
    exchanges_left_out: NotRequired[int]
    expectations: dict[str, int]


class WaiverRow(TypedDict):
    """The waiver of a requirement."""

    reason: str
    link: str
    owner: str
    expires: str
    expired: bool
    place: str


class RequirementRow(TypedDict):
    """A requirement and the verdict on it."""

    name: str
    level: str
    part: str
    keyword: str
    operand: Json
    file: str
    line: int
    pointer: str
    verdict: str
    observed: int
    edges: int
    proven: bool | None
    waiver: WaiverRow | None


class OccurrenceRow(TypedDict):
    """Violations of one requirement in one test, with the id of their finding."""

    requirement: str
    level: str
    category: str
    where: str
    file: NotRequired[str]
    line: NotRequired[int]
    place: str
    expected: str
    got: str
    headline: str
    test: str
    waived: bool
    times: int
    exchange: str
    finding: str
    about: NotRequired[list[str]]
    cases: NotRequired[list[str]]


class ProbeRow(TypedDict):
    """A probe that was asked."""

    name: str
    requirement: str
    question: str
    answer: str
    accepted: str | None
    state: str


class NoteRow(TypedDict):
    """What somebody has to do about a waiver."""

    requirement: str
    note: str


class CertificateRow(TypedDict):
    """The certificate that the target has shown."""

    last_day: str
    ending: str


class HistoryRow(TypedDict):
    """What is new against earlier runs."""

    last_run: str | None
    new: list[str]
    still: list[str]
    fixed: list[str]
    not_asked: NotRequired[list[str]]
    since: dict[str, str]


class TestRow(TypedDict):
    """A test and how it ended."""

    id: str
    title: str
    drawn: NotRequired[bool]
    requirement: str | None
    outcome: str
    message: str
    started: float
    seconds: float
    requests: int
    findings: list[str]
    blocked: bool


class BodyRow(TypedDict, total=False):
    """A body: a text or, where it is not UTF-8, in Base64; its true length when it was cut."""

    text: str
    base64: str
    bytes: int


class MessageRow(BodyRow):
    """What a request and a response have in common."""

    headers: list[list[str]]


class RequestRow(MessageRow):
    """A request."""

    method: str
    path: str


class ResponseRow(MessageRow):
    """A response."""

    status: int


class ExchangeRow(TypedDict):
    """An exchange, as `reports.exchange_json` stores it."""

    id: str
    test: str
    request: RequestRow
    before: NotRequired[RequestRow]
    response: ResponseRow | None
    fault: str | None
    milliseconds: float
    not_replayable: str | None


class Record(HeadRow):
    """The record of a run."""

    format: FormatRow
    counts: CountsRow
    requirements: list[RequirementRow]
    findings: list[FindingRow]
    occurrences: list[OccurrenceRow]
    answers: dict[str, str]
    probes: list[ProbeRow]
    waivers: list[NoteRow]
    fingerprint: NotRequired[FingerprintRow]
    times: NotRequired[dict[str, dict[str, float]]]
    certificate: NotRequired[CertificateRow]
    news: NotRequired[NewsRow | None]
    against: NotRequired[NewsRow | None]
    history: HistoryRow
    tests: list[TestRow]
    exchanges: list[ExchangeRow]


class ShardRow(TypedDict):
    """Which part of a run it is, and whether all its tests ran."""

    part: int
    of: int
    whole: bool


class PartRow(HeadRow):
    """The head of one part of a run (part.schema.json)."""

    shard: ShardRow
