"""Versions by which the suite cannot judge, and which can be compared all the same.

Such a one answers a valid invoice with another status than 201 or without content, or demands
another security scheme than a key in a header.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path as FilePath

from spec import yamlfile
from spec.contract import READING, Contract, load_from
from spec.diff.change import Change
from spec.diff.security import KEY, demanded
from spec.document import follow, node_at
from spec.operation import CREATED, PATH, VERSIONS, pointer_of
from spec.paths import copied, steps_of
from spec.reading import named, read
from spec.yamlfile import FileError, YamlFile


def comparable(path: FilePath, *readings: FilePath) -> tuple[Contract, YamlFile]:
    """The contract of a file and the document as it is written, by the first of some readings that
    goes with it; in the contract another status may stand for 201, and no key be asked for.
    """
    for reading in readings[:-1]:
        try:
            return _comparable(path, reading)
        except FileError:
            pass  # the next one may be its own
    return _comparable(path, (readings or (READING,))[-1])


def _comparable(path: FilePath, reading: FilePath) -> tuple[Contract, YamlFile]:
    document, overlay = yamlfile.read(path), read(reading)
    mended = written = named(document, overlay)
    error = FileError()
    for mend in (_as_it_is, _with_created, _with_content, _without_security):
        mended = mend(mended)
        try:
            return load_from(mended, overlay, only_compared=True), written
        except FileError as found:
            error = found
            if not _can_be_mended(written):
                break
    raise error


def without_operation(path: FilePath, *readings: FilePath) -> YamlFile | None:
    """The document of a file if it has paths, and among them no operation for an invoice, or
    several others, by any of the readings.
    """
    for reading in readings:
        written = named(yamlfile.read(path), read(reading))
        content = written.content
        if not isinstance(content, dict) or not isinstance(content.get("paths"), dict):
            return None
        if not str(content.get("openapi", "")).startswith(VERSIONS):
            return None
        try:
            item = node_at(written, pointer_of(written).rpartition("/")[0])
        except FileError:
            item = None if PATH in content["paths"] else {}
        if not isinstance(item, dict) or "post" in item:
            return None
    return written


def of_operation(gone: YamlFile, known: YamlFile, *, fresh: bool) -> Change:
    """The change where one version alone has the operation: what is deprecated may go."""
    pointer = pointer_of(known)
    operation = node_at(known, pointer)
    due = str(operation.get("x-sunset", ""))
    announced = operation.get("deprecated") is True and due <= f"{datetime.now(UTC):%Y-%m-%d}"
    said, place, nowhere = f"POST {steps_of(pointer)[1]}", known.at(pointer), gone.at("/paths")
    breaking = not fresh and not announced
    return Change(
        "request.operation",
        "added" if fresh else "removed",
        breaking=breaking,
        old=None if fresh else said,
        new=said if fresh else None,
        old_place=nowhere if fresh else place,
        new_place=place if fresh else nowhere,
        for_clients=GONE[fresh][0],
        for_servers=GONE[fresh][1],
    )


GONE = {
    True: ("invoices may be sent there", "offer it, as the document has it now"),
    False: (
        "no invoice may be sent there any longer; other names and another path go in a --reading",
        "nothing has to be there",
    ),
}
"""What it means for clients and servers that the operation is new, or gone."""


def _can_be_mended(written: YamlFile) -> bool:
    """Whether there is an operation in it, with answers."""
    if not isinstance(written.content, dict):
        return False
    try:
        operation = node_at(written, pointer_of(written))
    except FileError:
        return False
    return isinstance(operation, dict) and isinstance(operation.get("responses"), dict)


def _as_it_is(written: YamlFile) -> YamlFile:
    return written


def created_of(written: YamlFile) -> str:
    """The status of the answer to a valid invoice: 201, or else the first of those like it."""
    listed = node_at(written, f"{pointer_of(written)}/responses")
    like = [name for name in sorted(listed) if name.startswith("2")]
    return CREATED if CREATED in listed else next(iter(like), CREATED)


def _with_created(written: YamlFile) -> YamlFile:
    """The document with another status as 201, at the same lines."""
    status, where = created_of(written), f"{pointer_of(written)}/responses"
    if status == CREATED:
        return written
    mended = replace(written, content=copied(written.content), lines={**written.lines})
    operation = node_at(mended, pointer_of(mended))
    operation["responses"] = {
        CREATED if name == status else name: each for name, each in operation["responses"].items()
    }
    for pointer, line in written.lines.items():
        if f"{pointer}/".startswith(f"{where}/{status}/"):
            mended.lines[f"{where}/{CREATED}{pointer.removeprefix(f'{where}/{status}')}"] = line
    return mended


def _with_content(written: YamlFile) -> YamlFile:
    """The document with some object as the answer to a valid invoice, if that has no content."""
    where = f"{pointer_of(written)}/responses"
    if CREATED not in node_at(written, where):
        return written
    _, answer = follow(written, f"{where}/{CREATED}")
    if not isinstance(answer, dict) or answer.get("content"):
        return written
    mended = replace(written, content=copied(written.content))
    content = {"application/json": {"schema": {"type": "object"}}}
    node_at(mended, where)[CREATED] = {**answer, "content": content}
    return mended


def _without_security(written: YamlFile) -> YamlFile:
    """The document without what it demands of a client."""
    mended = replace(written, content=copied(written.content))
    node_at(mended, pointer_of(mended))["security"] = []
    return mended


def of_created(old: YamlFile, new: YamlFile) -> Iterator[Change]:
    """The change of the status that a valid invoice gets, if it is another one."""
    was, now = created_of(old), created_of(new)
    if was == now:
        return
    places = [
        each.at(f"{pointer_of(each)}/responses/{status}")
        for each, status in ((old, was), (new, now))
    ]
    yield Change(
        f"{CREATED}.status",
        "changed",
        breaking=True,
        old=was,
        new=now,
        old_place=places[0],
        new_place=places[1],
        for_clients=f"what is valid gets {now}, where it got {was}: take both for a success",
        for_servers=f"answer what is valid with {now}, no longer with {was}",
    )


def is_told_otherwise(one: Change, old: YamlFile, new: YamlFile) -> bool:
    """Whether a change is only of what stands in a contract for something else, or told with it."""
    demands = [demanded(each) for each in (old, new)]
    if one.requirement == KEY:
        keys = all(each.is_key for each in demands)
        if any(each.is_bearer for each in demands):
            return True
        return all(each.known for each in demands) and not (keys and one.kind == "changed")
    created = created_of(old), created_of(new)
    moved = created[0] != created[1] and one.requirement == "response.documented"
    return moved and (one.old or one.new) in created
