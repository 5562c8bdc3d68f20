"""What differs by itself is noise, and hides no change beside it."""

from random import Random

from starlette.responses import Response

from reference.mutants.server import Json, Server
from tests.watching import responds, watched, without
from watch.baseline import Watched
from watch.noise import noise_of


def test_what_differs_by_itself_is_noise() -> None:
    """Found by asking twice, and left out by rule, while all else is still watched."""
    dice = Random(0)  # noqa: S311 - of one seed: what two runs have not seen would be a change

    def noisy(response: Response) -> None:
        response.headers[f"x-cache-{dice.randrange(16):x}"] = "hit"

    def lucky(data: dict[str, Json], _: Json) -> Json:
        return {**data, "lucky": f"{dice.randrange(4096):03x}", "turn": dice.randrange(1000)}

    def usual(server: Server) -> Server:
        return responds(noisy)(server.with_data(lucky))

    first, second = watched(usual), watched(usual)
    rules = noise_of(first.cases, second.cases)
    assert {"default data.lucky", "default data.turn"} <= set(rules)
    accepted = Watched("staging", "", second.cases, {}, rules)
    assert [accepted.news(watched(usual)).changes for _ in range(3)] == [()] * 3
    changed = watched(lambda server: without("turn")(usual(server)))
    (told,) = accepted.news(changed).changes
    assert told.text.startswith("property gone: data.turn in every 201 (")


def test_a_status_that_varies_in_one_test_is_watched_in_all_others() -> None:
    """A status is never noise everywhere."""
    first = {"a": {"1": {"status": "201"}}, "b": {"1": {"status": "201"}}}
    again = {"a": {"1": {"status": "409"}}, "b": {"1": {"status": "201"}}}
    rules = noise_of(first, again)
    assert rules == ["status @ a"]
    later = {"a": {"1": {"status": "400"}}, "b": {"1": {"status": "400"}}}
    news = Watched("t", "", first, {}, rules).news(Watched("t", "", later))
    assert [(each.tests, each.before) for each in news.changes] == [(("b",), "201")]


def test_what_varies_in_one_status_is_watched_in_all_others() -> None:
    """A message that is another one each time in a 401 hides none of a 400."""

    def answers(word: str, said: str) -> dict[str, dict[str, dict[str, str]]]:
        refused = {"1": {"status": "401", "message": word}}
        invalid = {str(n): {"status": "400", "message": said} for n in range(5)}
        return {"a": refused, "b": refused, "c": refused, "d": invalid}

    first = answers("one", "Invalid.")
    rules = noise_of(first, answers("two", "Invalid."))
    assert rules == ["message in 401"]
    news = Watched("t", "", first, {}, rules).news(Watched("t", "", answers("six", "Wrong.")))
    assert [(each.before, each.after) for each in news.changes] == [("Invalid.", "Wrong.")]


def test_what_few_answers_cannot_tell_is_noise_as_it_is_in_others() -> None:
    """Two answers may be alike by chance where every other one differs; twenty may not."""

    def answers(some: int, *, other: bool) -> dict[str, dict[str, dict[str, str]]]:
        words = ["one", "two" if other else "one"] * 5
        refused = {str(n): {"status": "401", "message": each} for n, each in enumerate(words)}
        unknown = {str(n): {"status": "404", "message": "None."} for n in range(some)}
        return {"a": refused, "b": unknown}

    def rules(some: int) -> list[str]:
        return noise_of(answers(some, other=False), answers(some, other=True))

    assert rules(2) == ["message in 401", "message in 404"]
    assert rules(20) == ["message in 401"]


def test_a_single_noisy_answer_does_not_clear_the_others() -> None:
    """That the only answer of a status differs does not say that each answer of another would."""

    def answers(cache: str) -> dict[str, dict[str, dict[str, str]]]:
        one = {"1": {"status": "403", "header x-cache": cache}}
        few = {str(n): {"status": "404", "header x-cache": "hit"} for n in range(3)}
        return {"a": one, "b": few}

    assert noise_of(answers("hit"), answers("miss")) == ["header x-cache"]


def test_a_property_that_varies_in_one_status_is_watched_in_all_others() -> None:
    """If there are so many answers of the others that it would have shown there."""

    def answers(*refused: str) -> dict[str, dict[str, dict[str, str]]]:
        told = {
            f"1{n}": {"status": "401", "property details": each} for n, each in enumerate(refused)
        }
        invalid = {f"2{n}": {"status": "400", "property details": "array"} for n in range(20)}
        return {"a": told, "b": invalid}

    one, other = answers("array", "null", "array"), answers("null", "null", "array")
    rules = noise_of(one, other)
    assert rules == ["property details in 401"]
    gone = {
        test: {case: {"status": each["status"]} for case, each in some.items()}
        for test, some in one.items()
    }
    (change,) = Watched("t", "", one, {}, rules).news(Watched("t", "", gone)).changes
    assert change.text == "property gone: details in every 400 (20 cases)"
    few = {test: dict(list(some.items())[:4]) for test, some in one.items()}
    assert noise_of(few, {**few, "a": other["a"]}) == ["property details"]


def test_what_varies_in_the_only_answers_of_a_status_is_noise_in_all_of_them() -> None:
    """Of two answers one differs by itself: the other one may the next time."""
    first = {"a": {"1": {"status": "404", "code": "A"}}, "b": {"1": {"status": "404", "code": "A"}}}
    again = {"a": {"1": {"status": "404", "code": "B"}}, "b": {"1": {"status": "404", "code": "A"}}}
    assert noise_of(first, again) == ["code in 404"]
