"""Finds the servers that an OpenAPI document names: those of an operation, and all of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from spec.document import node_at
from spec.paths import join
from spec.yamlfile import FileError, YamlFile

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"})
"""The keys of a path item that have an operation; query and additional ones since OpenAPI 3.2."""
MOST_URLS = 1000
"""Limit on the URLs that one server with variables stands for."""

_EACH, _MORE = "*", "additionalOperations"
_ITEM, _OPERATION, _LINK, _OTHERS = "path item", "operation", "link", "another's path item"
_HELD: dict[str, dict[str, str]] = {
    "document": {"paths": "paths", "webhooks": "callback", "components": "components"},
    "components": {"responses": "responses", "links": "links", "callbacks": "callbacks"},
    "paths": {_EACH: _ITEM},
    _ITEM: {**dict.fromkeys(sorted(METHODS), _OPERATION), _MORE: "operations"},
    "operations": {_EACH: _OPERATION},
    _OPERATION: {"responses": "responses", "callbacks": "callbacks"},
    "responses": {_EACH: "response"},
    "response": {"links": "links"},
    "links": {_EACH: _LINK},
    _LINK: {},
    "callbacks": {_EACH: "callback"},
    "callback": {_EACH: _OTHERS},
    _OTHERS: {},
}
"""By kind of a part of a document, the kinds of what its keys hold, as far as that lists servers.

What the vendor calls, by a callback or a webhook, is on servers of others."""
_REFERRING = frozenset({_ITEM, "response", _LINK, "callback", _OTHERS})
"""Kinds that may be a reference."""
_LISTING = {"document": "servers", _ITEM: "servers", _OPERATION: "servers", _LINK: "server"}
"""By kind, the key that has servers."""

_VARIABLE = re.compile(r"\{[^{}]*\}")
_HOST = r"(?:\[[0-9a-z:.%_-]+\]|[^/?#:@\[\]()!$&'*+,;=]+)"
_SERVER = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?{_HOST}(?::[0-9x]*)?(?:[/?#].*)?"
    rf"|{_HOST}(?::[0-9x]+)?(?:[?#].*|/(?!/).*)?|(?:[?#].*|/(?!/).*)?",
    re.IGNORECASE,
)
"""A URL with a host, a host alone, or a relative URL; an `x` stands for each variable."""
_NOT_IN_A_URL = re.compile(r"""[\s<>"\\^`|{}]""")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that a part of the document lists, and where; `template` has all its variables."""

    url: str
    description: str
    pointer: str
    template: str


def parted(url: str) -> tuple[str, str]:
    """Scheme and host of a server's URL, which may be relative, and what follows them."""
    rest = re.sub("^[^/]*//[^/]*", "", url)
    return url[: len(url) - len(rest)], rest


def path_of(url: str) -> str:
    """The path of a server's URL, without a final slash."""
    return parted(url)[1].partition("?")[0].rstrip("/")


def paths_beside(path: str) -> dict[str, str]:
    """Paths that a router may take for this one, by what is different in them; what guards the
    endpoint may know this one alone.
    """
    before, _, name = path.rpartition("/")
    others = {
        "a slash after the path": f"{path}/",
        "two slashes in the path": f"{before}//{name}",
        "the path in capitals": "/".join(map(str.capitalize, path.split("/"))),
        "a parameter in the path": f"{path};x=1",
        "a format after the path": f"{path}.json",
        "a dot in the path": f"{before}/./{name}",
        "an escape in the path": f"{before}/%{ord(name[:1] or '/'):02x}{name[1:]}",
    }
    return {what: other for what, other in others.items() if not other.endswith(path)}


def path_beside(path: str, target: str) -> str:
    """Which of these paths a request is sent to, whatever is before it; empty if it is none."""
    sent = target.partition("?")[0]
    return next((each for each in paths_beside(path).values() if sent.endswith(each)), "")


def _holders(pointer: str) -> dict[str, str]:
    """The document, the path item and the operation, each of which may list servers; their kinds
    by their pointers.
    """
    return {"": "document", pointer.rpartition("/")[0]: _ITEM, pointer: _OPERATION}


def holder_of_servers(document: YamlFile, pointer: str) -> str:
    """The pointer of what lists the servers of an operation: those of the operation replace those
    of its path item, and these those of the document (OpenAPI 3.0.3, Operation Object).
    """
    listing = [each for each in _holders(pointer) if listed_servers(document, each)]
    return listing[-1] if listing else ""


def servers_of(document: YamlFile, pointer: str) -> tuple[tuple[str, str], ...]:
    """The URL and description of each server of the document, of the path and of the operation,
    then of all other parts, links among them: also of one that is replaced, for somebody may send
    there what is meant for the others. One with variables is also in braces: they may have a value
    that is not listed.
    """
    holders = dict.fromkeys([*_holders(pointer).items(), *_parts(document)])
    found = [
        one
        for holder, kind in holders
        if kind in _LISTING
        for one in _servers_at(document, holder, _LISTING[kind], with_defaults=False)
    ]
    urls = [(one.url, one.description) for one in found]
    return tuple(dict.fromkeys([*urls, *((one.template, one.description) for one in found)]))


