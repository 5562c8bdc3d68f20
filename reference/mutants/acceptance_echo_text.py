"""Text that comes back otherwise than it was sent."""

import re
import unicodedata

from reference.mutants.changes import NAMES, texts
from reference.mutants.mutant import mutant
from reference.mutants.server import Server

TEXT = "201.data.*.echo"


@mutant("echo", TEXT)
def text_loses_blanks_at_its_ends(server: Server) -> Server:
    """Trimmed: Django's CharField (strip=True is its default), Rails' strip_attributes, zod's
    trim(), a `strings.TrimSpace` in a hook, a CHAR column that pads and unpads.
    """
    return texts(NAMES, str.strip)(server)


@mutant("echo", TEXT)
def text_loses_only_trailing_blanks(server: Server) -> Server:
    """MySQL's CHAR and SQL Server's ANSI_PADDING OFF drop the blanks at the end alone."""
    return texts(NAMES, str.rstrip)(server)


@mutant("echo", TEXT)
def runs_of_blanks_become_one(server: Server) -> Server:
    """Rails' squish, XML's normalised attribute values, `" ".join(text.split())`."""
    return texts(NAMES, lambda text: re.sub(" {2,}", " ", text))(server)


@mutant("echo", TEXT)
def text_is_composed(server: Server) -> Server:
    """Normalised to NFC, by macOS file names, PRECIS profiles or a search index's writer: what a
    client compares byte for byte no longer is what it sent.
    """
    return texts(NAMES, lambda text: unicodedata.normalize("NFC", text))(server)


@mutant("echo", TEXT)
def text_is_decomposed(server: Server) -> Server:
    """Normalised to NFD, as HFS+ does with whatever becomes a file name."""
    return texts(NAMES, lambda text: unicodedata.normalize("NFD", text))(server)


@mutant("echo", TEXT)
def ligatures_and_wide_forms_are_folded(server: Server) -> Server:
    """Normalised to NFKC, the habit of code that fights look-alikes: a full-width A becomes A."""
    return texts(NAMES, lambda text: unicodedata.normalize("NFKC", text))(server)
