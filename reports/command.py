"""What the commands `python -m ...` have in common: --help, what they print, and status 4 for wrong
usage.
"""

import argparse
import os
import sys
from typing import NoReturn

from typing_extensions import override

from reports.escaping import safe_lines
from targets.masking import without_keys

USAGE = 4
"""The exit status of wrong usage, as in a run."""


def say(text: str) -> None:
    """Print a text, also of somebody else's, in which nothing is more than text."""
    put(safe_lines(text))


def put(text: str) -> None:
    """Print a text that is safe to show, as long as somebody reads: `| head` has enough at once."""
    try:
        print(text, flush=True)  # noqa: T201 - for the user
    except BrokenPipeError:
        # What Python still holds goes nowhere, or it would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Parser(argparse.ArgumentParser):
    """Reads the command line of `python -m MODULE`; a wrong one is one sentence and status 4."""

    def __init__(self, module: str, description: str) -> None:
        super().__init__(prog=f"python -m {module}", description=description)

    @override
    def error(self, message: str) -> NoReturn:
        """End the command with the sentence."""
        message = without_keys(message, os.environ)
        self.exit(USAGE, safe_lines(f"{self.prog}: {message.rstrip('.')}.\n"))
