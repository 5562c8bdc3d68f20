"""The files of a run for other programs, and its summary as Markdown."""
