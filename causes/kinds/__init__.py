"""Kinds of differences that are more than edits of a value: one is in each module."""
