"""`python -m tests.versions`: judge servers by versions of the document."""

import sys

from tests.versions.judging import main

sys.exit(main(sys.argv[1:]))