def _parts(document: YamlFile) -> dict[tuple[str, str], None]:
    """Pointer and kind of each part that may list servers or hold such a part.

    A path item of the components that only a callback or a webhook refers to is none of the
    vendor's.
    """
    found: dict[tuple[str, str], None] = {}
    _add(document, found, "", "document")
    components = document.content.get("components")
    listed = components.get("pathItems") if isinstance(components, dict) else None
    for name in listed if isinstance(listed, dict) else ():
        at = join("/components/pathItems", name)
        if (at, _OTHERS) not in found:
            _add(document, found, at, _ITEM)
    return found


def _add(document: YamlFile, found: dict[tuple[str, str], None], pointer: str, kind: str) -> None:
    """Note a part and all parts that it holds or refers to, each once."""
    waiting = [(pointer, kind)]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found[part] = None
            waiting += reversed([*_next_to(document, *part)])


def _next_to(document: YamlFile, pointer: str, kind: str) -> Iterator[tuple[str, str]]:
    """Pointer and kind of each part that one holds, or refers to."""
    try:
        node = node_at(document, pointer)
    except FileError:
        return  # where there is nothing, there is no server
    if not isinstance(node, dict):
        return
    if kind in _REFERRING and "$ref" in node:
        reference = node["$ref"]
        if isinstance(reference, str) and reference.startswith("#/"):
            yield unquote(reference[1:]), kind
        elif kind not in ("callback", _OTHERS):
            what = (
                "must refer to this document, as another file may name servers: copy that into it."
            )
            raise document.error(join(pointer, "$ref"), what)
    held = _HELD[kind]
    for key in node:
        below = held.get(key, held.get(_EACH))
        if below and key != "$ref" and not key.startswith("x-"):
            yield join(pointer, key), below


def listed_servers(
    document: YamlFile, holder: str, *, with_defaults: bool = False
) -> tuple[Server, ...]:
    """Each server that the document, or its path item or operation at a pointer, lists; a variable
    of few values is each of them, and any other stays as it is, or has its default.

    Whoever is guarded by them has to know all of them: what is no server stops the run.
    """
    return _servers_at(document, holder, "servers", with_defaults=with_defaults)


def _servers_at(
    document: YamlFile, holder: str, key: str, *, with_defaults: bool
) -> tuple[Server, ...]:
    """The servers in the list `servers`, or the one that is `server`, of a part."""
    try:
        node = node_at(document, holder)
    except FileError:
        return ()
    if not isinstance(node, dict) or key not in node:
        return ()
    where, servers = f"{holder}/{key}", node[key]
    listed = {where: servers}
    if key == "servers":
        if not isinstance(servers, list):
            raise document.error(where, "is not a list of servers.")
        listed = {f"{where}/{index}": server for index, server in enumerate(servers)}
    found = []
    for at, server in listed.items():
        url = _text_of(document, server, at, "url")
        _check_url(document, server["url"], f"{at}/url")
        title = _text_of(document, server, at, "description", "")
        urls = _written_out(document, server, at, url, with_defaults=with_defaults)
        found += [Server(each, title, at, url) for each in urls]
    return tuple(found)


def _check_url(document: YamlFile, url: object, pointer: str) -> None:
    """Refuse what is no URL: nobody could say which host it names."""
    if not isinstance(url, str):
        raise document.error(pointer, "is not a text.")
    plain = _VARIABLE.sub("x", url.strip())
    if _NOT_IN_A_URL.search(plain) or not _SERVER.fullmatch(plain):
        what = "is not the URL of a server, with variables in braces."
        raise document.error(pointer, what)


def _written_out(
    document: YamlFile, server: dict[str, Any], at: str, url: str, *, with_defaults: bool
) -> list[str]:
    """The URLs that one with variables stands for."""
    urls, variables = [url], server.get("variables", {})
    if not isinstance(variables, dict):
        raise document.error(f"{at}/variables", "is not a mapping of variables.")
    for name, variable in variables.items():
        here = join(f"{at}/variables", name)
        default = _text_of(document, variable, here, "default", "")
        members = variable.get("enum", [])
        if not isinstance(members, list) or not all(map(_is_word, members)):
            raise document.error(f"{here}/enum", "is not a list of texts.")
        # A default that is not among the members is used all the same.
        words = {*map(str, members)} | ({default} if members and "default" in variable else set())
        if 0 < len(words) * len(urls) <= MOST_URLS:
            urls = [each.replace(f"{{{name}}}", one) for each in urls for one in sorted(words)]
        elif with_defaults and "default" in variable:
            urls = [each.replace(f"{{{name}}}", default) for each in urls]
    return urls


def _text_of(
    document: YamlFile, node: Any, pointer: str, name: str, instead: str | None = None
) -> str:
    """The text of that name in a node, which has to be a mapping with one; or what is `instead`."""
    if not isinstance(node, dict):
        raise document.error(pointer, "is not a mapping.")
    text = node.get(name, instead)
    if not _is_word(text):
        what = f"has no text {name!r}." if text is None else "is not a text."
        raise document.error(join(pointer, name), what)
    return str(text)


def _is_word(value: object) -> bool:
    """Whether it is a text, or a number that was meant as one, such as a port."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)
