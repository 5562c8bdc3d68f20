"""Each server that a document names, wherever OpenAPI has one, is production to the guard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spec import contract
from spec.contract import Contract
from spec.diff.changes import changes
from spec.yamlfile import FileError
from targets.guard import is_production
from tests.versions.parts import Alteration, Parts

Json = Any
URL = "https://new.example"
SERVER: Json = {"url": URL}
GET: Json = {"responses": {"200": {"description": "Ok"}}}
BILLS = "#/paths/~1v1~1bills"


def _linking(link: Json) -> Json:
    """An operation of which an answer links to another."""
    return {"responses": {"200": {"description": "Ok", "links": {"next": link}}}}


def _calling(callback: Json) -> Json:
    """An operation that calls back."""
    return {**GET, "callbacks": {"paid": callback}}


def _with(paths: Json, **components: Json) -> Callable[[Parts], None]:
    """A version with these paths besides, and these parts."""

    def edit(parts: Parts) -> None:
        parts.document["openapi"] = "3.1.0"
        parts.document["paths"].update(paths)
        for name, part in components.items():
            parts.document["components"].setdefault(name, {}).update(part)

    return edit


def _of_the_answer(parts: Parts) -> None:
    """The answer to an invoice links to another server."""
    parts.post["responses"]["201"]["links"] = {"get": {"operationId": "get", "server": SERVER}}


def _of_a_shared_refusal(parts: Parts) -> None:
    """An answer that several operations share does."""
    parts.document["components"]["responses"] = {"No": {"description": "", "links": {"a": LINK}}}
    parts.post["responses"]["400"] = {"$ref": "#/components/responses/No"}


LINK: Json = {"operationId": "get", "server": SERVER}
ITEM: Json = {"servers": [SERVER], "get": GET}
EVERYWHERE: dict[str, Callable[[Parts], object]] = {
    "the document": lambda parts: parts.document.update(servers=[SERVER]),
    "the path item": lambda parts: parts.document["paths"]["/v1/invoices"].update(servers=[SERVER]),
    "the operation": lambda parts: parts.post.update(servers=[SERVER]),
    "another path": _with({"/v1/bills": ITEM}),
    "an operation of 3.2": _with({"/v1/bills": {"query": {**GET, "servers": [SERVER]}}}),
    "an additional operation of 3.2": _with(
        {"/v1/bills": {"additionalOperations": {"COPY": {**GET, "servers": [SERVER]}}}}
    ),
    "another operation": _with({"/v1/bills": {"trace": {**GET, "servers": [SERVER]}}}),
    "a path item by reference": _with({"/v1/bills": {"$ref": "#/components/pathItems/B"}},
                                      pathItems={"B": ITEM}),
    "one behind two references": _with(
        {"/v1/bills": {"$ref": "#/components/pathItems/A"}},
        pathItems={"A": {"$ref": "#/components/pathItems/B"}, "B": ITEM},
    ),
    "beside a reference": _with({"/v1/bills": {"$ref": "#/components/pathItems/B",
                                               "servers": [SERVER]}}, pathItems={"B": {}}),
    "beside one in a circle": _with({"/v1/bills": {"$ref": BILLS, "servers": [SERVER]}}),
    "a path item that no path refers to": _with({}, pathItems={"B": ITEM}),
    "a path item that refers to another path": _with(
        {"/v1/bills": {"$ref": "#/paths/~1v1~1b"}, "/v1/b": ITEM}
    ),
    "an escaped reference": _with({"/v1/bills": {"$ref": "#/components/pathItems/a~1b%20c"}},
                                  pathItems={"a/b c": ITEM}),
    "an operation of a shared path item": _with(
        {}, pathItems={"B": {"get": {**GET, "servers": [SERVER]}}}
    ),
    "a path item of a webhook and a path": _with(
        {"/v1/bills": {"$ref": "#/components/pathItems/B"},
         "/v1/b": {"get": _calling({"{$url}": {"$ref": "#/components/pathItems/B"}})}},
        pathItems={"B": ITEM},
    ),
    "a webhook that a path refers to": lambda parts: (
        parts.document["paths"].update({"/v1/bills": {"$ref": "#/webhooks/paid"}}),
        parts.document.update(webhooks={"paid": ITEM}),
    ),
    "a link of the answer": _of_the_answer,
    "a link of a shared answer": _of_a_shared_refusal,
    "a link of another path": _with({"/v1/bills": {"get": _linking(LINK)}}),
    "a link by reference": _with({"/v1/bills": {"get": _linking({"$ref": "#/components/links/L"})}},
                                 links={"L": LINK}),
    "a link that nothing refers to": _with({}, links={"L": LINK}),
    "a link of an answer that nothing refers to": _with(
        {}, responses={"R": {"description": "", "links": {"L": LINK}}}
    ),
    "a link of a shared path item": _with({}, pathItems={"B": {"get": _linking(LINK)}}),
    "a name that begins as an extension": _with({}, links={"X-Next": LINK}),
    "a host without a scheme": lambda parts: parts.document.update(
        servers=[{"url": "new.example:443/v1"}]
    ),
    "a host in other dots": lambda parts: parts.document.update(servers=[{"url": "new。example"}]),
    "a host in escapes": lambda parts: parts.document.update(servers=[{"url": "new%2Eexample"}]),
    "a host after two slashes": lambda parts: parts.document.update(
        servers=[{"url": "//new.example"}]
    ),
    "spaces around": lambda parts: parts.document.update(servers=[{"url": f" {URL}/ "}]),
    "a character that does not show": lambda parts: parts.document.update(
        servers=[{"url": "https://new\u200b.example"}]
    ),
    "a variable of a link": _with(
        {}, links={"L": {"server": {"url": "https://{a}.example",
                                    "variables": {"a": {"default": "eu"}}}}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", EVERYWHERE)
def test_a_server_counts_wherever_it_stands(where: str, tmp_path: Path) -> None:
    """Whoever copies an address from a wrong line is stopped."""
    assert is_production(URL, Alteration(EVERYWHERE[where]).load(tmp_path).operation.servers)


ANY: Json = [{"url": "{any}", "variables": {"any": {"default": "https://client.example"}}}]
HOOK: Json = {"servers": ANY, "post": {**GET, "servers": ANY}}
OF_OTHERS: dict[str, Callable[[Parts], object]] = {
    "a callback": _with({"/v1/bills": {"get": _calling({"{$url}": HOOK})}}),
    "a shared callback": _with(
        {"/v1/bills": {"get": _calling({"$ref": "#/components/callbacks/C"})}},
        callbacks={"C": {"{$url}": HOOK}},
    ),
    "a callback elsewhere": _with({"/v1/bills": {"get": _calling({"$ref": "calls.yaml#/C"})}}),
    "a callback that nothing refers to": _with({}, callbacks={"C": {"{$url}": HOOK}}),
    "a callback of a shared path item": _with(
        {"/v1/bills": {"get": _calling({"{$url}": {"$ref": "#/components/pathItems/C"}})}},
        pathItems={"C": HOOK},
    ),
    "a webhook": lambda parts: parts.document.update(webhooks={"paid": HOOK}),
    "a webhook of a shared path item": lambda parts: (
        parts.document.update(webhooks={"paid": {"$ref": "#/components/pathItems/C"}}),
        parts.document["components"].update(
            pathItems={"C": {"$ref": "#/components/pathItems/D"}, "D": HOOK}
        ),
    ),
    "a property that is called so": lambda parts: parts.request["properties"].update(
        servers={"type": "array", "items": {"type": "string"}, "example": [URL]}
    ),
    "an example": lambda parts: parts.request.update(example={"servers": [SERVER]}),
    "an extension": lambda parts: parts.document["paths"].update({"x-more": ITEM}),
    "references that lead nowhere": _with({"/v1/b": {"$ref": "#/paths/no"}}),
    "references in a circle": _with(
        {"/v1/b": {"$ref": BILLS}, "/v1/bills": {"$ref": "#/paths/~1v1~1b"}}
    ),
    "parts of another form": _with(
        {"/v1/b": {"get": {"responses": [ITEM], "callbacks": [ITEM]}, "put": None},
         "/v1/bills": [ITEM]},
        links={"L": [LINK]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", OF_OTHERS)
def test_what_is_no_server_of_the_vendor_guards_nothing(where: str, tmp_path: Path) -> None:
    """A client's own server may be any host: with it, no run could begin without an option."""
    loaded = Alteration(OF_OTHERS[where]).load(tmp_path)
    assert loaded.operation.servers == contract.load().operation.servers
    assert not is_production(URL, loaded.operation.servers)


