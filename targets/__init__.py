"""Where to send: the targets, the production guard, the keys, and a client that no answer harms."""

import sys

# httpx loads its command, with click and Pygments, wherever these are installed; it does without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # so Python finds none
