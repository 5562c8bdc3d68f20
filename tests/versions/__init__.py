"""Versions of the vendor's document: their parts, a list of them, and how servers fare by each."""
