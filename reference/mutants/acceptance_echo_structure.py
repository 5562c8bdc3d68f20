"""Servers that echo an invoice with parts moved, merged or lost."""

from urllib.parse import unquote

from reference.mutants.mutant import mutant
from reference.mutants.operators import OPTIONAL, answers_items, answers_text, changed
from reference.mutants.server import Json, Server

ITEMS = "201.data.items*.echo"
STATUS = "201.data.status.echo"
URL = "201.data.url.echo"


@mutant("acceptance/echo", ITEMS)
def items_are_sorted_by_name(server: Server) -> Server:
    """`ORDER BY name`, or a map whose keys are sorted."""
    return server.with_data(
        lambda data, _: {**data, "items": sorted(data["items"], key=lambda item: item["name"])}
    )


@mutant("acceptance/echo", ITEMS)
def items_come_back_in_reverse(server: Server) -> Server:
    """Newest first, as a list on a screen shows them."""
    return server.with_data(lambda data, _: {**data, "items": data["items"][::-1]})


@mutant("acceptance/echo", ITEMS)
def only_twenty_items_come_back(server: Server) -> Server:
    """The answer is read through a list endpoint with pages of 20."""
    return server.with_data(lambda data, _: {**data, "items": data["items"][:20]})


@mutant("acceptance/echo", ITEMS)
def the_hundredth_item_is_lost(server: Server) -> Server:
    """`LIMIT 99`, or a loop over a batch of a hundred that ends one too early."""
    return server.with_data(lambda data, _: {**data, "items": data["items"][:99]})


@mutant("acceptance/echo", ITEMS)
def items_of_one_sku_are_merged(server: Server) -> Server:
    """Keyed by sku in a map, or by a UNIQUE index and an upsert: of two, the last remains."""

    def merged(data: Json, payload: Json) -> Json:
        by_sku = {
            sent["sku"]: item for sent, item in zip(payload["items"], data["items"], strict=True)
        }
        return {**data, "items": list(by_sku.values())}

    return server.with_data(merged)


@mutant("acceptance/echo", ITEMS)
def items_of_one_name_are_merged(server: Server) -> Server:
    """The same, keyed by name."""
    return server.with_data(
        lambda data, _: {
            **data,
            "items": list({item["name"]: item for item in data["items"]}.values()),
        }
    )


@mutant("acceptance/echo", ITEMS)
def each_item_is_the_last_one(server: Server) -> Server:
    """Go before 1.22: pointers to the loop variable are kept, and all point to its last value."""
    return server.with_data(
        lambda data, _: {**data, "items": [dict(data["items"][-1]) for _ in data["items"]]}
    )


@mutant("acceptance/echo", ITEMS)
def free_items_are_left_out(server: Server) -> Server:
    """`WHERE amount > 0` in the query that the answer is made from."""
    return server.with_data(
        lambda data, _: {**data, "items": [item for item in data["items"] if item["amount"]]}
    )


@mutant("acceptance/echo", "201.data.items[].reference_id.echo")
def items_have_their_invoices_reference(server: Server) -> Server:
    """A join of two tables that both have a reference_id: the wrong one wins."""
    return answers_items(lambda item, data: {**item, "reference_id": data["reference_id"]})(server)


@mutant("acceptance/echo", "201.data.items[].reference_id.echo")
def items_are_numbered_anew(server: Server) -> Server:
    """The caller's reference is replaced by the number of the item."""

    def numbered(data: Json, _: Json) -> Json:
        for number, item in enumerate(data["items"], 1):
            item["reference_id"] = str(number)
        return data

    return server.with_data(numbered)


@mutant("acceptance/echo", "201.data.reference_id.echo", "201.data.invoice_number.echo")
def reference_and_number_change_places(server: Server) -> Server:
    """Two text arguments of one function in the wrong order."""
    return server.with_data(
        lambda data, _: {
            **data,
            "reference_id": data["invoice_number"],
            "invoice_number": data["reference_id"],
        }
    )


@mutant("acceptance/echo", "201.data.invoice_number.echo")
def the_server_numbers_invoices_itself(server: Server) -> Server:
    """A numbering without gaps, as tax law requires, replaces the number that was sent."""
    given: list[int] = [0]

    def numbered(data: Json, _: Json) -> Json:
        given[0] += 1
        return {**data, "invoice_number": f"2024-{given[0]:05}"}

    return server.with_data(numbered)


@mutant("acceptance/echo", STATUS, "201.data.status.enum")
def the_status_comes_back_in_lower_case(server: Server) -> Server:
    """An enum stored under one name and printed by another convention."""
    return answers_text(("status",), str.lower)(server)


