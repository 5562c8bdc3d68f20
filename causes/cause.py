"""A cause: the smallest difference that explains a violation, as one process found it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from targets.masking import Masker

EVERY, CASE, SOMETIMES, UNKNOWN = "every", "case", "sometimes", "unknown"
"""Traits of a cause without a difference: the control shows it too, only the case is known, it does
not show each time, nothing more could be asked."""
RARELY = "rarely"
"""The same: it shows now and then, whatever is asked."""
CONCURRENT = "concurrent"
"""The same: it shows only while other requests are in flight."""
AFTER = "after another"
"""The same: it shows only after another request."""
AS_BEFORE = "as in an invoice before it"
"""Ends what such a request has to have, where a text of the other one comes back."""
CONNECTION = "a new connection"
"""The same: it shows only in what is the first over its connection."""
SOME = "some connections"
"""The same: it shows over some connections each time, and over others never."""
LOST = "a lost connection"
"""The same: a kept connection is lost after what was sent over it."""
BEFORE_IT = "the request before it"
OVER_IT = "the request before it over the connection"
"""How the difference begins where it is the request before that is to blame: any one, or only that
over the same connection.
"""
REFERENCES = ", and has the same references"
"""How it ends where the request has to have the references of the one before."""
ALIKE = ", and has references that are alike: "
"""The same where these are not equal, before one of each."""
CROSSED = ", and has a reference of it under another name: "
"""The same where a text is equal to one of another name."""
WITH_ITS_REFERENCES = f"{BEFORE_IT} was answered 201{REFERENCES}"
NOT_ALWAYS = ([SOMETIMES], [RARELY], [CONCURRENT], [AFTER], [CONNECTION], [SOME])
"""Traits of what the same request does not show each time."""
LONG = "length of the body"
"""Trait of a difference in how long a body is, whatever is in it."""
PLACE = "place in the body"
"""Trait of a difference in where in a body a character stands."""
SENT = "sent otherwise"
"""Trait of a difference in how a request is sent, whatever its body."""
CHUNKED = "Transfer-Encoding: chunked"
SEVERAL_CHUNKS = f"{CHUNKED}, in several chunks"
"""One such way, and what is told of it where one chunk does not show it."""
ANOTHER_QUERY = "another query"
ANOTHER_TYPE = "the media type in other words"
"""Two such ways, each of which a requirement of its own is about."""
HEADER_NAME = "the header name "
"""How a difference begins that is the letter case of one header field's name."""
AND = " and "
"""Between the edits of a difference."""
SAME_IN = "the same in "
"""How what is refused in other items begins, where one item shows that it is accepted."""
ALONE = f"{SAME_IN}the plain invoice"
"""What is refused where it takes something else beside the fault for it to be accepted."""
INVALID = "invalid"
ANYTHING_INVALID = "anything invalid"
"""Trait of what each invalid invoice shows, and what is told of that."""
NOTHING = "nothing"
"""What of an invalid value is refused, where the plainest of its kind is accepted everywhere."""
FROM = ", which follows from "
"""Between a value that follows from the edits of a difference, such as a total, and these."""
ANY, ANY_INVOICE, NOW_AND_THEN = "any request", "any invoice", "now and then"
"""What shows `RARELY`, and how often."""
THE_RUN = "the run began"
"""What a date that is near it is told by, as each run has another one."""
THE_ORDER = "when the order was created"
"""What is said of an update that is no later."""
SAME_MOMENT = ", the same moment"
"""What is said of a date that differs by its offset alone."""
ESTABLISHED = 2
"""Properties at which one kind of difference was found, after which it may be at any."""
SUCCESSFUL = frozenset(range(200, 300))
"""Statuses of answers that say that a request was successful."""
MOST_EDITS = 3
"""Edits of a difference that are told."""


