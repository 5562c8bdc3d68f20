"""Names that are not the name of a required property."""

from collections.abc import Callable

from spec.contract import Contract
from spec.paths import ELEMENT, Json, schema_at
from spec.relations import FULL_WIDTH
from spec.requirements import Requirement
from spec.schema.keywords import OTHER_PROPERTIES

ALIASES = {
    "reference_id": ("external_id",),
    "order_id": ("order",),
    "invoice_number": ("number",),
    "total_amount": ("total",),
    "paid_amount": ("amount_paid",),
    "items": ("line_items",),
}
ALIASES_OF_ITEMS = {
    "amount": ("unit_price",),
    "quantity": ("qty",),
    "name": ("title",),
    "sku": ("code",),
}
"""Names that other systems have for these properties, of an invoice and of an item."""

_MORE = {
    "reference_id": ("reference", "ref", "external_reference", "externalId", "id", "uuid"),
    "order_id": ("order_number", "orderNumber", "order_no", "sales_order_id", "order_reference"),
    "invoice_number": ("invoice_no", "invoiceNo", "invoice_id", "document_number", "no"),
    "total_amount": ("amount", "grand_total", "total_price", "amount_total", "sum", "value"),
    "paid_amount": ("paid", "payment", "amountPaid", "total_paid", "paid_total"),
    "due_date": ("due", "due_on", "due_at", "dueAt", "payment_due", "due_by"),
    "items": ("lines", "lineItems", "products"),  # not more: each has all items again
}
_MORE_OF_ITEMS = {
    "reference_id": ("reference", "ref", "id", "line_id", "external_id"),
    "amount": ("price", "unitPrice", "rate", "unit_amount", "cost", "item_total"),
    "quantity": ("count", "units", "pieces", "number"),
    "name": ("description", "label", "product_name", "productName", "item_name", "text"),
    "sku": ("product_id", "product_code", "article", "item_code", "product_sku", "part_number"),
}
"""Names that stand beside the last of those, also that which an answer has for it: who knows one of
them takes what it has.
"""


def wrong_names(contract: Contract, requirement: Requirement) -> tuple[str | None, ...]:
    """None, to leave it out, and where any other may be sent, names that servers take for its, also
    in another letter case, which several libraries ignore, and those of other versions and systems.
    """
    holder, name = schema_at(contract.request_schema, requirement.path[:-1]), requirement.path[-1]
    if any(holder.get(each, True) not in (True, {}) for each in OTHER_PROPERTIES):
        return (None,)
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    # One item after the other has to show it, so that each name of its properties is sent twice.
    others = () if ELEMENT in requirement.path else (name.replace("_", "-"), name.upper())
    written = "_".join(word.capitalize() for word in name.split("_")) if rest else name.upper()
    aliases = ALIASES_OF_ITEMS if ELEMENT in requirement.path else ALIASES
    known = aliases.get(name, (camel[:1].upper() + camel[1:],) if rest else ())
    similar = dict.fromkeys((camel, *others, written, *known))
    return (None, *(other for other in similar if other not in holder["properties"]))


_SPELLED: tuple[Callable[[str], str], ...] = (
    lambda name: name.translate(FULL_WIDTH),
    str.capitalize,
    *(
        (lambda name, sign=sign: name.replace("_", sign))
        for sign in ("\uff3f", "%5F", r"\u005f", ".", " ", "-", "")
    ),
    lambda name: name.removesuffix("s") if name.endswith("s") else f"{name}s",
    *(
        (lambda name, around=around: around.format(name))
        for around in (
            *(
                "{} ",
                " {}",
                "\u00a0{}",
                "\ufeff{}",
                "{}\u200b",
                "{}\u00ad",
                "{}\0",
                "{}\n",
                "{}\u0301",
            ),
            *('"{}"', "'{}'", "{}[]", "[{}]", "${}", "@{}", ":{}", "#{}", "/{}", "{}:", "{}?"),
            *("_{}", "{}_", "{}__c", "invoice[{}]", "invoice.{}", "invoice_{}", "xml:{}"),
        )
    ),
)
"""How a required name is spelled that a server may tidy up before it looks for it."""
_PROTOTYPES = ("__proto__", "constructor", "prototype")
"""Where a JavaScript object inherits properties from, if what is copied has such a one."""


def names_beside(
    contract: Contract, requirement: Requirement, name: str, value: Json
) -> tuple[str, ...]:
    """Names that have the value of a required property as well, where it has this one: the last
    of the wrong names has all that are left, and of what is no list also spellings of its own.

    Of letters beyond ASCII none folds to it: a long s for s.
    """
    if name != wrong_names(contract, requirement)[-1]:
        return ()
    schema, own = schema_at(contract.request_schema, requirement.path[:-1]), requirement.path[-1]
    more = _MORE_OF_ITEMS if ELEMENT in requirement.path else _MORE
    spelled = [] if isinstance(value, list | dict) else [spell(own) for spell in _SPELLED]
    listed = dict.fromkeys((*more.get(own, ()), *spelled))
    return tuple(each for each in listed if each != own and each not in schema["properties"])


def inherited(contract: Contract, requirement: Requirement, name: str, value: Json) -> Json:
    """Objects with the required property inside, under names that an object may inherit from, where
    it has the last of the wrong names, and there is room for it under several.
    """
    is_long = isinstance(value, list) and len(value) > _MOST_FLAT
    if name != wrong_names(contract, requirement)[-1] or is_long:
        return {}
    known = schema_at(contract.request_schema, requirement.path[:-1])["properties"]
    names = _PROTOTYPES[:1] if isinstance(value, list) else _PROTOTYPES
    return {each: {requirement.path[-1]: value} for each in names if each not in known}


_FLAT = ("{}[{}].{}", "{}[{}][{}]", "{}.{}.{}")
"""How libraries write a property of an element in one name, as a form has it."""
_MOST_FLAT = 12
"""Elements."""


def flat_names(
    contract: Contract, requirement: Requirement, name: str, value: Json
) -> dict[str, Json]:
    """Each value of a required list of objects under a name of its own, where it has the last of
    the wrong names.
    """
    if not isinstance(value, list) or name != wrong_names(contract, requirement)[-1]:
        return {}
    return {
        way.format(requirement.path[-1], number, inner): each
        for way in _FLAT
        for number, element in enumerate(value[:_MOST_FLAT])
        for inner, each in (element.items() if isinstance(element, dict) else ())
    }
