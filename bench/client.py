"""`python -m bench.client`: the CPU time of the client for one request, without any judging.

The server on loopback is another process and answers at once.
"""

import multiprocessing
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from reports.command import Parser
from spec.violation import counted
from targets.client import Client
from targets.pace import Pace
from targets.stamp import Stamper

SENDS, ROUNDS = 1000, 5
BODY = b'{"reference_id":"IC-RUNSTAMP-########","remarks":"%b"}\n' % (b"x" * 1500)
ANSWER = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 1600\r\n\r\n"


def serve(listener: socket.socket) -> None:
    """Answer each body on one connection until that is closed."""
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        tail = b""
        while data := connection.recv(1 << 16):
            tail = (tail + data)[-2:]
            if tail == BODY[-2:]:
                connection.sendall(ANSWER + b"x" * 1600)


def milliseconds(client: Client) -> float:
    """The CPU time of one request in milliseconds, the mean of a round."""
    started = time.process_time()
    for _ in range(SENDS):
        if client.send(BODY).response is None:
            raise SystemExit("The server of this benchmark did not answer.")
    return (time.process_time() - started) / SENDS * 1000


def main(arguments: Sequence[str]) -> None:
    """Print the least and the greatest of the rounds."""
    Parser("bench.client", "Measure the client's CPU time for one request.").parse_args(arguments)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryDirectory() as folder,
    ):
        server = multiprocessing.get_context("fork").Process(
            target=serve, args=(listener,), daemon=True
        )
        server.start()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        pace = Pace(Path(folder))
        client = Client(base_url, "/v1/invoices", "X-API-Key", "key", Stamper("BENCH000"), pace)
        rounds = sorted(milliseconds(client) for _ in range(ROUNDS))
        client.close()
        server.join()
    print(f"{ROUNDS} rounds of {SENDS} requests with bodies of {counted(len(BODY), 'byte')}:")
    print(f"{rounds[0]:.3f} ms of CPU time a request at least, {rounds[-1]:.3f} ms at most")


if __name__ == "__main__":
    main(sys.argv[1:])
