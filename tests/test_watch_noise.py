"""Servers that answer unlike each time and have not changed, and what hides in that noise."""

import random
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from starlette.responses import Response

from reference.mutants.server import Json, Mutation, Respond, Server
from spec.yamlfile import FileError
from tests.watching import responds, watched
from watch import baseline
from watch.baseline import Watched, text_of
from watch.features import together
from watch.fingerprint import unfold
from watch.noise import noise_of
from watch.normalizing import numbered

SOME = slice(None, None, 2)
TURN = count()
DICE = random.Random(7)  # noqa: S311 - not for secrets


def _data(more: Callable[[], dict[str, Json]]) -> Mutation:
    """The server adds properties to each invoice."""
    return lambda server: server.with_data(lambda data, _: {**data, **more()})


def _message(reword: Callable[[str], str]) -> Mutation:
    """The server words each message anew."""
    return lambda server: server.with_error(
        lambda error, _: {**error, "message": reword(error["message"])}
    )


def _shuffled(value: Json) -> Json:
    if isinstance(value, list):
        return [_shuffled(each) for each in value]
    if not isinstance(value, dict):
        return value
    names = DICE.sample(list(value), len(value))
    return {name: _shuffled(value[name]) for name in names}


def _in_any_order(server: Server) -> Server:
    return server.with_response(lambda status, answer, usual: usual(status, _shuffled(answer)))


def _details_in_any_order(server: Server) -> Server:
    return server.with_error(
        lambda error, _: {**error, "details": DICE.sample(error["details"], len(error["details"]))}
    )


def _number() -> int:
    return DICE.randrange(10_000)


NOISY: dict[str, Mutation] = {
    "ids, times and counters": _data(
        lambda: {
            "trace": uuid.uuid4().hex,
            "rev": _number(),
            "at": f"2026-03-01T00:00:00.{_number()}Z",
        }
    ),
    "rate limits and tags": responds(
        lambda response: response.headers.update({"x-ratelimit-remaining": str(_number())})
    ),
    "a header now and then": responds(
        lambda response: response.headers.update({"x-cache": "hit"} if DICE.random() < 0.3 else {})
    ),
    "a header hardly ever": responds(
        lambda response: response.headers.update({"x-slow": "1"} if next(TURN) % 41 == 0 else {})
    ),
    "numbers in a header's name": responds(
        lambda response: response.headers.update({f"x-trace-{_number()}": "1"})
    ),
    "a property now and then": _data(lambda: {"debug": {"a": 1}} if DICE.random() < 0.3 else {}),
    "names made up each time": _data(
        lambda: {"links": {f"{uuid.uuid4().hex[:6]}7": 1, f"n{_number()}": 1}}
    ),
    "names in any order": _in_any_order,
    "details in any order": _details_in_any_order,
    "a message with an id and a time": _message(
        lambda text: f"{text} ({uuid.uuid4()}, {_number()} ms)"
    ),
    "one of two messages": _message(lambda text: DICE.choice([text, "No."])),
}
"""Servers by what differs by itself."""


def _other_code(server: Server) -> Server:
    return server.with_error(lambda error, _: {**error, "code": "WRONG"})


@pytest.mark.parametrize("name", NOISY)
def test_what_differs_by_itself_is_no_news_and_hides_none(name: str) -> None:
    """Accepted by asking twice, it has not changed; then another code is all that is told."""
    mutate = NOISY[name]
    first, second = watched(mutate, some=SOME), watched(mutate, some=SOME)
    rules = noise_of(first.cases, second.cases)
    accepted = Watched("staging", "", second.cases, {}, rules)
    told = [accepted.news(watched(mutate, some=SOME)).changes for _ in range(3)]
    assert [[change.text for change in changes] for changes in told] == [[]] * 3
    later = accepted.news(watched(lambda server: _other_code(mutate(server)), some=SOME))
    assert {(change.kind, change.after) for change in later.changes} == {("code", "WRONG")}


@pytest.mark.parametrize(
    "style", ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%b %d, %Y", "%A, %d %B %Y %H:%M:%S GMT"]
)
def test_another_day_is_no_news(style: str) -> None:
    """The two runs that are accepted are of one day; another way to write it is news."""

    def dated(day: datetime, style: str) -> Mutation:
        text = day.strftime(style)
        message = _message(lambda said: f"{said} Today is {text}.")
        return lambda server: message(_data(lambda: {"pay_by": text})(server))

    day = datetime(2026, 2, 28, 9, 5, tzinfo=UTC)
    before = watched(dated(day, style), some=SOME)
    for later in (day + timedelta(days=1, hours=7), day + timedelta(days=40)):
        assert not before.news(watched(dated(later, style), some=SOME)).changes
    other = before.news(watched(dated(day, "on day %j"), some=SOME))
    assert {change.kind for change in other.changes} == {"default", "message"}


