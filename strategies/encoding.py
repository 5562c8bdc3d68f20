"""From a payload to the bytes that are sent."""

import json

from strategies.places import Json


def encode(payload: Json) -> bytes:
    r"""The payload as compact JSON in UTF-8, every character as itself (RFC 8259 8.1).

    UTF-8 has no lone surrogates, so a payload that holds one is spelled in `\u` escapes.
    Raises ValueError for NaN and infinities, which are no JSON.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()
