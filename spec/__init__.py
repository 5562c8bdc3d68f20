"""What is right: the documents, the requirements and the oracle. Imports no other package.

All others but the reference import this one, so here it is said what Python lacks, before an import
fails for it.
"""

import sys
from importlib.util import find_spec
from typing import NoReturn

USAGE = 4


def need(*packages: str) -> None:
    """End with a sentence where this Python is too old, or has not all of these packages."""
    if sys.version_info < (3, 11):  # noqa: UP036 # what an older one says of the imports helps nobody
        _end("This suite needs Python 3.11 or newer.")
    for name in packages:
        if find_spec(name) is None:
            _end(
                f"This Python has no package {name}: use one that has those of "
                "requirements/suite.txt, such as .tox/reference/bin/python once "
                "`tox run -e reference` has made it."
            )


def _end(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(USAGE)


# All commands do, the mirror where it is installed alone among them.
need("yaml", "jsonschema_rs", "typing_extensions")
