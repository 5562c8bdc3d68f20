"""The mark that makes every invoice of a run unique and easy to find and purge."""

PLACEHOLDER = "IC-RUNSTAMP-########"
"""Stands in payloads where the client writes a fresh stamp of the same length at each send.

Its length is that of a stamp, so a value at a length limit stays there once it is stamped.
"""
