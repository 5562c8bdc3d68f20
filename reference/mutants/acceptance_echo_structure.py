"""Invoices that come back with their parts out of place."""

from urllib.parse import unquote

from reference.mutants.changes import OPTIONAL, changed, lines, texts
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server

ITEMS = "201.data.items*.echo"
STATUS = "201.data.status.echo"
URL = "201.data.url.echo"


@mutant("echo", ITEMS)
def items_are_sorted_by_name(server: Server) -> Server:
    """`ORDER BY name`, or a map whose keys are sorted."""
    return server.rendered(
        lambda data, _: {**data, "items": sorted(data["items"], key=lambda item: item["name"])}
    )


@mutant("echo", ITEMS)
def items_come_back_in_reverse(server: Server) -> Server:
    """Newest first, as the list on a screen wants them."""
    return server.rendered(lambda data, _: {**data, "items": data["items"][::-1]})


@mutant("echo", ITEMS)
def only_twenty_items_come_back(server: Server) -> Server:
    """The answer is read through a list endpoint with a page of 20."""
    return server.rendered(lambda data, _: {**data, "items": data["items"][:20]})


@mutant("echo", ITEMS)
def the_hundredth_item_is_lost(server: Server) -> Server:
    """`LIMIT 99`, or a loop that ends one too early at the size of a batch."""
    return server.rendered(lambda data, _: {**data, "items": data["items"][:99]})


@mutant("echo", ITEMS)
def items_of_one_sku_are_merged(server: Server) -> Server:
    """Keyed by sku in a map or a UNIQUE index with an upsert: of two lines, the last remains."""

    def merged(data: Json, payload: Json) -> Json:
        by_sku = {
            sent["sku"]: item for sent, item in zip(payload["items"], data["items"], strict=True)
        }
        return {**data, "items": list(by_sku.values())}

    return server.rendered(merged)


@mutant("echo", ITEMS)
def items_of_one_name_are_merged(server: Server) -> Server:
    """The same, keyed by name."""
    return server.rendered(
        lambda data, _: {
            **data,
            "items": list({item["name"]: item for item in data["items"]}.values()),
        }
    )


@mutant("echo", ITEMS)
def each_item_is_the_last_one(server: Server) -> Server:
    """Go before 1.22: a pointer to the loop's variable is kept, and all of them point to its last
    value.
    """
    return server.rendered(
        lambda data, _: {**data, "items": [dict(data["items"][-1]) for _ in data["items"]]}
    )


@mutant("echo", ITEMS)
def free_items_are_left_out(server: Server) -> Server:
    """`WHERE amount > 0`: a gift is no line to the report that the answer is made from."""
    return server.rendered(
        lambda data, _: {**data, "items": [item for item in data["items"] if item["amount"]]}
    )


@mutant("echo", "201.data.items[].reference_id.echo")
def items_have_their_invoices_reference(server: Server) -> Server:
    """A join of two tables that both have a reference_id: the wrong one wins."""
    return lines(lambda item, data: {**item, "reference_id": data["reference_id"]})(server)


@mutant("echo", "201.data.items[].reference_id.echo")
def items_are_numbered_anew(server: Server) -> Server:
    """The caller's reference is replaced by the line's number."""

    def numbered(data: Json, _: Json) -> Json:
        for number, item in enumerate(data["items"], 1):
            item["reference_id"] = str(number)
        return data

    return server.rendered(numbered)


@mutant("echo", "201.data.reference_id.echo", "201.data.invoice_number.echo")
def reference_and_number_change_places(server: Server) -> Server:
    """Two text arguments of one function in the wrong order."""
    return server.rendered(
        lambda data, _: {
            **data,
            "reference_id": data["invoice_number"],
            "invoice_number": data["reference_id"],
        }
    )


@mutant("echo", "201.data.invoice_number.echo")
def invoices_get_a_number_of_the_servers_own(server: Server) -> Server:
    """A numbering without gaps, as tax law wants it, replaces the number that was sent."""
    given: list[int] = [0]

    def numbered(data: Json, _: Json) -> Json:
        given[0] += 1
        return {**data, "invoice_number": f"2024-{given[0]:05}"}

    return server.rendered(numbered)


@mutant("echo", STATUS)
def the_status_comes_back_in_small_letters(server: Server) -> Server:
    """An enum stored by its own name and printed by another convention."""
    return texts(("status",), str.lower)(server)


