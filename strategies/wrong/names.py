"""Names that are not the name of a required property."""

from spec.contract import Contract
from spec.paths import ELEMENT, schema_at
from spec.requirements import Requirement
from spec.schema.keywords import OTHER_PROPERTIES


def wrong_names(contract: Contract, requirement: Requirement) -> tuple[str | None, ...]:
    """None, to leave it out, and where any other may be sent, names that servers take for its.

    Not in another letter case alone: several libraries read names in any.
    """
    holder, name = schema_at(contract.request_schema, requirement.path[:-1]), requirement.path[-1]
    if any(holder.get(each, True) not in (True, {}) for each in OTHER_PROPERTIES):
        return (None,)
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    # One item after the other has to show it, so that each name of its properties is sent twice.
    others = () if ELEMENT in requirement.path else (name.replace("_", "-"), name.replace("_", ""))
    similar = dict.fromkeys((camel, *others, f"{name} "))
    return (None, *(other for other in similar if other not in holder["properties"]))
