"""The servers of a document: which of them count for an operation, and which are guarded."""

from pathlib import Path
from typing import Any

import pytest

from spec import contract
from spec.diff.changes import changes
from spec.yamlfile import FileError
from targets.guard import is_production
from tests.running import suite
from tests.versions.parts import Alteration, Parts, asking

Json = Any
NEW = "https://new.example"


def _holder(parts: Parts, level: str) -> dict[str, Json]:
    """What may list servers: the document, the path item or the operation."""
    path_item: dict[str, Json] = parts.document["paths"]["/v1/invoices"]
    return {"document": parts.document, "path item": path_item, "operation": parts.post}[level]


LEVELS = {"document": "#", "path item": "#/paths/~1v1~1invoices", "operation": "/post"}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("servers", "words"),
    [
        (NEW, "/servers: is not a list of servers."),
        ({"url": NEW}, "/servers: is not a list of servers."),
        (None, "/servers: is not a list of servers."),
        (5, "/servers: is not a list of servers."),
        ([NEW], "/servers/0: is not a mapping."),
        ([{"url": NEW}, [NEW]], "/servers/1: is not a mapping."),
        ([None], "/servers/0: is not a mapping."),
        ([{"description": "Staging"}], "/servers/0: has no text 'url'."),
        ([{"url": None}], "/servers/0/url: has no text 'url'."),
        ([{"url": [NEW]}], "/servers/0/url: is not a text."),
        ([{"url": {"prod": NEW}}], "/servers/0/url: is not a text."),
        ([{"url": True}], "/servers/0/url: is not a text."),
        ([{"url": NEW, "description": ["Staging"]}], "/servers/0/description: is not a text."),
        ([{"url": NEW, "variables": [1]}], "/servers/0/variables: is not a mapping of variables."),
        ([{"url": "{a}", "variables": {"a": "x"}}], "/servers/0/variables/a: is not a mapping."),
        (
            [{"url": "{a}", "variables": {"a": {"enum": "eu"}}}],
            "/servers/0/variables/a/enum: is not a list of texts.",
        ),
        (
            [{"url": "{a}", "variables": {"a": {"enum": [["eu"]]}}}],
            "/servers/0/variables/a/enum: is not a list of texts.",
        ),
        (
            [{"url": "{a}", "variables": {"a": {"default": ["eu"]}}}],
            "/servers/0/variables/a/default: is not a text.",
        ),
    ],
)
def test_what_is_no_server_is_one_sentence_with_line_and_pointer(
    level: str, servers: Json, words: str, tmp_path: Path
) -> None:
    """Whoever read past it would not know of a host that is production."""
    edit = Alteration(lambda parts: _holder(parts, level).update(servers=servers))
    path = edit.write(tmp_path / "new.yaml")
    with pytest.raises(FileError) as raised:
        contract.load(path)
    sentence = str(raised.value)
    assert sentence.startswith(f"{path}:")
    assert LEVELS[level] in sentence
    assert sentence.endswith(words)
    assert "\n" not in sentence


def test_a_run_by_servers_that_are_a_text_does_not_begin(tmp_path: Path) -> None:
    """Usage, and nothing is sent to the host that the text names."""
    edit = Alteration(lambda parts: parts.document.update(servers=NEW))
    run = suite("--document", str(edit.write(tmp_path / "new.yaml")), "--base-url", NEW)
    assert run.status == 4
    assert "/servers: is not a list of servers." in run.output


@pytest.mark.parametrize("level", LEVELS)
def test_the_servers_of_each_part_are_guarded(level: str, tmp_path: Path) -> None:
    """Also those that others replace."""

    def edit(parts: Parts) -> None:
        parts.document["servers"] = [{"url": "https://old.example"}]
        _holder(parts, level)["servers"] = [{"url": NEW}]
        parts.post["servers"] = [*parts.post.get("servers", []), {"url": "https://post.example"}]

    servers = Alteration(edit).load(tmp_path).operation.servers
    assert is_production(NEW, servers)
    assert is_production("https://post.example", servers)
    assert is_production("https://old.example", servers) is (level != "document")


def test_a_default_that_is_no_member_is_guarded_too(tmp_path: Path) -> None:
    """A client that sets no variable sends there."""
    variables = {"region": {"enum": ["eu", 5], "default": "us"}}
    servers = [{"url": "https://{region}.example", "variables": variables}]
    edit = Alteration(lambda parts: parts.document.update(servers=servers))
    listed = edit.load(tmp_path).operation.servers
    values = ("5", "eu", "us", "{region}")
    assert [url for url, _ in listed] == [f"https://{one}.example" for one in values]


