"""What the commands `python -m ...` have in common: --help, and status 4 for wrong usage."""

import argparse
from typing import NoReturn

USAGE = 4
"""The exit status of wrong usage, as in a run."""


class Parser(argparse.ArgumentParser):
    """Reads the command line of `python -m MODULE`; a wrong one is one sentence and status 4."""

    def __init__(self, module: str, description: str) -> None:
        super().__init__(prog=f"python -m {module}", description=description)

    def error(self, message: str) -> NoReturn:
        """End the command with the sentence."""
        self.exit(USAGE, f"{self.prog}: {message.rstrip('.')}.\n")
