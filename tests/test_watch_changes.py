"""What the watch says of a vendor that changes its behaviour, breaking nothing or a little."""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

import pytest
from starlette.responses import Response

from reference.mutants.conforming_errors import fields_are_json_pointers
from reference.mutants.operators import answers_items, answers_text
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Refusal
from tests.watching import responds, unchanged, watched, without
from watch import timing
from watch.baseline import Watched
from watch.changes import MEANING, Weight
from watch.keys import PROPERTY


def _writes(change: Callable[[str], str]) -> Mutation:
    """The server changes the JSON text of each answer."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        response = usual(status, answer)
        response.body = change(bytes(response.body).decode()).encode()
        response.headers["content-length"] = str(len(response.body))
        return response

    return lambda server: server.with_response(respond)


def _errors(change: Callable[[dict[str, Json], Refusal], Json]) -> Mutation:
    return lambda server: server.with_error(change)


def _other_code(error: dict[str, Json], refusal: Refusal) -> Json:
    missing = any(problem.kind == "missing" for problem in refusal.problems)
    return {**error, "code": "VALIDATION_ERROR"} if missing else error


def as_it_was(server: Server) -> Server:
    """The vendor as it was: with header fields and properties of its own, and dates in UTC."""
    with_header = responds(
        lambda response: response.headers.update({"x-region": "eu", "cache-control": "no-store"})
    )
    more = answers_items(lambda item, _: {**item, "vat": 0.19})(
        server.with_data(
            lambda data, _: {
                **data,
                "note": "-",
                "page": f"https://pay.example.com/invoices/{uuid.uuid4()}",
            }
        )
    )
    return with_header(more)


def _with(**more: Json) -> Mutation:
    return lambda server: server.with_data(
        lambda data, _: {
            **data,
            **{name: value for name, value in more.items() if name not in data},
        }
    )


def _data(more: Callable[[], dict[str, Json]]) -> Mutation:
    return lambda server: server.with_data(lambda data, _: {**data, **more()})


def _with_names_reversed(server: Server) -> Server:
    return server.with_data(lambda data, _: dict(reversed(data.items())))


def _with_items_reversed(server: Server) -> Server:
    return server.with_data(lambda data, _: {**data, "items": data["items"][::-1]})


def _unknown_order_is_invalid(server: Server) -> Server:
    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        return usual(400 if status == 404 else status, answer)

    return server.with_response(respond)


CHANGES: dict[str, tuple[Mutation, Weight, str]] = {
    "a new property": (
        _with(currency={"code": "EUR"}),
        Weight.NOTABLE,
        "new property data.currency (object) in every 201",
    ),
    "a property gone": (
        without("note"),
        Weight.BREAKING,
        "property gone: data.note in every 201",
    ),
    "an error code": (
        _errors(_other_code),
        Weight.BREAKING,
        "error code: BAD_REQUEST, now VALIDATION_ERROR in every 400 about required",
    ),
    "the spelling of a date": (
        answers_text(("due_date",), lambda text: text.replace("Z", "+00:00")),
        Weight.NOTABLE,
        "spelling of data.due_date: as sent, now Z as +00:00 in 201",
    ),
    "a default": (
        _with(status="PENDING"),
        Weight.NOTABLE,
        "new property data.status (text) in 201",
    ),
    "the style of field paths": (
        fields_are_json_pointers,
        Weight.NOTABLE,
        "fields named by details: items[0].reference_id, now /items/0/reference_id",
    ),
    "a header gone": (
        responds(lambda response: response.headers.__delitem__("x-region")),
        Weight.NOTABLE,
        "header gone: x-region in every answer",
    ),
    "400 for an unknown order": (
        _unknown_order_is_invalid,
        Weight.BREAKING,
        "status: 404, now 400 in every 404",
    ),
    "the spelling of a number": (
        _writes(lambda text: text.replace('"paid_amount":500,', '"paid_amount":500.0,')),
        Weight.NOTABLE,
        "spelling of data.paid_amount: as sent, now 1 as 1.0 in 201",
    ),
    "the value of a header": (
        responds(lambda response: response.headers.update({"cache-control": "max-age=60"})),
        Weight.NOTABLE,
        "header cache-control: no-store, now max-age=0 in every answer",
    ),
    "a value filled in for each item": (
        answers_items(lambda item, _: {**item, "vat": 0.21}),
        Weight.NOTABLE,
        "value filled in for data.items[].vat: 0.19, now 0.21 in 201",
    ),
    "the host of an address with an id": (
        _data(lambda: {"page": f"https://pay.example.org/invoices/{uuid.uuid4()}"}),
        Weight.NOTABLE,
        "value filled in for data.page: 'https://pay.example.com/invoices/UUID', now 'https://pay",
    ),
    "the order of the data's names": (
        _with_names_reversed,
        Weight.HARMLESS,
        "order of names of data: ",
    ),
    "the order of the items": (
        _with_items_reversed,
        Weight.NOTABLE,
        "spelling of data.items: as sent, now its elements in another order in 201",
    ),
    "the order of an item's names": (
        answers_items(lambda item, _: dict(reversed(item.items()))),
        Weight.HARMLESS,
        "order of names of data.items[]: as sent, now another",
    ),
    "a message": (
        _errors(lambda error, _: {**error, "message": "The request is invalid."}),
        Weight.HARMLESS,
        "message text: The body is not a valid invoice., now The request is invalid.",
    ),
}
"""The silent changes by name: the change, what it means for a client, and what is said of it."""
SLOWER = 1.5
"""The twelfth: the server is slower by half."""


def without_cases(words: str) -> str:
    """What is said of a change, without in which cases it is seen."""
    return re.split(r" in (?:every|[0-9])", words)[0]


@cache
def _before() -> Watched:
    return watched(as_it_was)


def _now(*changes: Mutation, seconds: float = 0.1) -> Watched:
    def changed(server: Server) -> Server:
        for change in (as_it_was, *changes):
            server = change(server)
        return server

    return watched(changed, seconds=seconds)


@pytest.mark.parametrize("name", CHANGES)
def test_each_silent_change_is_the_only_news(name: str) -> None:
    """One change of the vendor is one line that says what it was and what it is."""
    change, weight, words = CHANGES[name]
    news = _before().news(_now(change))
    assert [each.text for each in news.changes if words not in each.text] == []
    assert [each.means for each in news.changes] == [weight]
    assert not news.times


def test_all_silent_changes_at_once_are_each_told() -> None:
    """None hides another, and the worst come first."""
    changes = [change for change, _, _ in CHANGES.values()]
    news = _before().news(_now(*changes, seconds=0.1 * SLOWER))
    told = [each.text for each in news.changes]
    # Where a name of the data is new or gone, its order of names follows from that.
    for name, (_, _, words) in CHANGES.items():
        assert sum(without_cases(words) in text for text in told) == 1, name
    assert len(told) == len(CHANGES)
    assert [each.means for each in news.changes] == sorted(
        (each.means for each in news.changes), key=list(Weight).index
    )
    assert [line.partition(",")[0] for line in news.times] == [
        "answers to valid requests: slower",
        "answers to invalid requests: slower",
    ]


def test_a_slower_server_is_news_and_no_change() -> None:
    """Times depend on the network and the hour, so they are never a verdict."""
    news = _before().news(_now(seconds=0.1 * SLOWER))
    assert not news.changes
    assert "the median x 1.5 (100 ms, now 150 ms)" in news.times[0]
    assert not _before().news(_now(seconds=0.11)).times


def test_a_few_milliseconds_are_no_news() -> None:
    """On a machine of one's own they are its load, however large their ratio is."""
    near = watched(as_it_was, seconds=0.001)
    assert not near.news(_now(seconds=0.01)).times
    assert near.news(_now(seconds=0.03)).times


