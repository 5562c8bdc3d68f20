"""What differs in what two versions of the document list: statuses, media types, servers, words."""

import re
from collections.abc import Iterator, Mapping

from spec.contract import Contract
from spec.diff.change import FOR_CLIENTS, FOR_SERVERS, OF_PROSE, Change, kind_of
from spec.diff.version import answers_beside
from spec.document import node_at
from spec.operation import Answer
from spec.paths import join
from spec.requirements import subject_and_keyword
from spec.servers import holder_of_servers, listed_servers, parted
from spec.yamlfile import FileError

Lists = dict[tuple[str, str], str]
"""What a version lists: the name of the list and of what is in it, and its place."""


def of_lists(old: Contract, new: Contract) -> Iterator[Change]:
    """Each change of what the versions list: media types, statuses, servers.

    What is listed no more breaks a client, but for an error, which it need not get.
    """
    answers = [
        answers_beside(one.operation, other.operation) for one, other in ((old, new), (new, old))
    ]
    before, after = (_lists(*each) for each in zip((old, new), answers, strict=True))
    other_statuses = answers[0].keys() ^ answers[1].keys()
    errors = {old.operation.error, new.operation.error}
    instead = is_another_error(old, new)
    if instead:
        yield _of_another(old, new, "4xx.status", *(_error_of(each) for each in (old, new)))
    together: dict[tuple[str, str, str], list[str]] = {}
    for name, member in sorted({*before} ^ {*after}):
        kind = "added" if (name, member) in after else "removed"
        subject, keyword = subject_and_keyword(name)
        if keyword == "documented":
            told = instead and member in errors
        else:
            told = subject in other_statuses
        if not told:
            together.setdefault((kind, keyword, member), []).append(subject)
    for (kind, keyword, member), subjects in together.items():
        was, now = (each.get((f"{subjects[0]}.{keyword}", member)) for each in (before, after))
        error = keyword == "documented" and not member.startswith("2")
        asked = subjects[0] in ("requestBody", "request", "servers")
        breaking = kind == "removed" and not error
        yield Change(
            f"{', '.join(subjects)}.{keyword}",
            kind,
            breaking,
            member if was else None,
            member if now else None,
            was or "",
            now or "",
            *_MEANING[keyword if not asked or keyword == "url" else "request", kind],
        )
    names = {each.key_header and each.key_header.lower() for each in (old, new)}
    if len(names) == 2 and None not in names:
        headers = ((each.key_header, str(each.operation.key)) for each in (old, new))
        yield _of_another(old, new, "security.key", *headers)


def is_another_error(old: Contract, new: Contract) -> bool:
    """Whether what is invalid gets another status, and no longer the one before; one status for
    any that a range allowed is no other.
    """
    was = old.operation.error
    other = was != new.operation.error and not new.operation.answers[new.operation.error].assumed
    return was.isdecimal() and other and not _has_status(new, was)


def _has_status(contract: Contract, status: str) -> bool:
    """Whether a version lists a status, by itself or in a range."""
    return not {status, f"{status[0]}XX", "default"}.isdisjoint(contract.operation.listed_answers)


def _error_of(contract: Contract) -> tuple[str, str]:
    """The status of what is invalid, and its pointer."""
    status = contract.operation.error
    return status, contract.operation.answers[status].pointer


def _lists(contract: Contract, answers: Mapping[str, Answer]) -> Lists:
    """What a version lists that no requirement says, or not all of it."""
    operation, found = contract.operation, Lists()
    for name in operation.media_types:
        found["requestBody.mediaType", name] = contract.source.at(f"{operation.body}/content")
    for status, answer in answers.items():
        found["response.documented", status] = contract.source.at(answer.pointer)
        for name in answer.media_types:
            found[f"{status}.mediaType", name] = contract.source.at(f"{answer.pointer}/content")
    for url, (_, place) in _servers(contract).items():
        found["servers.url", url] = place
    return found


def _servers(contract: Contract) -> dict[str, tuple[str, str]]:
    """The description of each server of the operation, and its place, by the address of the
    operation there; a variable of any value has its default.
    """
    source, pointer = contract.source, contract.operation.pointer
    found = dict[str, tuple[str, str]]()
    for each in listed_servers(source, holder_of_servers(source, pointer), with_defaults=True):
        # Letter case in scheme and host, and the usual port, do not count (RFC 3986, section 6.2).
        host, rest = parted(each.url.rstrip("/"))
        host = re.sub("^(https://.*):443$|^(http://.*):80$", r"\1\2", host, flags=re.IGNORECASE)
        place = source.at(each.pointer)
        found.setdefault(
            f"{host.lower()}{rest}{contract.operation.listed}", (each.description, place)
        )
    return found


