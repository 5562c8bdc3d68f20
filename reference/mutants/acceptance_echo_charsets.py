"""Servers that echo text with other characters, or with fewer."""

import re

from reference.mutants.mutant import mutant
from reference.mutants.operators import TEXTS, answers_text
from reference.mutants.server import Server

TEXT = "201.data.*.echo"


@mutant("acceptance/echo", TEXT)
def text_ends_at_the_first_emoji(server: Server) -> Server:
    """Without strict mode, MySQL's utf8 (utf8mb3) cuts a value at its first character of four
    bytes, without an error.
    """
    return answers_text(TEXTS, lambda text: re.split("[\U00010000-\U0010ffff]", text)[0])(server)


@mutant("acceptance/echo", TEXT)
def emoji_become_question_marks(server: Server) -> Server:
    """A utf8mb3 connection, or a table made from one, has ? for each character beyond U+FFFF."""
    return answers_text(TEXTS, lambda text: re.sub("[\U00010000-\U0010ffff]", "?", text))(server)


@mutant("acceptance/echo", TEXT)
def letters_beyond_latin_1_become_question_marks(server: Server) -> Server:
    """A latin1 column or a `VARCHAR` where NVARCHAR was meant."""
    return answers_text(TEXTS, lambda text: text.encode("latin-1", "replace").decode("latin-1"))(
        server
    )


@mutant("acceptance/echo", TEXT)
def utf_8_is_read_as_latin_1(server: Server) -> Server:
    """Mojibake: UTF-8 bytes were read in Windows' code page."""
    return answers_text(TEXTS, lambda text: text.encode().decode("latin-1"))(server)


@mutant("acceptance/echo", TEXT)
def joiners_are_removed(server: Server) -> Server:
    """Zero-width characters are removed because nobody sees them: families of emoji fall apart."""
    return answers_text(TEXTS, lambda text: re.sub("[\u200b-\u200d\u2060\ufe0f]", "", text))(server)


@mutant("acceptance/echo", TEXT)
def text_is_cut_at_255_bytes(server: Server) -> Server:
    """The column counts bytes and the server cuts without an error, even within a character."""
    return answers_text(TEXTS, lambda text: text.encode()[:255].decode(errors="ignore"))(server)


@mutant("acceptance/echo", TEXT)
def text_is_cut_at_100_characters(server: Server) -> Server:
    """The column is shorter than the document allows, and the database is not strict."""
    return answers_text(TEXTS, lambda text: text[:100])(server)


@mutant("acceptance/echo", TEXT)
def text_is_cut_one_short_of_the_limit(server: Server) -> Server:
    """A C buffer of 255 bytes keeps its last one for NUL; only text of full length shows it."""
    return answers_text(TEXTS, lambda text: text[:254])(server)


@mutant("acceptance/echo", TEXT)
def identifiers_come_back_in_capitals(server: Server) -> Server:
    """Codes are 'normalised' to capitals, so that a caller's own key no longer matches."""
    return answers_text(("reference_id", "invoice_number", "order_id"), str.upper)(server)


@mutant("acceptance/echo", TEXT)
def names_come_back_in_title_case(server: Server) -> Server:
    """A catalogue tidies up product names."""
    return answers_text(("name",), str.title)(server)


@mutant("acceptance/echo", TEXT)
def text_is_lowercased_by_turkish_rules(server: Server) -> Server:
    """A server whose locale is tr_TR lower-cases I to a dotless i in what it stores."""
    return answers_text(TEXTS, lambda text: text.replace("I", "\u0131"))(server)


@mutant("acceptance/echo", TEXT)
def numbers_in_text_lose_leading_zeros(server: Server) -> Server:
    """A spreadsheet or a loosely typed layer reads 00123 as a number: it comes back as 123."""
    return answers_text(TEXTS, lambda text: str(int(text)) if text.isdecimal() else text)(server)


@mutant("acceptance/echo", TEXT)
def the_word_null_is_left_out(server: Server) -> Server:
    """A customer named Null: the text null is read as no value and left out."""

    def without(data: dict[str, object], _: object) -> dict[str, object]:
        return {name: value for name, value in data.items() if value not in ("null", "NULL")}

    return server.with_data(without)


@mutant("acceptance/echo", TEXT)
def right_to_left_text_is_reversed(server: Server) -> Server:
    """An export meant for a left-to-right printer stores the visual order of Hebrew and Arabic."""

    def visual(text: str) -> str:
        runs = re.findall("[\u0590-\u08ff]+|[^\u0590-\u08ff]+", text)
        return "".join(run[::-1] if "\u0590" <= run[0] <= "\u08ff" else run for run in runs)

    return answers_text(TEXTS, visual)(server)