@mutant("acceptance/echo", STATUS)
def the_status_is_always_pending(server: Server) -> Server:
    """A new invoice starts as PENDING, whatever the caller sent."""
    return answers_text(("status",), lambda _: "PENDING")(server)


@mutant("acceptance/echo", STATUS)
def overpaid_is_answered_as_paid(server: Server) -> Server:
    """The database has three states, the document four."""
    return answers_text(("status",), lambda status: status.replace("OVERPAID", "PAID"))(server)


@mutant("acceptance/echo", STATUS)
def a_free_paid_invoice_is_pending(server: Server) -> Server:
    """The status is computed from `paid > 0`: a free invoice that was PAID becomes PENDING."""

    def computed(data: Json, _: Json) -> Json:
        unpaid = "status" in data and data["paid_amount"] == 0
        return {**data, "status": "PENDING"} if unpaid else data

    return server.with_data(computed)


@mutant("acceptance/echo", URL)
def urls_come_back_in_lower_case(server: Server) -> Server:
    """Lower-cased as a whole, although only scheme and host ignore case (RFC 3986 6.2.2.1)."""
    return answers_text(("url",), str.lower)(server)


@mutant("acceptance/echo", URL)
def urls_lose_their_query(server: Server) -> Server:
    """Only scheme, host and path are put together again."""
    return answers_text(("url",), lambda text: text.partition("?")[0])(server)


@mutant("acceptance/echo", URL)
def urls_lose_their_last_slash(server: Server) -> Server:
    """`rstrip("/")`: to some servers, that is another resource."""
    return answers_text(("url",), lambda text: text.rstrip("/"))(server)


@mutant("acceptance/echo", URL)
def urls_gain_a_last_slash(server: Server) -> Server:
    """A URL library's normal form of a host without a path."""
    return answers_text(("url",), lambda text: text if text.count("/") > 2 else f"{text}/")(server)


@mutant("acceptance/echo", URL)
def urls_are_unescaped(server: Server) -> Server:
    """Parsed and put together without escaping: %2F becomes a slash, and the path another one."""
    return answers_text(("url",), unquote)(server)


@mutant("acceptance/echo", URL)
def urls_become_https(server: Server) -> Server:
    """HTTP is upgraded for safety."""
    return answers_text(("url",), lambda text: text.replace("http://", "https://"))(server)


@mutant("acceptance/echo", URL)
def urls_are_cut_at_255_characters(server: Server) -> Server:
    """VARCHAR(255), although the document does not limit url."""
    return answers_text(("url",), lambda text: text[:255])(server)


@mutant("acceptance/echo", "201.data.remarks.echo", "201.data.url.echo")
def remarks_and_url_share_a_column(server: Server) -> Server:
    """Both come back with the value that was written last."""

    def shared(data: Json, _: Json) -> Json:
        both = "remarks" in data and "url" in data
        return {**data, "remarks": data["url"]} if both else data

    return server.with_data(shared)


@mutant("acceptance/echo", "201.data.*.echo")
def optional_properties_are_not_answered(server: Server) -> Server:
    """The type of the answer has only the required properties."""
    return server.with_data(
        lambda data, _: {name: value for name, value in data.items() if name not in OPTIONAL}
    )


@mutant("acceptance/echo", "201.data.*.echo", "201.data.id.required")
def names_of_properties_are_in_camel_case(server: Server) -> Server:
    """A serializer's naming policy: `referenceId` where the document says `reference_id`."""

    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(map(str.title, rest))

    return server.with_data(lambda data, _: {camel(name): value for name, value in data.items()})


@mutant("acceptance/echo", "201.data.*.echo", "201.data.id.required")
def names_of_properties_have_capitals(server: Server) -> Server:
    """A Go struct without json tags: `Status`, `Remarks`, `Items`."""
    return server.with_data(lambda data, _: {name.title(): value for name, value in data.items()})


@mutant("acceptance/echo", "201.data.remarks.echo")
def remarks_become_the_first_items_name(server: Server) -> Server:
    """A view model fills in a caption: the remarks are overwritten by the name of an item."""

    def captioned(data: Json, _: Json) -> Json:
        return changed(
            data, ("remarks",), lambda _: data["items"][0]["name"] if data["items"] else ""
        )

    return server.with_data(captioned)


@mutant("acceptance", "201.data.items.echo", "201.data.items[].*")
def names_share_so_many_characters(server: Server) -> Server:
    """All names of an invoice are in one column of 20,000; later ones are cut."""

    def cut(data: dict[str, Json], _: Json) -> Json:
        used = 0
        for item in data["items"]:
            used += len(item["name"])
            item["name"] = item["name"] if used <= 20_000 else item["name"][:100]
        return data

    return server.with_data(cut)
