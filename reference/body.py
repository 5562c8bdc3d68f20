"""From a request's bytes to a JSON value: media type, size, text, syntax."""

import json
import math
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request

from reference.refusal import Problem, Refusal

LIMIT = 1024 * 1024
"""The largest body that is accepted, in bytes."""


def check_media_type(headers: Headers) -> None:
    """Refuse with 415 any media type but JSON in UTF-8; a body without one is read as JSON."""
    content_type = headers.get("content-type")
    if content_type is None:
        return
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = (text.partition("=")[2] for text in parameters if text.startswith("charset="))
    if media_type != "application/json" or any(name.strip('"') != "utf-8" for name in charsets):
        raise Refusal(415, "The body must be application/json in UTF-8.")


async def read(request: Request) -> bytes:
    """The whole body; 413 as soon as it passes `LIMIT`, without storing the rest."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise Refusal(413, f"The body must be no larger than {LIMIT} bytes.")
    return bytes(body)


def _double(text: str) -> float:
    """A number with a fraction or exponent; NaN, which no field accepts, for one that becomes zero.

    1e400 becomes infinity without help. -1e-400 would become zero, though it is below a minimum of
    0.
    """
    value = float(text)
    lost = value == 0 and text.lower().partition("e")[0].strip("-0.") != ""
    return math.nan if lost else value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(parse_float=_double, parse_constant=_no_constant)


def parse(body: bytes) -> Any:
    """The JSON value of a body (RFC 8259, UTF-8 without a byte order mark), else Refusal with 400.

    The last of duplicate keys counts. Whole numbers are int, others float.
    """
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    except RecursionError:
        reason = "nested too deeply"
    except ValueError:
        reason = "not JSON, or has an integer of too many digits"
    raise Refusal(400, f"The body is {reason}.", (Problem((), "json", reason),))
