"""An error's `field` names a location in any notation, and never another location."""

import pytest

from spec.paths import names, names_within

ITEM = ("items", 0, "sku")
PLAIN = ("reference_id",)


@pytest.mark.parametrize(
    "field",
    [
        "items[0].sku",
        "items.0.sku",
        "/items/0/sku",
        "#/items/0/sku",
        "$.items[0].sku",
        "$['items'][0]['sku']",
        "body.items.0.sku",
        "/body/items/0/sku",
        "sku",
        "SKU",
        "items[].sku",
        "items.sku",
        "itemsSku",
        "items_0_sku",
        "items[0][sku]",
        "InvoiceCreateRequest.Items[0].SKU",
        "dtos.InvoiceCreateRequest.Items[0].SKU",
        "invoice > items > 0 > sku",
        " items[0].sku ",
    ],
)
def test_each_notation_of_an_items_field_names_it(field: str) -> None:
    """Case, punctuation, prefixes and a missing position do not count."""
    assert names(field, ITEM)


@pytest.mark.parametrize(
    "field",
    [
        "reference_id",
        "ReferenceID",
        "referenceId",
        "reference-id",
        "Reference ID",
        "/reference_id",
        "body.reference_id",
        "body/reference-id",
        "InvoiceCreateRequest.ReferenceID",
    ],
)
def test_each_notation_of_a_plain_field_names_it(field: str) -> None:
    """Snake, camel, kebab and title case are one name."""
    assert names(field, PLAIN)


@pytest.mark.parametrize(
    ("field", "location"),
    [
        ("items[1].sku", ITEM),
        ("items.10.sku", ITEM),
        ("items_1_sku", ITEM),
        ("items_10_sku", ITEM),
        ("items[0].name", ITEM),
        ("items", ITEM),
        ("items[0]", ITEM),
        ("0", ITEM),
        ("", ITEM),
        ("...", ITEM),
        ("skus", ITEM),
        ("item_sku_code", ITEM),
        ("items[0].sku.length", ITEM),
        ("items[0].reference_id", PLAIN),
        ("order_reference_id", PLAIN),
        ("id", PLAIN),
        ("order_id", PLAIN),
        ("reference", PLAIN),
        ("callback_url", ("url",)),
        ("items[0].sku", ()),
        ("", ()),
        ("items[0]", ("items", 1)),
        ("9" * 5000, ITEM),
    ],
)
def test_another_field_or_position_does_not_name_it(
    field: str, location: tuple[str | int, ...]
) -> None:
    """Neither does a wrong position, another property or a name that only has the same end."""
    assert not names(field, location)


@pytest.mark.parametrize(
    ("field", "location"),
    [
        ("items[2]", ("items", 2)),
        ("items", ("items", 2)),
        ("items", ("items",)),
        ("Items[0].ReferenceID", ("items", 0, "reference_id")),
    ],
)
def test_a_whole_item_and_the_list_itself_are_named(
    field: str, location: tuple[str | int, ...]
) -> None:
    """A location may end in a position; the list's own name is enough for it."""
    assert names(field, location)


@pytest.mark.parametrize(
    ("field", "location", "is_within"),
    [
        ("payment.type", ("payment",), True),
        ("/payment/card/number", ("payment",), True),
        ("items[0].extra", ("items", 0), True),
        ("items[1].extra", ("items", 0), False),
        ("remarks.type", ("payment",), False),
        ("payment", ("payment",), False),
    ],
)
def test_a_field_is_within_the_value_whose_name_comes_before(
    field: str,
    location: tuple[str | int, ...],
    is_within: bool,  # noqa: FBT001 # a table
) -> None:
    """An unknown property and a part of an alternative are named by more than what holds them."""
    assert names_within(field, location) is is_within


@pytest.mark.parametrize("field", ["2024", "/2024", "body.2024", "$['2024']", "items[0].2024"])
def test_a_property_that_is_called_by_a_number_is_named(field: str) -> None:
    """It is no position."""
    assert names(field, ("2024",))
    assert not names("2023", ("2024",))
    assert not names(field, ("items", 2024, "sku"))