def _sentence(edit: Callable[[Parts], object], folder: Path) -> str:
    """What is said of a version that cannot be used."""
    path = Alteration(edit).write(folder / "new.yaml")
    with pytest.raises(FileError) as raised:
        contract.load(path)
    sentence = str(raised.value)
    assert sentence.startswith(f"{path}:")
    assert "\n" not in sentence
    return sentence


WRONG_URLS = [
    *("https:/new.example", "https:new.example", "https:///new.example", "///new.example"),
    *("http//new.example", "https:\\\\new.example", "https://new.example\\@localhost"),
    *("https://new.example https://b.example", "https://a.example,https://new.example"),
    *("<https://new.example>", "[Production](https://new.example)", "https://<you>.example"),
    *("https://*.example", "https://${you}.example", "https://{you.example", "https://"),
    *("https://:443", "https:／／new.example", "1https://new.example", "mailto:a@new.example"),
    *("https://a.example\nhttps://new.example", "https://{a}}.example", "new.example//v1"),
]


@pytest.mark.parametrize("url", WRONG_URLS)
def test_what_is_no_url_of_a_server_stops_the_run(url: str, tmp_path: Path) -> None:
    """It may be meant for a host that nobody could tell from it."""
    sentence = _sentence(lambda parts: parts.document.update(servers=[{"url": url}]), tmp_path)
    assert "#/servers/0/url: is not the URL of a server, with variables in braces." in sentence


