"""Servers that echo text trimmed or normalised."""

import re
import unicodedata

from reference.mutants.mutant import mutant
from reference.mutants.operators import LIMITED, TEXTS, answers, answers_text
from reference.mutants.server import Server

TEXT = "201.data.*.echo"


@mutant("acceptance/echo", TEXT)
def text_loses_blanks_at_its_ends(server: Server) -> Server:
    """Trimmed: Django's CharField (strip=True is its default), Rails' strip_attributes, zod's
    trim(), a `strings.TrimSpace` in a hook, a CHAR column that pads and unpads.
    """
    return answers_text(TEXTS, str.strip)(server)


@mutant("acceptance/echo", TEXT)
def text_loses_only_trailing_blanks(server: Server) -> Server:
    """MySQL's CHAR and SQL Server's ANSI_PADDING OFF drop trailing blanks."""
    return answers_text(TEXTS, str.rstrip)(server)


@mutant("acceptance/echo", TEXT)
def runs_of_blanks_become_one(server: Server) -> Server:
    """Rails' squish, XML's normalised attribute values, `" ".join(text.split())`."""
    return answers_text(TEXTS, lambda text: re.sub(" {2,}", " ", text))(server)


@mutant("acceptance/echo", TEXT)
def text_is_composed(server: Server) -> Server:
    """Normalised to NFC, by macOS file names, PRECIS profiles or a search index: a client that
    compares bytes finds other text than it sent.
    """
    return answers_text(TEXTS, lambda text: unicodedata.normalize("NFC", text))(server)


@mutant("acceptance/echo", TEXT)
def text_is_decomposed(server: Server) -> Server:
    """Normalised to NFD, as HFS+ does with file names."""
    return answers_text(TEXTS, lambda text: unicodedata.normalize("NFD", text))(server)


@mutant("acceptance/echo", TEXT)
def ligatures_and_wide_forms_are_folded(server: Server) -> Server:
    """Normalised to NFKC, as a defence against look-alikes: a full-width A becomes A."""
    return answers_text(TEXTS, lambda text: unicodedata.normalize("NFKC", text))(server)


@mutant("acceptance/echo", TEXT)
def doubled_quotes_become_one(server: Server) -> Server:
    """Read as SQL or CSV writes a quote inside quotes."""
    return answers_text(TEXTS, lambda text: text.replace("''", "'"))(server)


@mutant("acceptance/echo", "201.data.remarks.echo")
def numbers_of_cards_are_masked(server: Server) -> Server:
    """Sixteen digits in a row, as filters of logs and of personal data look for them."""
    return answers_text(("remarks",), lambda text: re.sub(r"\b\d{12}(\d{4})\b", r"****\1", text))(
        server
    )


@mutant("acceptance/echo", TEXT)
def a_text_as_long_as_its_column_loses_blanks_at_its_end(server: Server) -> Server:
    """What fills the column is read back without the blanks that may be padding."""
    return answers_text(LIMITED, lambda text: text if len(text) < 255 else text.rstrip())(server)


@mutant("acceptance/echo", "201.data.*reference_id.echo")
def a_reference_that_is_a_uuid_comes_back_in_small_letters(server: Server) -> Server:
    """It is stored as 16 bytes where it is one."""
    uuid = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
    return answers_text(
        ("reference_id",), lambda text: text.lower() if uuid.fullmatch(text) else text
    )(server)


@mutant("acceptance/echo", "201.data.*reference_id.echo", "201.data.invoice_number.echo")
def a_reference_with_decimals_loses_a_zero_at_its_end(server: Server) -> Server:
    """A spreadsheet makes 1.5 of 1.50."""
    decimal = re.compile(r"([0-9]+\.[0-9])0")
    return answers_text(("reference_id", "invoice_number"), lambda text: decimal.sub(r"\1", text))(
        server
    )


@mutant("acceptance/echo", "201.data.remarks.*")
def remarks_of_a_plus_and_digits_are_a_number(server: Server) -> Server:
    """PHP's JSON_NUMERIC_CHECK: a telephone number alone comes back without its plus."""
    return answers(
        ("remarks",),
        lambda text: int(text) if re.fullmatch(r"\+[0-9]{3,15}", str(text)) else text,
    )(server)


@mutant("acceptance/echo", TEXT)
def text_that_looks_like_latin_1_is_repaired(server: Server) -> Server:
    """Ftfy in an import: what is UTF-8 read as Windows-1252 becomes what it may have been."""

    def repaired(text: str) -> str:
        try:
            return text.encode("cp1252").decode()
        except UnicodeError:
            return text

    return answers_text(TEXTS, repaired)(server)


@mutant("acceptance/echo", TEXT)
def serialised_values_are_read(server: Server) -> Server:
    """A store of properties as PHP writes them takes the text `i:5;` for the number 5."""
    return answers_text(TEXTS, lambda text: re.sub(r"^[idb]:([\d.]+);$", r"\1", text))(server)


@mutant("acceptance/echo", TEXT)
def numbers_of_goods_lose_their_zeros(server: Server) -> Server:
    """A GTIN of 13 digits is kept as a number, and written without the zeros before it."""
    return answers_text(("name",), lambda text: re.sub(r"^0+(?=\d{11})", "", text))(server)


@mutant("acceptance/echo", "201.data.items[].name.echo")
def a_quantity_in_a_name_is_taken_out(server: Server) -> Server:
    """An export of a shop writes `Linen \u00d7 3`, which an import takes for three of them."""
    return answers_text(("name",), lambda text: re.sub(r" [x\u00d7] ?\d+$", "", text))(server)


@mutant("acceptance/echo", TEXT)
def symbols_outside_of_letters_are_taken_out(server: Server) -> Server:
    """What takes out emoji takes arrows, stars and telephones for some."""
    return answers_text(TEXTS, lambda text: re.sub("[\u2190-\u27bf]", "", text))(server)


@mutant("acceptance/echo", "201.data.invoice_number.echo")
def a_draft_loses_its_mark(server: Server) -> Server:
    """A number that begins like that of a draft is the one of its invoice."""
    return answers_text(
        ("invoice_number",), lambda text: re.sub("^(DRAFT|TEST|PROFORMA)[- ]", "", text)
    )(server)


@mutant("acceptance/echo", "201.data.items[].name.echo")
def a_double_acute_is_an_umlaut(server: Server) -> Server:
    """An older code page lacks both letters, and those next to them are taken."""
    letters = str.maketrans("\u0150\u0151\u0170\u0171", "\u00d6\u00f6\u00dc\u00fc")
    return answers_text(("name",), lambda text: text.translate(letters))(server)


@mutant("acceptance/echo", "201.data.items[].name.echo")
def a_name_of_137_characters_loses_one(server: Server) -> Server:
    """A buffer of its driver has one byte less than what is copied into it."""
    return answers_text(("name",), lambda text: text[: 136 if len(text) == 137 else None])(server)
