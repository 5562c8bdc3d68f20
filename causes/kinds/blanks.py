"""Which blank around a body is to blame, where it is not what the body says."""

from collections.abc import Callable

from causes.sightings import Sighting
from strategies.invoice import encode

Sent = Callable[[bytes], bool | None]
"""Whether the answer to a body shows the symptom; None when nothing more may be asked."""
BLANKS = {b" ": "a blank", b"\n": "a line break", b"\r": "a carriage return", b"\t": "a tab"}
"""What JSON has between its parts (RFC 8259, section 2), and how it is called."""


def blank_around(sighting: Sighting, sent: Sent) -> str:
    """What the control is called with the one blank that is to blame; empty where none is.

    It is tried before the body, after it, and after its first sign.
    """
    if not isinstance(sighting.control.payload, dict):
        return ""
    body, plain = sighting.request.body, encode(sighting.control.payload)
    inner = body.strip(b"".join(BLANKS))
    places = (
        ("before it", body[: body.find(inner)], (b"", plain)),
        ("after it", body[body.find(inner) + len(inner) :], (plain, b"")),
        ("after its first bracket", inner[1:2], (plain[:1], plain[1:])),
    )
    for where, there, (before, after) in places:
        for blank, name in BLANKS.items():
            if blank in there and sent(before + blank + after):
                return f"{sighting.control.name} with {name} {where}"
    return ""