@pytest.mark.parametrize(
    ("at", "path", "sent"),
    [
        ({"document": "https://a.example/v1"}, "/invoices", "/v1/invoices"),
        ({"document": "https://a.example"}, "/invoices", "/invoices"),
        ({"document": "https://a.example", "operation": "//b.eg/v1/"}, "/invoices", "/v1/invoices"),
        ({"document": "https://a.example/api/v1"}, "/invoices", "/v1/invoices"),
        ({"document": "https://a.example/api"}, "/v1/invoices", "/v1/invoices"),
        ({"document": "https://a.example/v1"}, "/api/invoices", "/v1/api/invoices"),
        ({"document": "https://a.example/apiv1"}, "/invoices", "/invoices"),
        ({"document": "https://a.example", "path item": "/v1"}, "/invoices", "/v1/invoices"),
        ({"document": "//a.example/v1", "operation": "//b.example"}, "/invoices", "/invoices"),
        ({"document": "//a.example/v1", "path item": "//b.example"}, "/invoices", "/invoices"),
        ({"path item": "//a.example/v1", "operation": "//b.example"}, "/invoices", "/invoices"),
        ({"path item": "//a.example", "operation": "//b.example/v1"}, "/invoices", "/v1/invoices"),
        ({"document": "https://a.example/v1", "operation": None}, "/invoices", "/v1/invoices"),
        ({"document": "https://a.example/{base}"}, "/invoices", "/v1/invoices"),
        ({"document": "https://a.example/v2", "operation": "/v3"}, "/v1/invoices", "/v1/invoices"),
    ],
)  # fmt: skip
def test_the_servers_nearest_to_an_operation_say_its_path(
    at: dict[str, str | None],
    path: str,
    sent: str,
    tmp_path: Path,
) -> None:
    """They replace the others (OpenAPI 3.0.3, Operation Object); a variable has its default. Of a
    path that is not today's, only a version belongs to the address.
    """

    def edit(parts: Parts) -> None:
        variables = {"base": {"default": "v1"}}
        for level, url in at.items():
            one = {"url": url, "variables": variables}
            _holder(parts, level)["servers"] = [one] if url else []
        paths = parts.document["paths"]
        paths[path] = paths.pop("/v1/invoices")

    assert Alteration(edit).load(tmp_path).path == sent


@pytest.mark.parametrize(
    ("demands", "listed"),
    [
        (({"ApiKeyAuth": [], "Other": []},), "ApiKeyAuth and Other"),
        (({"ApiKeyAuth": [], "Other": []}, {"Login": []}), "ApiKeyAuth and Other or Login"),
        (({"Login": []}, {"Login": []}), "Login or Login"),
        (({"Login": []}, {"ApiKeyAuth": [], "Other": []}), "Login or ApiKeyAuth and Other"),
    ],
)
def test_several_security_schemes_are_one_sentence_that_names_them(
    demands: tuple[dict[str, list[str]], ...], listed: str, tmp_path: Path
) -> None:
    """With line and pointer, and what to do, where no key suffices alone or none is needed."""
    with pytest.raises(FileError) as raised:
        asking(*demands).load(tmp_path)
    assert "/post/security: does not ask for exactly one security scheme" in str(raised.value)
    do = "leave only the API key in a header, or the bearer."
    assert f"but for {listed}: {do}" in str(raised.value)


@pytest.mark.parametrize("index", [0, 1])
def test_a_key_that_suffices_alone_is_sent_whatever_else_will_do(
    index: int, tmp_path: Path
) -> None:
    """The requirement is at the alternative that asks for it."""
    demands: list[dict[str, list[str]]] = [{"Bearer": []}]
    demands.insert(index, {"ApiKeyAuth": []})
    loaded = asking(*demands).load(tmp_path)
    assert loaded.key_header == "X-API-Key"
    assert loaded.named("security.key").pointer.endswith(f"/security/{index}/ApiKeyAuth")


def test_a_server_of_the_operation_is_told_as_one_instead_of_the_documents(
    tmp_path: Path,
) -> None:
    """What is replaced is not where a client sends."""
    edit = Alteration(lambda parts: parts.post.update(servers=[{"url": NEW}]))
    found = changes(contract.load(), edit.load(tmp_path))
    assert [(one.kind, one.old, one.new) for one in found] == [
        ("removed", "https://api-staging.sourcerer.tech/v1/invoices", None),
        ("removed", "https://api.wizcommerce.com/v1/invoices", None),
        ("added", None, f"{NEW}/v1/invoices"),
    ]