def test_a_few_slow_answers_hide_no_slower_server() -> None:
    """They may be the load of one moment; twice the median is told."""
    old, new = ({"ACCEPT": {"answers": 99, "median": m, "p95": 90.0}} for m in (20.0, 60.0))
    assert [*timing.news(old, new)]
    assert not [*timing.news(old, {"ACCEPT": {"answers": 99, "median": 60.0, "p95": 40.0}})]


def test_an_unchanged_server_is_no_news() -> None:
    """However often it is compared: ids, times and stamps are no features."""
    some = slice(None, None, 5)
    first = watched(as_it_was, some=some)
    assert [first.news(watched(as_it_was, some=some)).changes for _ in range(20)] == [()] * 20


def test_another_target_is_compared_alike() -> None:
    """Staging against what was accepted of production."""
    production = watched(as_it_was, name="production")
    news = production.news(_now(without("note")))
    assert (news.name, len(news.changes)) == ("production", 1)


@pytest.mark.parametrize(
    ("before", "after", "means", "words"),
    [
        ({"status": "500"}, {"status": "201"}, Weight.NOTABLE, "status: 500, now 201"),
        ({"status": "400"}, {"status": "201"}, Weight.NOTABLE, "status: 400, now 201"),
        ({"status": "201"}, {"status": "400"}, Weight.BREAKING, "status: 201, now 400"),
        (
            {"status": "404", "code": "NOT_FOUND"},
            {"status": "400", "code": "BAD"},
            Weight.BREAKING,
            "status: 404 NOT_FOUND, now 400 BAD",
        ),
        (
            {"status": "201"},
            {"status": "201", "header sunset": "sent", "value sunset": "TIME"},
            Weight.NOTABLE,
            "new header: sunset",
        ),
    ],
)
def test_a_change_means_what_a_client_meets(
    before: dict[str, str], after: dict[str, str], means: Weight, words: str
) -> None:
    """What failed and works now breaks nobody; a header field that announces a removal counts."""
    old, new = ({"a": {"1": each}} for each in (before, after))
    (change,) = Watched("t", "", old).news(Watched("t", "", new)).changes
    assert (change.means, change.text.partition(" in ")[0]) == (means, words)


