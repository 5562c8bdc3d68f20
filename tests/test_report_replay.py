"""A failing exchange is stored as it was sent, without the key, and can be sent again."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest

from reference.refusal import Problem, Refusal
from reference.service import Steps
from reports import exchange_json, summary
from run import replay
from spec.contract import DOCUMENT
from spec.exchange import Exchange, Request, Response
from targets.masking import Masker
from tests.faulty import FAULTY, takes_any_sku
from tests.fronts import error, fronted, page
from tests.records import cause, record
from tests.reporting import Reported, reported
from tests.running import ENVIRONMENT, KEY, ORDER, python, server

KEYS = {"NAME": "k3y-Of-some-length"}
MASKER = Masker(KEYS)


def _request(body: bytes = b"{}", **headers: str) -> Request:
    return Request("POST", "/v1/invoices", tuple(headers.items()), body)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("k3y-Of-some-length", "${NAME}"),
        ("Bearer k3y-Of-some-length", "Bearer ${NAME}"),
        ("k3y-Of-some-lengthx", "${NAME}x"),
        ("K3Y-oF-SOME-LENGTH", "${NAME~~}"),
        ("k3y-of-some-length", "${NAME,,}"),
        ("k3y-Of-so", "${NAME:0:9}"),
        ("k3y-Of-some-lengtX", "${NAME:0:17}X"),
        ("k3y-Of-sXme-length", "${NAME:0:8}X${NAME:9:9}"),
        ("3y-Of-some-length", "${NAME:1:17}"),
        ("another", "another"),
    ],
)
def test_a_request_comes_back_as_it_was(value: str, stored: str) -> None:
    """Keys, altered ones too, are stored as the shell writes them and filled in again."""
    request = _request(b"\xff\x00", **{"X-API-Key": value, "Content-Type": "application/json"})
    response = Response(201, (("x-echo", value),), b'{"a": 1}')
    entry = exchange_json.to_json(Exchange(request, response, None, 0.5), "test", KEYS, MASKER)
    assert entry["request"]["headers"][0] == ["X-API-Key", stored]
    assert entry["not_replayable"] is None
    assert exchange_json.request_of(entry["request"], KEYS) == request
    assert KEYS["NAME"].lower() not in str(entry).lower()


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (_request(b"x" * (exchange_json.LONGEST_REQUEST + 1)), "is too long to be stored"),
        (_request(b'{"a": "k3y-Of-some-length"}'), "its body holds a key"),
        (
            _request(b'{"a": "any of SOME-Length"}'),
            "its body has 11 characters in a row that a key has too, and no part of a key",
        ),
        (_request(b'"azN5LU9mLXNvbWUtbGVuZ3Ro"'), "a key, or a part of one, in another form"),
        (_request(cookie="azN5LU9mLXNvbWUtbGVuZ3Ro"), "in a form that has no placeholder"),
    ],
)
def test_what_cannot_be_sent_again_says_why(request_: Request, why: str) -> None:
    """It is stored for the reader as far as possible, and nothing else is sent in its place."""
    exchange = Exchange(request_, None, "The server closed.", 0.0)
    entry = exchange_json.to_json(exchange, "test", KEYS, MASKER)
    assert why in (entry["not_replayable"] or "")
    assert entry["response"] is None


def test_a_key_that_is_not_set_is_named() -> None:
    """A request whose key is not in the environment cannot be filled in."""
    exchange = Exchange(_request(key="k3y-Of-some-length"), None, "gone", 0.0)
    entry = exchange_json.to_json(exchange, "test", KEYS, MASKER)
    with pytest.raises(KeyError, match="NAME"):
        exchange_json.request_of(entry["request"], {})


def _replay(*words: str) -> tuple[int, str]:
    done = python("-m", "run.replay", *words)
    return done.status, done.output


def test_a_finding_is_sent_again_and_judged(tmp_path: Path) -> None:
    """It fails as long as the server is wrong, then is mended; it is sent with a new stamp."""
    bodies: list[bytes] = []
    mended: list[bool] = []

    def check(payload: Any) -> Any:
        bodies.append(str(payload).encode())
        return Steps().check(payload) if mended else takes_any_sku(payload)

    with server(replace(Steps(), check=check)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "miss and sku and maxLength")
        assert run.status == 1, run.output
        (cause,) = run.record["findings"]
        bodies.clear()
        test = run.record["tests"][0]["id"]
        for word in ("", cause["id"], test, test.partition("::")[2]):
            status, output = _replay(str(tmp_path / "run.json"), *filter(None, [word]))
            assert status == 1, output
            assert output.splitlines() == [
                f"sent to {url}",
                f"still     {cause['id']}  {cause['headline']}",
                "1 still",
            ]
        assert len(bodies) == 8  # each time the plain invoice first
        stamps = {found for body in bodies for found in re.findall(rb"IC-[0-9A-F]{8}-", body)}
        assert len(stamps) == 4  # one for each command
        assert run.record["run"]["stamp"].encode() + b"-" not in stamps
        mended.append(True)
        status, output = _replay(str(tmp_path / "run.json"))
    assert status == 0, output
    assert f"mended    {cause['id']}  items[].sku.maxLength: 400" in output
    assert output.splitlines()[-1] == "1 mended"
    assert KEY not in output


def test_each_finding_has_a_line(faulty: Reported) -> None:
    """A server that is still there: as many lines as findings with an exchange, and their sum."""
    with server(FAULTY) as url:
        text = faulty.text("run.json").replace(faulty.record["target"]["base_url"], url)
        again = faulty.folder / "again.json"
        again.write_text(text, encoding="utf-8")
        status, output = _replay(str(again))
    found = [cause for cause in faulty.record["findings"] if cause["exchange"]]
    assert status == 1, output
    assert len(found) >= 5
    assert [line.split()[1] for line in output.splitlines()[1:-1]] == [c["id"] for c in found]
    assert output.splitlines()[-1] == f"{len(found)} still"


def test_what_shows_only_after_another_request_is_sent_after_it(tmp_path: Path) -> None:
    """Alone it would look mended; the line of curl sends both, too."""
    last: list[bool] = []
    mended: list[bool] = []

    def check(payload: Any) -> Any:
        problems = Steps().check(payload)
        after = last[-1:] == [True] and not problems and not mended
        last.append(bool(problems))
        return (Problem(("url",), "wrong", "the one before"),) if after else problems

    with server(replace(Steps(), check=check)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "can_be_corrected")
        (cause,) = run.record["findings"]
        assert cause["difference"] == "the request before it was answered 400"
        assert cause["shows"] == "after another"
        assert " --next " in run.output
        still = _replay(str(tmp_path / "run.json"))
        mended.append(True)
        gone = _replay(str(tmp_path / "run.json"))
    assert (still[0], still[1].splitlines()[-1]) == (1, "1 still")
    assert (gone[0], gone[1].splitlines()[-1]) == (0, "1 mended")


def test_what_shows_only_after_another_with_its_references_is_sent_with_them(
    tmp_path: Path,
) -> None:
    """The number of a refused invoice is taken: another number would tell nothing."""
    taken: set[str] = set()
    mended: list[bool] = []

    def find_order(payload: Any, store: Any) -> Any:
        if payload["invoice_number"] in taken and not mended:
            raise Refusal(400, "The number is taken.")
        try:
            return Steps().find_order(payload, store)
        except Refusal:
            taken.add(payload["invoice_number"])
            raise

    with server(replace(Steps(), find_order=find_order)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "unknown and after")
        (found,) = run.record["findings"]
        still = _replay(str(tmp_path / "run.json"))
        mended.append(True)
        gone = _replay(str(tmp_path / "run.json"))
    assert found["refused"].startswith("the plain invoice; the request before it was answered 404")
    assert found["difference"].endswith(", and has the same references")
    assert (still[0], still[1].splitlines()[-1]) == (1, "1 still")
    assert (gone[0], gone[1].splitlines()[-1]) == (0, "1 mended")


@pytest.mark.parametrize(
    ("shows", "words"),
    [
        ("not always", "does not show each time: was answered well 8 times now"),
        ("with others", "was answered well with others in flight, 24 times"),
        ("after another", "shows only after another request, which is not stored: not asked"),
    ],
)
def test_what_does_not_show_each_time_is_not_called_mended(
    tmp_path: Path, shows: str, words: str
) -> None:
    """Nobody knows; a run that has others in flight may tell."""
    broken = [True]

    def check(payload: Any) -> Any:
        return takes_any_sku(payload) if broken else Steps().check(payload)

    with server(replace(Steps(), check=check)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "miss and sku and maxLength")
        broken.clear()
        content = run.record
        content["findings"][0]["shows"] = shows
        (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
        status, output = _replay(str(tmp_path / "run.json"))
    assert status == 6, output
    assert words in output
    assert output.splitlines()[-1] == "1 unknown"


def test_a_text_of_another_invoice_is_not_called_mended(tmp_path: Path) -> None:
    """A server that was started anew has none before it, and may be as wrong as it was."""
    first: list[str] = []

    def render(payload: Any) -> Any:
        first.append(payload["items"][0]["name"])
        data = Steps().render(payload)
        return {**data, "items": [{**item, "name": first[0]} for item in data["items"]]}

    with server(replace(Steps(), render=render)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "limits and shortest")
        content = run.record
        content["findings"][0]["shows"] = "each time"
        for exchange in content["exchanges"]:
            exchange.pop("before", None)
        (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
        still = _replay(str(tmp_path / "run.json"))
    with server() as other:
        gone = _replay(str(tmp_path / "run.json"), "--base-url", other)
    assert (still[0], still[1].splitlines()[-1]) == (1, "1 still"), still[1]
    assert (gone[0], gone[1].splitlines()[-1]) == (6, "1 unknown")
    assert "may show only beside another invoice, which is not sent again" in gone[1]


def test_a_value_that_is_changed_by_itself_is_mended_although_others_have_it(
    tmp_path: Path,
) -> None:
    """Neither another state nor a date without its offset need be of an invoice before."""
    mended: list[bool] = []

    def render(payload: Any) -> Any:
        data = Steps().render(payload)
        if data.get("status") == "OVERPAID" and not mended:
            data["status"] = "PAID"
        if "due_date" in data and not mended:
            data["due_date"] = data["due_date"][:19] + "Z"
        return data

    with server(replace(Steps(), render=render)) as url:
        asked = "edge and (status.enum or due_date.date)"
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", asked)
        names = {each["requirement"] for each in run.record["findings"]}
        assert names == {"201.data.status.echo", "201.data.due_date.echo"}
        mended.append(True)
        status, output = _replay(str(tmp_path / "run.json"))
    assert (status, output.splitlines()[-1]) == (0, "2 mended"), output


@pytest.mark.parametrize("stored", [True, False])
def test_an_id_that_is_given_again_is_sent_after_what_has_it(
    tmp_path: Path, *, stored: bool
) -> None:
    """Where that is not stored, two new ids say nothing of others: it is not called mended."""
    mended: list[bool] = []

    def render(payload: Any) -> Any:
        data = Steps().render(payload)
        for item, sent in zip(data["items"], payload["items"], strict=True):
            item["id"] = item["id"] if mended else str(uuid5(NAMESPACE_OID, sent["sku"]))
        return data

    with server(replace(Steps(), render=render)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "limits and shortest")
        content = run.record
        if not stored:
            content["findings"][0]["shows"] = "each time"
            for exchange in content["exchanges"]:
                exchange.pop("before", None)
            (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
        still = _replay(str(tmp_path / "run.json"))
        mended.append(True)
        gone = _replay(str(tmp_path / "run.json"))
    assert (still[0], still[1].splitlines()[-1]) == (1, "1 still")
    told = (0, "1 mended") if stored else (6, "1 unknown")
    assert (gone[0], gone[1].splitlines()[-1]) == told


@pytest.mark.parametrize(
    ("request_", "shows", "command"),
    [
        (_request(), "each time", "curl"),
        (_request(), "with others", "python -m run.replay"),
        (_request(), "not always", "python -m run.replay"),
        (_request(b" " * 600, **{"Transfer-Encoding": "chunked"}), "each time", "python"),
    ],
)
def test_what_a_line_of_curl_does_not_show_is_replayed(
    request_: Request, shows: str, command: str
) -> None:
    """Curl sends one request, and a body in one chunk."""
    shown = exchange_json.to_json(Exchange(request_, None, "gone", 0.0), "a", {}, MASKER)
    content = record(findings=[cause("a", exchange=shown["id"], shows=shows)], exchanges=[shown])
    (block,) = summary.blocks(content, None if command == "curl" else Path("kept"))
    assert block[-1].removeprefix("  again").strip().startswith(command)


def test_a_replay_that_takes_too_long_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has a deadline, as a run has, and could not tell."""
    monkeypatch.setenv("WIZCOMMERCE_API_KEY", KEY)
    monkeypatch.setattr("run.replay.deadline", lambda run, _: run.open.started_at)
    shown = exchange_json.to_json(Exchange(_request(), None, "gone", 0.0), "a", {}, MASKER)
    content = record(
        findings=[cause("remarks.echo", exchange=shown["id"])],
        exchanges=[shown],
        probes=[],
    )
    content["document"] |= {"file": str(DOCUMENT)}
    with server() as url:
        content["target"] |= {"name": url, "base_url": url, "order_ids": ["ORD-1"]}
        (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
        assert replay.main([str(tmp_path / "run.json")]) == 6
    assert "could not tell: The target is so slow that" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (error(401), "refuses the key in WIZCOMMERCE_API_KEY with 401"),
        (page(200), "is the path right?"),
        (page(403), "Something in front of the API answered: 403"),
        (page(503), "503"),
    ],
    ids=["key", "page", "firewall", "gateway"],
)
def test_an_answer_that_is_not_the_apis_mends_nothing(
    faulty: Reported, tmp_path: Path, response: Any, words: str
) -> None:
    """And breaks nothing: the replay could not tell, and says why."""
    with fronted(lambda _number, _body: response) as url:
        status, output = _replay(_elsewhere(faulty, tmp_path, url))
    assert status == 6, output
    assert words in output
    assert not re.search("^(?:still|mended)", output, re.MULTILINE)


