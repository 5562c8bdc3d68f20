"""Which items are duplicates but for their references and quantities, where a server merges or
mixes up such items.
"""

from collections.abc import Callable, Iterator, Sequence

from causes.difference import Edit
from spec.contract import Contract
from spec.paths import Json, find, location_text, put


def edits_text(
    contract: Contract, edits: Sequence[Edit], payload: Json, sent: Callable[[Json], bool | None]
) -> Iterator[str]:
    """The edits that make this payload for people, who are told which items they make alike, if it
    takes that. `sent` says whether a payload shows the symptom, None when nothing may be asked.
    """
    items = contract.relations.sum.items
    alike = likenesses(contract, payload)
    if alike and sent(_unlike(contract, payload, [*alike])) is not False:
        alike = {}
    for edit in edits:
        in_item = edit.location[:1] == (items,) and edit.location[1:]
        if not (alike and in_item):
            yield str(edit)
    for index, other in alike.items():
        yield f"{location_text((items, index))} like {location_text((items, other))}"


def alike_in_one(contract: Contract, plain: Json, payload: Json) -> Iterator[Edit]:
    """Edits that make a value in the second plain item equal to that in the first one, for each
    that two items of the payload have alike, and no two plain ones.
    """
    items, reference = contract.relations.sum.items, contract.relations.distinct.reference
    first, *others = find(plain, (items,)) or [None]
    if not (others and isinstance(first, dict)):
        return
    for name, value in first.items():
        at, other = (items, 0, name), (items, 1, name)
        edit = Edit(other, value, another=at)
        if name != reference and has_alike(payload, edit) and not has_alike(plain, edit):
            yield edit


def has_alike(payload: Json, edit: Edit) -> bool:
    """Whether two items of the payload are alike in the value that the edit makes so."""
    items, _, name = edit.location
    values = [repr(find(each, (name,))) for each in find(payload, (items,)) or ()]
    return len({*values}) < len(values)


def likenesses(contract: Contract, payload: Json) -> dict[int, int]:
    """The indices of items that are as an earlier one, whose index is the value, but for their
    references and quantities.
    """
    own = (contract.relations.distinct.reference, contract.relations.sum.quantity)
    items = find(payload, (contract.relations.sum.items,))
    first: dict[str, int] = {}
    found = {}
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            others = {name: item[name] for name in sorted(item) if name not in own}
            earlier = first.setdefault(repr(others), index)
            found.update({index: earlier} if earlier != index else {})
    return found


def _unlike(contract: Contract, payload: Json, indices: Sequence[int]) -> Json:
    """The payload with other texts in the items of these indices."""
    reference, items = contract.relations.distinct.reference, contract.relations.sum.items
    for index in indices:
        for name, value in find(payload, (items, index)).items():
            if isinstance(value, str) and name != reference:
                payload = put(payload, (items, index, name), f"{value}-{index}")
    return payload