def test_an_id_that_is_another_one_after_a_restart_is_no_news() -> None:
    """The two runs that are accepted need not have a restart between them."""

    def served_by(name: str) -> Mutation:
        return _data(lambda: {"served_by": name})

    before = watched(served_by("api-905a2e-eu"), some=SOME)
    assert not before.news(watched(served_by("api-3edd3c-eu"), some=SOME)).changes
    (change,) = before.news(watched(served_by("api-3edd3c-us"), some=SOME)).changes
    assert (change.before, change.after) == ("'api-ID-eu'", "'api-ID-us'")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda data: {**data, "total_amount": str(data["total_amount"])},
            "type of data.total_amount: as sent, now text in place of number in every 201",
        ),
        (lambda data: {**data, "id": data["id"][:8]}, "type of data.id: uuid, now text"),
        (
            lambda data: {name: value for name, value in data.items() if name != "remarks"},
            "property gone: data.remarks in 201",
        ),
        (
            lambda data: {**data, "items": [{**item, "sku": None} for item in data["items"]]},
            "new property data.items[].sku (null in place of text) in every 201",
        ),
    ],
)
def test_a_change_of_a_type_is_told_as_one(
    change: Callable[[dict[str, Json]], Json], words: str
) -> None:
    """Whether the property comes from the request or from the server."""
    before = watched(some=SOME)
    now = watched(lambda server: server.with_data(lambda data, _: change(data)), some=SOME)
    (told,) = before.news(now).changes
    assert told.text.startswith(words)


def test_an_answer_of_another_shape_is_one_change() -> None:
    """What is inside a property that is gone, and what follows from a body that is none, is not
    told again.
    """

    def renamed(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        if status == 404:
            return Response(b"", status)
        return usual(
            status, {"invoice" if name == "data" else name: answer[name] for name in answer}
        )

    news = watched().news(watched(lambda server: server.with_response(renamed)))
    assert [change.text.partition(" in ")[0] for change in news.changes] == [
        "property gone: data",
        "body: a JSON object, now empty",
        "new property invoice (object)",
    ]


def test_the_baseline_of_another_target_is_refused(tmp_path: Path) -> None:
    """A copy of it would make news of every way in which the two differ."""
    found = Watched("one", "2026-03-01T00:00:00+00:00", {"a": {"1": {"status": "201"}}})
    text = text_of(found, found)
    baseline.file_of("one", tmp_path).write_text(text, encoding="utf-8")
    assert baseline.load("one", tmp_path) is not None
    baseline.file_of("two", tmp_path).write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match="it has the answers of one, not of two"):
        baseline.load("two", tmp_path)
    later = text.replace("2026-03-01T00:00:00", "yesterday")
    baseline.file_of("one", tmp_path).write_text(later, encoding="utf-8")
    with pytest.raises(FileError, match="is not a baseline that this suite reads"):
        baseline.load("one", tmp_path)


@pytest.mark.parametrize("odd", [True, -1, 1e308, None, [], {"a": 1}, [[]]])
def test_a_feature_that_is_no_text_is_refused(odd: object) -> None:
    """A pull request may bring any baseline."""
    folded = {"usual": {"201": {"status": odd}}, "forms": {}, "tests": {"a": {"": "201: b"}}}
    with pytest.raises(ValueError, match="is not the fingerprint of a target"):
        unfold(folded)


def test_a_body_that_is_too_long_to_look_at_hides_only_itself() -> None:
    """Two answers around our own limit are no change, but their heads may be."""
    short = {"status": "201", "property data": "object", "header etag": "sent"}
    long = {"status": "201", "body": "long"}
    for before, after in ((short, long), (long, short)):
        news = Watched("t", "", {"a": {"1": before}}).news(Watched("t", "", {"a": {"1": after}}))
        assert [change.kind for change in news.changes] == ["header"]


@pytest.mark.parametrize("name", ["a5555557", "5555557", "55555b7", "5555555c"])
def test_a_name_that_is_made_up_is_an_id_wherever_its_digits_are(name: str) -> None:
    """A row of digits in it is no number of its own."""
    assert numbered(f"data.links.{name}") == "data.links.ID"


def test_the_value_of_a_field_that_comes_and_goes_is_compared_where_it_is() -> None:
    """A case that is asked twice has it in one answer or in both, by chance."""
    cached = {"status": "201", "header x-cache": "there", "value x-cache": "hit"}
    assert together([cached, {"status": "201"}]) == {
        "status": "201",
        "header x-cache": "none | there",
        "value x-cache": "hit",
    }