@pytest.mark.parametrize(
    ("times", "status", "words"),
    [
        (1, 0, "mended"),
        (2, 6, "503 text/html, Server: haproxy"),
        (1000, 6, "503 text/html, Server: haproxy"),
    ],
    ids=["once", "twice", "from then on"],
)
def test_a_gateway_that_answers_in_place_of_the_api_neither_mends_nor_keeps_a_finding(
    tmp_path: Path, times: int, status: int, words: str
) -> None:
    """What is answered 503 at sending again is asked once more, and then nobody knows: 6."""
    shown: list[bytes] = []

    def decide(_number: int, body: bytes) -> Any:
        if any(len(item["sku"]) > 255 for item in json.loads(body)["items"]):
            shown.append(body)
            return page(503, "haproxy") if len(shown) <= times else None
        return page(503, "haproxy") if shown and times > 2 else None

    with server(replace(Steps(), check=takes_any_sku)) as url:
        run = reported(tmp_path, "--base-url", url, *ORDER, "-k", "miss and sku and maxLength")
        assert run.status == 1, run.output
        text = run.text("run.json")
    with fronted(decide) as url:
        base = run.record["target"]["base_url"]
        (tmp_path / "run.json").write_text(text.replace(base, url), encoding="utf-8")
        done, output = _replay(str(tmp_path / "run.json"))
    assert (done, words in output) == (status, True), output


