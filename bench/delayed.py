"""`python -m bench.delayed SECONDS`: the reference, as far away as on a real network.

It prints its base URL and serves until it is killed; each request is looked at so many seconds
after it came, and any number of them at a time.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime

from starlette.types import ASGIApp, Receive, Scope, Send

from reference.server import Server, listen, url
from reference.service import Steps, create_app
from reference.store import Store


def delayed(app: ASGIApp, seconds: float) -> ASGIApp:
    """The application, that much further away."""

    async def later(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(seconds)
        await app(scope, receive, send)

    return later


def main(seconds: float) -> None:
    """Serve, with the keys of the environment."""
    keys = {
        os.environ["WIZCOMMERCE_API_KEY"]: True,
        os.environ["WIZCOMMERCE_FORBIDDEN_API_KEY"]: False,
    }
    store = Store(keys, {"ORD-1": datetime(2020, 1, 1, tzinfo=UTC)})
    listener = listen("127.0.0.1", 0)
    print(url(listener), flush=True)
    Server(delayed(create_app(Steps(), store), seconds), lambda: None).run([listener])


if __name__ == "__main__":
    main(float(sys.argv[1]))
