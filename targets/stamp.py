"""Fresh stamps for the invoices of a run, written into bodies as they leave."""

import itertools
import re

from spec.stamp import PLACEHOLDER


def _escaped(text: str) -> bytes:
    return "".join(f"\\u{ord(character):04x}" for character in text).encode()


def _utf_16_le(text: str) -> bytes:
    return text.encode("utf-16-le")


def _utf_16_be(text: str) -> bytes:
    return text.encode("utf-16-be")


_SPELLINGS = tuple(
    (re.compile(re.escape(spell(PLACEHOLDER)), re.IGNORECASE), spell)
    for spell in (str.encode, _escaped, _utf_16_le, _utf_16_be)
)


class Stamper:
    """Gives stamps such as `IC-7F3A91C2-01000123`: run, worker, count; safe between threads.

    `run_id` is eight characters, `worker` 0 to 255; one worker has 16,777,216 stamps.
    """

    def __init__(self, run_id: str, worker: int = 0) -> None:
        if len(run_id) != 8 or not 0 <= worker <= 255:
            raise ValueError(f"no stamps for run {run_id!r}, worker {worker}: 8 characters, 0-255.")
        self._prefix = f"IC-{run_id}-{worker:02X}"
        self._count = itertools.count()

    def stamp(self) -> str:
        """The next stamp, as long as the placeholder."""
        return f"{self._prefix}{next(self._count):06X}"

    def write(self, body: bytes) -> bytes:
        """The body with one fresh stamp wherever the placeholder stands, in its own spelling."""
        for pattern, spell in _SPELLINGS:
            if found := pattern.search(body):
                return body.replace(found[0], spell(self.stamp()))
        return body
