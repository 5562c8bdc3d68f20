"""What a port speaks, asked without a key: plain HTTP or TLS, and what is wrong with a handshake.

Only asked to explain why no request could be sent, or no answer of the API came.
"""

import contextlib
import socket
import ssl
from urllib.parse import urlsplit

from targets.config import host_of

_PATIENCE = 3.0
"""Seconds for each step."""
_ALERTS = {
    "CERTIFICATE_REQUIRED": "it demands a client certificate",
    "HANDSHAKE_FAILURE": "handshake failure: it may demand a client certificate",
    "BAD_CERTIFICATE": "it refuses the client certificate",
    "UNKNOWN_CA": "it does not know the authority of the client certificate",
    "PROTOCOL_VERSION": "it speaks none of the TLS versions that this Python does",
    "UNRECOGNIZED_NAME": "it has no certificate for this host name",
}
"""The alerts that servers send in practice (RFC 8446, section 6), in words."""


def speaks_tls(base_url: str) -> bool:
    """Whether a handshake succeeds there, whatever the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        contextlib.suppress(OSError, ValueError),
        _connected(base_url) as plain,
        context.wrap_socket(plain, server_hostname=host_of(base_url)),
    ):
        return True
    return False


def speaks_http(base_url: str) -> bool:
    """Whether a request without TLS gets an answer of HTTP there."""
    request = f"HEAD / HTTP/1.1\r\nHost: {host_of(base_url)}\r\nConnection: close\r\n\r\n"
    with contextlib.suppress(OSError), _connected(base_url) as plain:
        plain.sendall(request.encode())
        return plain.recv(16).startswith(b"HTTP/")
    return False


def alert(base_url: str, tls: ssl.SSLContext) -> str:
    """The TLS alert that ends a connection with this context, in words; empty where none does.

    In TLS 1.3 a server looks at the client's certificate after the client's part is done, so its
    alert comes where an answer is read.
    """
    try:
        with (
            _connected(base_url) as plain,
            tls.wrap_socket(plain, server_hostname=host_of(base_url)) as secure,
        ):
            secure.recv(1)
    except ssl.SSLCertVerificationError:
        return ""  # that is our own judgement of its certificate
    except ssl.SSLError as error:
        return _in_words(error.reason or "")
    except OSError:
        return ""
    return ""


def _in_words(reason: str) -> str:
    """An alert as OpenSSL names it, such as TLSV13_ALERT_CERTIFICATE_REQUIRED."""
    known = next((words for end, words in _ALERTS.items() if reason.endswith(end)), "")
    _, found, name = reason.partition("ALERT_")
    return known or (name.lower().replace("_", " ") if found else "")


def _connected(base_url: str) -> socket.socket:
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return socket.create_connection((host_of(base_url), port), _PATIENCE)