def of_words(old: Contract, new: Contract) -> Iterator[Change]:
    """What a version calls itself, its operation and its servers: it asks nothing of anybody."""
    before, after = (
        {("info.version", ""): (each.version, each.source.at("/info/version"))}
        | {("servers.description", url): words for url, words in _servers(each).items()}
        | {(f"request.{name}", ""): words for name, words in _called(each).items()}
        for each in (old, new)
    )
    for (name, url), (was, old_place) in before.items():
        now, new_place = after.get((name, url), (was, ""))
        if was != now:
            said = (FOR_CLIENTS[True, False], "nothing has to change")
            places = old_place if was else "", new_place if now else ""
            operands = was or None, now or None
            yield Change(name, kind_of(*operands), False, *operands, *places, *said)


def _called(contract: Contract) -> dict[str, tuple[str, str]]:
    """The id and the tags of the operation, by which clients are made and pages sorted."""
    operation = contract.operation.pointer
    found = {name: _node(contract, f"{operation}/{name}") for name in ("operationId", "tags")}
    said = {
        name: ", ".join(sorted(map(str, one))) if isinstance(one, list) else str(one or "")
        for name, one in found.items()
    }
    return {
        name: (words, contract.source.at(f"{operation}/{name}")) for name, words in said.items()
    }


def of_prose(old: Contract, new: Contract) -> Iterator[Change]:
    """What both versions have that is said otherwise: of the whole, the operation, the body, an
    answer or a way to say who a client is.
    """
    places = _described(old), _described(new)
    for name in (one for one in places[0] if one in places[1]):
        was, now = (_said(each, its[name]) for each, its in zip((old, new), places, strict=True))
        if was == now:
            continue
        before = old.source.at(places[0][name]) if was is not None else ""
        after = new.source.at(places[1][name]) if now is not None else ""
        yield Change(name, kind_of(was, now), False, was, now, before, after, *OF_PROSE)


def _described(contract: Contract) -> dict[str, str]:
    """The pointers of prose that is in no schema, by its name, whether it is there or not."""
    operation = contract.operation
    found = {"info.title": "/info", "info.description": "/info"}
    found |= {"request.summary": operation.pointer, "requestBody.description": operation.body}
    for status, answer in operation.listed_answers.items():
        found[f"{status}.description"] = answer.pointer
    schemes = _node(contract, "/components/securitySchemes")
    for name in schemes if isinstance(schemes, dict) else ():
        at = join("/components/securitySchemes", str(name))
        found[f"security.{name}.description"] = at
    return {name: join(at, name.rpartition(".")[2]) for name, at in found.items()}


def _said(contract: Contract, pointer: str) -> str | None:
    """The prose at a pointer; None where there is none."""
    found = _node(contract, pointer)
    return None if found is None else str(found)


def _node(contract: Contract, pointer: str) -> object:
    try:
        return node_at(contract.source, pointer)
    except FileError:
        return None


def _of_another(
    old: Contract, new: Contract, name: str, before: tuple[object, str], now: tuple[object, str]
) -> Change:
    """The key in another header, or another status: who knows the old one alone is wrong."""
    (was, old_pointer), (is_now, new_pointer) = before, now
    clients, servers = (each.format(was, is_now) for each in _OF_ANOTHER[name])
    return Change(
        name,
        "changed",
        breaking=True,
        old=was,
        new=is_now,
        old_place=old.source.at(old_pointer),
        new_place=new.source.at(new_pointer),
        for_clients=clients,
        for_servers=servers,
    )


_OF_ANOTHER = {
    "4xx.status": (
        "what is invalid may get {1}, where it got {0}: take both for a refusal",
        "answer what is invalid with {1}, no longer with {0}",
    ),
    "security.key": (
        "send the key in {1}: in {0} it may be refused",
        "read the key from {1}, and refuse what has it in {0} alone",
    ),
}
"""What another status or header means for clients and for servers."""

_MEANING = {
    ("documented", "added"): (
        "an answer may have this status as well",
        "what gets it is answered as the document says",
    ),
    ("documented", "removed"): (
        "no answer has this status any longer",
        "answer with another of the statuses",
    ),
    ("mediaType", "added"): (
        "an answer may be of this media type, where it is asked for",
        "nothing has to change",
    ),
    ("mediaType", "removed"): (
        "an answer is no longer of this media type",
        "answer in another of the media types",
    ),
    ("request", "added"): (FOR_CLIENTS[True, False], FOR_SERVERS[True, False]),
    ("request", "removed"): (FOR_CLIENTS[True, True], FOR_SERVERS[True, True]),
    ("url", "added"): ("what is sent there is answered as well", "answer there as well"),
    ("url", "removed"): (
        "send to another of the URLs, at another path or server",
        "nothing has to change",
    ),
}
"""What it means for clients and for servers that a list has a member more, or no longer."""