def test_where_the_orders_are_unknown_nothing_is_mended(faulty: Reported, tmp_path: Path) -> None:
    """Each invoice would be refused with 404, whatever is wrong with it."""
    with server(FAULTY) as url:
        path = Path(_elsewhere(faulty, tmp_path, url))
        path.write_text(
            path.read_text(encoding="utf-8").replace("ORD-1", "ORD-9"), encoding="utf-8"
        )
        status, output = _replay(str(path))
    assert status == 6, output
    assert "send this where the orders of the record exist, or run the suite again." in output
    assert "--order-id" not in output, "which a replay does not take"


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("no.json",), 4, "no.json: No such file or directory; run the suite first."),
        (
            ("{record}", "no such test"),
            4,
            "no finding or test is called 'no such test'; there are ",
        ),
        (("{record}",), 6, "could not tell: "),
        ((), 4, "name a run.json or say --last, and then at most one finding."),
    ],
)
def test_a_replay_that_fails_says_why_in_one_sentence(
    faulty: Reported, tmp_path: Path, words: tuple[str, ...], status: int, sentence: str
) -> None:
    """No file, no such finding, and a server that has stopped each have their status."""
    shutil.copy(faulty.folder / "run.json", tmp_path)
    done, output = _replay(*(word.format(record=tmp_path / "run.json") for word in words))
    assert done == status, output
    assert sentence in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"findings": []}, "There is nothing to send again.\n"),
        ({}, "not sent  f00dcafe  its body is too large to keep\n1 not sent\n"),
    ],
)
def test_a_replay_that_sends_nothing_names_no_address(
    faulty: Reported, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    """It needs none, and no key: nobody is to think that something was asked there."""
    finding = {**faulty.record["findings"][0], "id": "f00dcafe"}
    exchange = next(x for x in faulty.record["exchanges"] if x["id"] == finding["exchange"])
    kept = {**exchange, "not_replayable": "its body is too large to keep"}
    content = {**faulty.record, "findings": [finding], "exchanges": [kept], **change}
    (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
    done = python("-m", "run.replay", str(tmp_path / "run.json"), keys={})
    assert (done.status, done.output) == (5, says)


def _elsewhere(faulty: Reported, folder: Path, url: str) -> str:
    """The record as somebody might hand it on, with another target."""
    text = faulty.text("run.json").replace(faulty.record["target"]["base_url"], url)
    (folder / "run.json").write_text(text, encoding="utf-8")
    return str(folder / "run.json")


def test_production_is_not_replayed_by_accident(faulty: Reported, tmp_path: Path) -> None:
    """The guard of a run holds for its replay."""
    url = "https://api.wizcommerce.com"
    status, output = _replay(_elsewhere(faulty, tmp_path, url), "--base-url", url)
    assert status == 4, output
    assert "--allow-production api.wizcommerce.com" in output
    assert ENVIRONMENT["WIZCOMMERCE_API_KEY"] not in output


def test_a_record_sends_no_key_to_an_address_of_its_own(faulty: Reported, tmp_path: Path) -> None:
    """It has to be a target of targets.toml, on this machine, or on the command line too."""
    record = _elsewhere(faulty, tmp_path, "https://no-such-host.invalid")
    status, output = _replay(record)
    assert status == 4, output
    assert "https://no-such-host.invalid is not a target of targets.toml: add --base-url" in output
    status, output = _replay(record, "--base-url", "https://no-such-host.invalid")
    assert status == 6, output
    assert output.startswith("sent to https://no-such-host.invalid")


@pytest.mark.parametrize("name", ["http://127.0.0.1:9", "staging"])
def test_an_address_that_is_named_is_where_a_record_is_sent(
    faulty: Reported, tmp_path: Path, name: str
) -> None:
    """Whatever the record says: neither what listens there nor a target of its name gets it."""
    content = {**faulty.record, "target": {**faulty.record["target"], "name": name}}
    path = tmp_path / "run.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    status, output = _replay(str(path), "--base-url", "https://no-such-host.invalid")
    assert status == 6, output
    assert output.startswith("sent to https://no-such-host.invalid")