def test_a_change_where_one_request_got_two_statuses_is_told_in_words() -> None:
    """The answers to a request that is sent more than once are one case."""
    plain, mixed, refused = {"status": "201"}, {"status": "201 | 415"}, {"status": "400"}
    old = {"a": {"1": plain, "2": mixed, "3": refused}}
    more = {"property data.tenant": "text"}
    new = {"a": {"1": {**plain, **more}, "2": {**mixed, **more}, "3": refused}}
    (change,) = Watched("t", "", old).news(Watched("t", "", new)).changes
    assert change.text.endswith(" in every 201 (some beside 415) (2 cases)")


def test_times_of_another_pace_are_not_compared() -> None:
    """One request in flight waits less than eight do."""
    before = replace(_before(), pace="gate, 8 in flight")
    slower = _now(seconds=0.1 * SLOWER)
    assert before.news(slower).times
    assert before.news(replace(slower, pace="gate, 8 in flight")).times
    assert not before.news(replace(slower, pace="smoke, 8 in flight")).times


def test_what_may_be_a_secret_is_in_no_feature() -> None:
    """A baseline is committed: of such a header field it has the name, of a cookie no value."""

    def private(response: Response) -> None:
        response.headers["x-csrf-token"] = "hush"
        response.headers["set-cookie"] = "sid=hush; Path=/; HttpOnly"

    told = {key: text for key, text in _features(watched(responds(private))) if "value " in key}
    assert told["value x-csrf-token"] == "private"
    assert told["value set-cookie"] == "sid=VALUE; Path=/; HttpOnly"
    assert not any("hush" in text for text in told.values())


def _features(found: Watched) -> Iterator[tuple[str, str]]:
    for answers in found.cases.values():
        for features in answers.values():
            yield from features.items()


def test_an_older_baseline_without_values_is_no_news() -> None:
    """Nothing is known of them."""
    older = {
        test: {
            case: {key: text for key, text in features.items() if not key.startswith("value ")}
            for case, features in answers.items()
        }
        for test, answers in _before().cases.items()
    }
    assert not Watched("t", "", older).news(_before()).changes


def test_each_change_has_a_meaning_and_a_reason() -> None:
    """The table says of every kind of feature and every way to change what it means."""
    assert all(why for _, why in MEANING.values())
    assert MEANING[PROPERTY, "gone"][0] is Weight.BREAKING
    assert MEANING[PROPERTY, "new"][0] is Weight.NOTABLE


def test_only_cases_that_both_have_are_compared() -> None:
    """A case that one run did not ask has not changed."""
    whole = watched(unchanged)
    part = Watched("t", "", dict(list(whole.cases.items())[:5]))
    assert part.news(whole).compared == sum(map(len, part.cases.values()))
    assert not part.news(whole).changes
