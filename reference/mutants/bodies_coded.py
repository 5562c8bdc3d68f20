"""Servers that sniff in what coding an invoice is, though no header field tells of one."""

import binascii
import gzip
import re
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from reference.mutants.bodies import JSON
from reference.mutants.mutant import mutant
from reference.mutants.server import Mutation, Server


def _decodes(start: bytes, decode: Callable[[bytes], bytes]) -> Mutation:
    """The server decodes a body that begins so; what it cannot decode is as it was."""
    begins = re.compile(start)

    def decoded(body: bytes) -> bytes:
        try:
            return decode(body) if begins.match(body) else body
        except (EOFError, OSError, binascii.Error, zlib.error):
            return body

    return lambda server: server.with_steps(parse=lambda body: server.steps.parse(decoded(body)))


@mutant("bodies", JSON, "requestBody.utf8")
def what_is_gzip_by_its_first_bytes_is_unpacked(server: Server) -> Server:
    """For clients that forget Content-Encoding: `1f 8b`, or `78` of zlib."""
    return _decodes(b"\x1f\x8b|x", lambda body: zlib.decompress(body, wbits=47))(server)


@mutant("bodies", JSON, "requestBody.utf8")
def what_is_gzip_alone_is_unpacked(server: Server) -> Server:
    """Go's gzip.NewReader where the first two bytes are its own."""
    return _decodes(b"\x1f\x8b", gzip.decompress)(server)


@mutant("bodies", JSON)
def what_looks_like_base_64_is_decoded(server: Server) -> Server:
    """A handler of AWS Lambda that guesses isBase64Encoded."""
    return _decodes(b"eyJ", lambda body: b64decode(body, validate=True))(server)


@mutant("bodies", "body.type")
def a_text_in_base_64_is_decoded(server: Server) -> Server:
    """A queue that keeps bytes in JSON has them in Base64 in one text, as Go and Jackson write."""
    return _decodes(b'"eyJ', lambda body: b64decode(body.strip(b'"'), validate=True))(server)


@mutant("bodies", JSON)
def hexadecimal_digits_are_decoded(server: Server) -> Server:
    """Bytes as a database prints them, which somebody copies."""
    return _decodes(b"7b", binascii.unhexlify)(server)


@mutant("bodies", JSON)
def percent_escapes_are_decoded(server: Server) -> Server:
    """`decodeURIComponent` where there is a percent sign first."""
    return _decodes(b"%7B", unquote_to_bytes)(server)


@mutant("bodies", JSON)
def a_form_with_the_invoice_in_it_is_read(server: Server) -> Server:
    """A webhook of Slack or GitHub has all of its JSON in the field `payload`."""
    return _decodes(b"payload=", lambda body: unquote_to_bytes(body.partition(b"=")[2]))(server)


@mutant("bodies", JSON)
def a_data_url_is_read(server: Server) -> Server:
    """What a browser's FileReader makes of a file."""
    return _decodes(b"data:", lambda body: b64decode(body.partition(b",")[2]))(server)


@mutant("bodies", JSON)
def a_call_of_javascript_is_unwrapped(server: Server) -> Server:
    """`callback({...});` of JSONP."""
    return _decodes(rb"\w+\(", lambda body: body[body.find(b"(") + 1 : body.rfind(b")")])(server)


@mutant("bodies", JSON)
def a_guard_before_json_is_skipped(server: Server) -> Server:
    """`)]}',` keeps a page of another site from running JSON, as AngularJS knows it."""
    return _decodes(rb"\)\]\}'", lambda body: body.partition(b"\n")[2])(server)


@mutant("bodies", JSON)
def the_invoice_in_a_token_is_read_unsigned(server: Server) -> Server:
    """`token.split(".")[1]`: the signature of a JWS is not looked at."""

    def payload(body: bytes) -> bytes:
        part = body.split(b".")[1]
        return urlsafe_b64decode(part + b"=" * (-len(part) % 4))

    return _decodes(rb"eyJ[\w-]*\.eyJ", payload)(server)