@mutant("echo", STATUS)
def the_status_is_always_pending(server: Server) -> Server:
    """A new invoice starts its life as PENDING, whatever the caller knows of it."""
    return texts(("status",), lambda _: "PENDING")(server)


@mutant("echo", STATUS)
def overpaid_is_answered_as_paid(server: Server) -> Server:
    """Three states in the database, four in the document."""
    return texts(("status",), lambda status: status.replace("OVERPAID", "PAID"))(server)


@mutant("echo", STATUS)
def nothing_paid_for_nothing_is_pending(server: Server) -> Server:
    """The state is computed again, `paid > 0` first: a free invoice that was PAID is PENDING."""

    def computed(data: Json, _: Json) -> Json:
        unpaid = "status" in data and data["paid_amount"] == 0
        return {**data, "status": "PENDING"} if unpaid else data

    return server.rendered(computed)


@mutant("echo", URL)
def addresses_come_back_in_small_letters(server: Server) -> Server:
    """Lower-cased whole, though only scheme and host know no case (RFC 3986 6.2.2.1)."""
    return texts(("url",), str.lower)(server)


@mutant("echo", URL)
def addresses_lose_their_query(server: Server) -> Server:
    """Only scheme, host and path are put together again."""
    return texts(("url",), lambda text: text.partition("?")[0])(server)


@mutant("echo", URL)
def addresses_lose_their_last_slash(server: Server) -> Server:
    """`rstrip("/")`: to some servers, another resource."""
    return texts(("url",), lambda text: text.rstrip("/"))(server)


@mutant("echo", URL)
def addresses_gain_a_last_slash(server: Server) -> Server:
    """A URL library's own spelling of a host without a path."""
    return texts(("url",), lambda text: text if text.count("/") > 2 else f"{text}/")(server)


@mutant("echo", URL)
def addresses_are_unescaped(server: Server) -> Server:
    """Parsed and put together without escaping: %2F becomes a slash and names another path."""
    return texts(("url",), unquote)(server)


@mutant("echo", URL)
def addresses_are_all_https(server: Server) -> Server:
    """Http is upgraded for safety's sake."""
    return texts(("url",), lambda text: text.replace("http://", "https://"))(server)


@mutant("echo", URL)
def addresses_are_cut_at_255_characters(server: Server) -> Server:
    """VARCHAR(255), though the document gives no limit for url."""
    return texts(("url",), lambda text: text[:255])(server)


@mutant("echo", "201.data.remarks.echo", "201.data.url.echo")
def remarks_and_address_share_a_column(server: Server) -> Server:
    """Whichever of the two is written last is what both answer."""

    def shared(data: Json, _: Json) -> Json:
        both = "remarks" in data and "url" in data
        return {**data, "remarks": data["url"]} if both else data

    return server.rendered(shared)


@mutant("echo", "201.data.*.echo")
def optional_properties_are_not_answered(server: Server) -> Server:
    """The answer's type has only what is required."""
    return server.rendered(
        lambda data, _: {name: value for name, value in data.items() if name not in OPTIONAL}
    )


@mutant("success", "201.data.*.type")
def what_was_not_sent_is_null(server: Server) -> Server:
    """Pointers without omitempty, or `JSON.stringify` of nulls: the document allows none."""
    return server.rendered(lambda data, _: {**dict.fromkeys(OPTIONAL), **data})


@mutant("success", "201.data.status.enum")
def a_status_that_was_not_sent_is_empty(server: Server) -> Server:
    """Go's zero value of a string, which is no member of the enum."""
    return server.rendered(lambda data, _: {"status": "", **data})


@mutant("echo", "201.data.*.echo")
def names_of_properties_are_in_camel_case(server: Server) -> Server:
    """A serializer's naming policy: `referenceId` where the document says `reference_id`."""

    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(map(str.title, rest))

    return server.rendered(lambda data, _: {camel(name): value for name, value in data.items()})


@mutant("echo", "201.data.*.echo")
def names_of_properties_have_capitals(server: Server) -> Server:
    """A Go struct without json tags: `Status`, `Remarks`, `Items`."""
    return server.rendered(lambda data, _: {name.title(): value for name, value in data.items()})


@mutant("echo", "201.data.remarks.echo")
def remarks_of_the_first_item_are_answered(server: Server) -> Server:
    """A view model that fills an empty caption: the remarks are overwritten by an item's name."""

    def captioned(data: Json, _: Json) -> Json:
        return changed(data, ("remarks",), lambda _: data["items"][0]["name"])

    return server.rendered(captioned)
