"""A request as a shell command that a person can paste."""

import base64
import re
import shlex
from collections.abc import Mapping
from urllib.parse import urlsplit

from spec.exchange import Request

_OWN = frozenset({"host", "content-length", "user-agent", "accept-encoding"})
"""Headers that curl writes itself."""
_ADDED = ("Accept", "Content-Type")
"""Headers that curl adds unless it is told not to."""
_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]*")
_QUOTABLE = re.compile(r"[\w :./?=&;,+@%-]*", re.ASCII)
_BYTE = re.compile(r"[\udc80-\udcff]")
"""A byte that is none of UTF-8 (PEP 383)."""
_LONGEST = 64 * 1024
"""Bytes; a system limits the length of one argument."""


def curl(request: Request, base_url: str, keys: Mapping[str, str]) -> str:
    """Write the command for a POSIX shell, with `$NAME` for a key; `keys` are by variable name."""
    server = urlsplit(base_url)
    url = f"{server.scheme}://{server.netloc}{request.path}"
    words = ["curl", "-sS", "-i", "-g", _quoted(url, keys)]
    if request.method != "POST":
        words += ["-X", request.method]
    if request.header("accept-encoding") is not None:
        words.append("--compressed")
    for name, value in request.headers:
        if name.lower() not in _OWN:
            # An empty value is written with a semicolon; after a colon it removes the header.
            words += ["-H", _quoted(f"{name}: {value}" if value.strip(" \t") else f"{name};", keys)]
    for name in _ADDED:
        if request.header(name) is None:
            words += ["-H", f"'{name}:'"]
    text = _as_text(request.body)
    if text is not None:
        return " ".join([*words, "--data-raw", _quoted(text, keys)])
    encoded = base64.b64encode(request.body).decode()
    return " ".join([f"printf %s {encoded} | base64 -d |", *words, "--data-binary", "@-"])


def _as_text(body: bytes) -> str | None:
    """The body where a shell can hold it in quotes."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if len(body) <= _LONGEST and _PLAIN.fullmatch(text) else None


def _quoted(text: str, keys: Mapping[str, str]) -> str:
    """The text as one shell word in which the shell writes the keys."""
    for variable, key in keys.items():
        before, found, after = text.partition(key)
        if found and _QUOTABLE.fullmatch(before + after):
            return f'"{before}${{{variable}}}{after}"' if after else f'"{before}${variable}"'
        if found:
            return f'{_quoted(before, keys)}"${variable}"{_quoted(after, keys)}'
    if _BYTE.search(text):
        return _printed(text)
    return f"'{text}'" if _QUOTABLE.fullmatch(text) else shlex.quote(text)


def _printed(text: str) -> str:
    """The text as a word that printf makes, for no shell has a spelling of bytes for all."""
    octets = text.encode("utf-8", "surrogateescape")
    plain = (chr(b) if _QUOTABLE.fullmatch(chr(b)) and b != 0x25 else f"\\{b:03o}" for b in octets)
    return f"\"$(printf '{''.join(plain)}')\""
