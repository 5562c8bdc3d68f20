"""What is right: the documents, the requirements and the oracle. Imports no other package.

All others but the reference import this one, so here it is said what Python lacks, before an import
fails for it.
"""

import sys
from importlib.util import find_spec

PACKAGES = ("yaml", "jsonschema_rs")
"""Those that every command needs, the mirror where it is installed alone among them."""
USAGE = 4


def _lacks() -> str:
    """What this Python lacks, in a sentence; empty if nothing."""
    if sys.version_info < (3, 11):  # noqa: UP036 # what an older one says of the imports helps nobody
        return "This suite needs Python 3.11 or newer."
    missing = next((name for name in PACKAGES if find_spec(name) is None), None)
    if missing is None:
        return ""
    return (
        f"This Python has no package {missing}: use one that has those of requirements/suite.txt, "
        "such as .tox/reference/bin/python once `tox run -e reference` has made it."
    )


if sentence := _lacks():
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(USAGE)
