"""The page's schema of an invoice request, checked strictly and completely."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from reference.instants import instant
from reference.refusal import Problem


def _date_time(text: str) -> str:
    try:
        instant(text)
    except ValueError:
        raise PydanticCustomError(
            "date_time", "Input should be an RFC 3339 date-time, such as 2025-01-01T00:00:00Z"
        ) from None
    return text


# Strings of at most 255 characters, and 1,000 items, limit the answer to a body of 1 MiB that is
# wrong everywhere to a few hundred kilobytes. Doubles have exact cents far beyond the amounts in
# practical use; beyond 1e15, the answer's item_total could be wrong.
Name = Annotated[str, Field(min_length=1, max_length=255)]
# Any length, even 0, makes pydantic read the characters and refuse lone surrogates.
Text = Annotated[str, Field(min_length=0)]
Remark = Annotated[str, Field(max_length=255)]
DateTime = Annotated[str, AfterValidator(_date_time)]
Money = Annotated[float, Field(ge=-1e15, le=1e15)]
Paid = Annotated[float, Field(ge=0, le=1e15)]
Quantity = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Status = Literal["PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID"]

_STRICT = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class Item(TypedDict):
    """The page's `dtos.InvoiceItemCreateRequest`."""

    __pydantic_config__ = _STRICT  # type: ignore[misc] # pydantic's documented place for it

    reference_id: Name
    sku: Name
    quantity: Quantity
    amount: Money
    name: Name


class Invoice(TypedDict):
    """The page's `dtos.InvoiceCreateRequest`."""

    __pydantic_config__ = _STRICT  # type: ignore[misc] # pydantic's documented place for it

    reference_id: Name
    order_id: Name
    invoice_number: Name
    total_amount: Money
    paid_amount: Paid
    status: NotRequired[Status]
    due_date: DateTime
    remarks: NotRequired[Remark]
    url: NotRequired[Text]
    created_at: NotRequired[DateTime]
    updated_at: NotRequired[DateTime]
    items: Annotated[list[Item], Field(max_length=1000)]


_INVOICE = TypeAdapter(Invoice)


def check(payload: Any) -> tuple[Problem, ...]:
    """Every problem of a parsed body; none when it is a valid invoice request."""
    try:
        _INVOICE.validate_python(payload)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        # pydantic calls a JSON object what Python calls it.
        return tuple(
            Problem(each["loc"], each["type"], each["msg"].replace("dictionary", "object"))
            for each in found
        )
    return ()
