"""The certificates that a connection trusts, and the one that it shows."""

import ssl
from pathlib import Path

from targets.errors import TargetError

_CA_FILE = "--ca-file, or ca_file in targets.toml"
_CLIENT_CERT = "client_cert in targets.toml"
"""How a user names these files."""


def trust(
    base_url: str,
    ca_file: Path | None = None,
    client_cert: Path | None = None,
    client_key: Path | None = None,
) -> ssl.SSLContext | None:
    """The certificates to trust: the system's, or those of a file; None for plain http.

    A client certificate is shown to a server that asks for one; its key may be in the same file.
    Takes some 20 ms, so make it once and share it. Raises TargetError for an unusable file, also
    for plain http: the address may be wrong, and a file that is named is meant.
    """
    secure = base_url.startswith("https:")
    if not secure and ca_file is None and client_cert is None:
        return None
    for what, file in (
        (_CA_FILE, ca_file),
        (_CLIENT_CERT, client_cert),
        ("client_key in targets.toml", client_key),
    ):
        if file is not None and file.exists() and not file.is_file():
            raise TargetError(f"{what}: {file} is not a regular file: name another one.")
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # ValueError for a name that no file can have
        raise TargetError(
            f"{_CA_FILE}: cannot use {ca_file} ({_why(error)}): "
            "name a file with certificates in PEM format."
        ) from None
    if client_cert is not None:
        try:
            # Without a password, and without a question for one that would stop a run.
            context.load_cert_chain(client_cert, client_key, password="")
        except (OSError, ValueError) as error:
            raise TargetError(
                f"{_CLIENT_CERT}: cannot use {client_cert} ({_why(error)}): "
                "name files with a certificate and its key, without a password, in PEM format."
            ) from None
    return context if secure else None


def _why(error: Exception) -> str:
    """What a file is not used for, in a few words."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
