r"""Which text is to blame where it is in escapes, such as `\ud83d\ude00`, and not as it is."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from causes.difference import Edit, applied, edits_within
from causes.explained import Edits
from causes.halving import FEW, smallest
from causes.sightings import Sighting
from spec.contract import PLACEHOLDER
from spec.paths import Json
from strategies.invoice import encode

Sent = Callable[[bytes], bool | None]
"""Whether the answer to a body shows the symptom; None when nothing more may be asked."""


def in_escapes(sighting: Sighting, sent: Sent) -> Edits:
    """The text that shows it in escapes in the control, with as little in it as will do; none where
    the same as it is shows it too, or more than one has to be so.
    """
    contract, plain = sighting.contract, sighting.control.payload
    texts = _texts(sighting)
    if not has_escapes(sighting):
        return ()

    def fails(some: Sequence[Edit]) -> bool | None:
        return sent(_escaped(applied(contract, plain, some)))

    # What the server names, or came back wrong, stands first.
    found = smallest(texts, fails, min(len(texts), FEW))
    if found is None or found[1:]:
        return ()
    (edit,) = edits_within(contract, plain, found)
    brief = (replace(edit, value=value) for value in _briefly(edit.value))
    edit = next((each for each in brief if fails((each,))), edit)
    if sent(encode(applied(contract, plain, (edit,)))) is not False:
        return ()
    return (replace(edit, written=json.dumps(edit.value), spelt=True),)


def has_escapes(sighting: Sighting) -> bool:
    """Whether a text beyond ASCII may be in escapes."""
    return b"\\u" in sighting.request.body and bool(_texts(sighting))


def _texts(sighting: Sighting) -> list[Edit]:
    texts = [edit for edit in sighting.edits if isinstance(edit.value, str)]
    return [edit for edit in texts if not edit.value.isascii()]


def _escaped(payload: Json) -> bytes:
    """The body of the payload in which all that is beyond ASCII is in escapes."""
    return json.dumps(payload, separators=(",", ":")).encode()


def _briefly(text: str) -> Iterator[str]:
    """Texts with hardly more than one of its characters beyond ASCII, the highest one first."""
    stamp = PLACEHOLDER if PLACEHOLDER in text else ""
    for sign in sorted({each for each in text if not each.isascii()}, reverse=True)[:2]:
        yield f"{stamp or 'x'}{sign}"
