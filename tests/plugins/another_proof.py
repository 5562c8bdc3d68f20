"""Another result of the proof, in the file that the environment variable PROVEN names."""

import os
from pathlib import Path

from reports import record

record.PROVEN = Path(os.environ["PROVEN"])