@dataclass(slots=True)
class Cause:
    """The smallest difference that explains a violation, as one process found it.

    `symptom` and `traits` are what equal faults share: of the answer, and of the difference
    wherever it is; `kinds` are coarser traits. `names` is what the error names, beside the symptom.
    `paths` is where the difference is, `limits` names the requirements whose limit it reaches.
    `parts` are the same with their traits, in full: each begins with the path, or is a way of
    sending; where no difference was found they are all of the request. `usual` says that the plain
    invoice shows it too.
    `difference` has a text for each edit, and `works` and `fails` are the two requests that it lies
    between. `status`, `code` and `detail` are the server's words, `field` the first field that it
    names. `before` is how the request before was answered, where that is to blame. `expected` is
    what was expected of the request that shows it, in place of another decision. `of_answer` says
    that the form of the answer is wrong, `unusual` that no request may be answered so; `front` is
    the page that came in the place of an answer of the API, `broken` how HTTP was broken. It is
    `sure` if its difference was asked once more, and `unspecified` if what shows it is.
    `in_another` says that both requests have the difference, each in an item of its own;
    `each_time` that the control shows it, where other answers of its status do not. `least` is the
    large number that alone is the difference, from which on it shows; `by_itself` says that no sum
    is to blame. Of what is invalid and accepted `bound` is what of it is refused, as far as it was
    asked, or `NOTHING`.
    """

    category: str
    symptom: str
    names: str
    traits: list[str]
    kinds: list[str]
    paths: list[str]
    limits: list[str]
    difference: list[str]
    works: str
    fails: str
    status: int | None
    code: str
    detail: str
    field: str
    before: str = ""
    expected: str = ""
    of_answer: bool = False
    unusual: bool = False
    front: str = ""
    broken: str | None = None
    parts: Sequence[Sequence[str]] = ()
    usual: bool = False
    sure: bool = True
    unspecified: bool = False
    in_another: bool = False
    each_time: bool = False
    least: str = ""
    by_itself: bool = False
    bound: str = ""

    def contains(self, less: "Cause", *, anywhere: bool = False) -> bool:
        """Whether it takes all that the other one takes, at the same properties or `anywhere`."""
        wanted = ({*(part[1:] if anywhere and part[1:] else part)} for part in less.parts)
        mine = [{*part} for part in self.parts]
        return bool(less.parts) and all(any(each <= one for one in mine) for each in wanted)

    def mask(self, masker: Masker) -> None:
        """Hide the keys in all texts that may have come from a server, or been sent to it."""
        for name in (
            "symptom",
            "names",
            "works",
            "fails",
            "bound",
            "code",
            "detail",
            "field",
            "expected",
            "front",
        ):
            setattr(self, name, masker.mask(getattr(self, name)))
        self.difference = [masker.mask(edit) for edit in self.difference]
        self.parts = [[*map(masker.mask, part)] for part in self.parts]

    @property
    def answer(self) -> str:
        """The answer as people read it: its symptom, and what it names."""
        return f"{self.symptom}, which names {self.names}" if self.names else self.symptom

    @property
    def is_taken(self) -> bool:
        """Whether the answer says that an invoice is created: with 201, or with what valid invoices
        are answered in its place.
        """
        return self.status in SUCCESSFUL and not self.unusual

    @property
    def is_explained(self) -> bool:
        """Whether a difference brings it about, and not only a case is known that shows it."""
        return bool(self.difference) and self.traits not in ([CASE], [UNKNOWN], *NOT_ALWAYS)

    @property
    def follows(self) -> bool:
        """Whether it is told of a value that only follows from what was changed."""
        return any(FROM in each for each in self.difference[:1]) and len(self.paths) == 1

    @property
    def text(self) -> str:
        """The difference as people read it."""
        return shortly(self.difference)

    @property
    def id(self) -> str:
        """The same for equal causes of two processes or runs."""
        difference = AND.join(self.difference)
        what = (str(self.category), self.answer, self.traits, self.paths, difference)
        return hashlib.sha256(repr(what).encode(errors="backslashreplace")).hexdigest()[:8]


def shortly(edits: Sequence[str]) -> str:
    """A difference for people: its first edits, and how many more there are."""
    more = len(edits) - MOST_EDITS
    return AND.join(edits[:MOST_EDITS]) + (f"{AND}{more} more" if more > 0 else "")