@pytest.mark.parametrize(
    "url",
    [
        *("", "/", "/v1", "v1", "./v1", "?a=b", "https://new.example:8443/a//b?c=[d]#e"),
        *("{base}", "{base}/v1", "{scheme}://a.{b}.example:{port}/{c}", "https://u:p@new.example"),
        *("https://[2001:db8::1]:8443/v1", "https://api.wizcömmerce.com", "localhost:8080"),
        *("https://api%2Enew.example", "HTTPS://NEW.EXAMPLE/(v1)", "https://new。example"),
    ],
)
def test_a_url_of_any_other_form_is_read(url: str, tmp_path: Path) -> None:
    """Relative ones and those with variables are as OpenAPI has them."""
    edit = Alteration(lambda parts: parts.document.update(servers=[{"url": url}]))
    assert (url, "") in edit.load(tmp_path).operation.servers


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda parts: parts.document.update(servers=[{"url": 5}]), "#/servers/0/url: is not a"),
        (lambda parts: parts.document.update(servers={}), "#/servers: is not a list of servers."),
        (_with({}, links={"L": {"server": None}}), "/links/L/server: is not a mapping."),
        (_with({}, links={"L": {"server": URL}}), "/links/L/server: is not a mapping."),
        (_with({}, links={"L": {"server": [SERVER]}}), "/links/L/server: is not a mapping."),
        (_with({}, links={"L": {"server": {}}}), "/links/L/server: has no text 'url'."),
        (_with({}, pathItems={"B": {"servers": URL}}), "/B/servers: is not a list of servers."),
        (_with({"/v1/b": {"$ref": "b.yaml"}}), "/~1v1~1b/$ref: must refer to this"),
        (_with({"/v1/b": {"$ref": 5}}), "/~1v1~1b/$ref: must refer to this"),
        (
            _with({"/b": {"get": _linking({"$ref": "l.yaml"})}}),
            "/next/$ref: must refer to this doc",
        ),
    ],
)
def test_what_hides_a_server_is_one_sentence(
    edit: Callable[[Parts], None], words: str, tmp_path: Path
) -> None:
    """A part of another file may have servers that nobody knows of."""
    assert words in _sentence(edit, tmp_path)


def _moved(parts: Parts) -> Json:
    """The path item of today, which becomes a part of the components."""
    item = parts.document["paths"]["/v1/invoices"]
    parts.document["components"]["pathItems"] = {"Inv": item}
    parts.document["paths"]["/v1/invoices"] = {"$ref": "#/components/pathItems/Inv"}
    return item


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_path_item_by_reference_is_the_same(version: str, tmp_path: Path) -> None:
    """Its servers and parameters count, and its requirements are where they are written."""

    def edit(parts: Parts) -> None:
        parts.document["openapi"] = version
        _moved(parts).update(servers=[SERVER], summary="Invoices")

    loaded, today = Alteration(edit).load(tmp_path), contract.load()
    assert _names(loaded) == _names(today)
    assert loaded.operation.pointer == "/components/pathItems/Inv/post"
    assert loaded.named("201.status").pointer == "/components/pathItems/Inv/post/responses/201"
    assert loaded.path == today.path
    told = {one.new for one in changes(today, loaded)}
    assert told == {None, f"{URL}/v1/invoices"}


def _names(loaded: Contract) -> set[str]:
    return {one.name for one in loaded.requirements}


def test_a_moved_path_item_by_reference_is_found(tmp_path: Path) -> None:
    """An invoice is sent to the only path that takes one."""

    def edit(parts: Parts) -> None:
        _moved(parts)
        paths = parts.document["paths"]
        paths["/billing/invoices"] = paths.pop("/v1/invoices")

    assert Alteration(edit).load(tmp_path).path == "/billing/invoices"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"$ref": "paths/invoices.yaml"}, "/$ref: only references inside the doc"),
        ({"$ref": "#/components/pathItems/No"}, "/$ref: the reference #/components/pathItems/No"),
        ({"$ref": "#/paths/~1v1~1invoices"}, "/$ref: the reference #/paths/~1v1~1invoices leads"),
        ({"$ref": "#/components/pathItems/Inv", "post": {}}, ": has post beside a reference: move"),
        (
            {"$ref": "#/components/pathItems/Inv", "servers": [], "parameters": []},
            ": has parameters and servers beside a reference: move them to what it refers to.",
        ),
    ],
)
def test_a_path_item_that_cannot_be_followed_is_a_true_sentence(
    item: Json, words: str, tmp_path: Path
) -> None:
    """It does not say that the operation is not documented."""

    def edit(parts: Parts) -> None:
        _moved(parts)
        parts.document["paths"]["/v1/invoices"] = item

    assert f"#/paths/~1v1~1invoices{words}" in _sentence(edit, tmp_path)
