"""Text that comes back with other letters, or fewer."""

import re

from reference.mutants.changes import NAMES, texts
from reference.mutants.mutant import mutant
from reference.mutants.server import Server

TEXT = "201.data.*.echo"


@mutant("echo", TEXT)
def text_ends_at_the_first_emoji(server: Server) -> Server:
    """MySQL's utf8 (utf8mb3) out of strict mode cuts a value at its first character of four bytes
    and warns nobody.
    """
    return texts(NAMES, lambda text: re.split("[\U00010000-\U0010ffff]", text)[0])(server)


@mutant("echo", TEXT)
def emoji_become_question_marks(server: Server) -> Server:
    """A connection in utf8mb3, or a table converted from it, has ? for each astral character."""
    return texts(NAMES, lambda text: re.sub("[\U00010000-\U0010ffff]", "?", text))(server)


@mutant("echo", TEXT)
def letters_beyond_latin_1_become_question_marks(server: Server) -> Server:
    """A latin1 column or a `VARCHAR` where NVARCHAR was meant."""
    return texts(NAMES, lambda text: text.encode("latin-1", "replace").decode("latin-1"))(server)


@mutant("echo", TEXT)
def utf_8_is_read_as_latin_1(server: Server) -> Server:
    """Mojibake: somewhere the bytes of UTF-8 were taken for Windows' code page."""
    return texts(NAMES, lambda text: text.encode().decode("latin-1"))(server)


@mutant("echo", TEXT)
def joiners_are_removed(server: Server) -> Server:
    """Zero-width characters count as invisible rubbish and go: families of emoji fall apart."""
    return texts(NAMES, lambda text: re.sub("[\u200b-\u200d\u2060\ufe0f]", "", text))(server)


@mutant("echo", TEXT)
def text_is_cut_at_255_bytes(server: Server) -> Server:
    """The column counts bytes and the server cuts in silence, in the middle of a letter or not."""
    return texts(NAMES, lambda text: text.encode()[:255].decode(errors="ignore"))(server)


@mutant("echo", TEXT)
def text_is_cut_at_100_characters(server: Server) -> Server:
    """The column is shorter than the contract, and the database not strict."""
    return texts(NAMES, lambda text: text[:100])(server)


@mutant("echo", TEXT)
def text_is_cut_one_short_of_the_limit(server: Server) -> Server:
    """A C buffer of 255 bytes keeps its last one for NUL; only text of full length shows it."""
    return texts(NAMES, lambda text: text[:254])(server)


@mutant("echo", TEXT)
def identifiers_come_back_in_capitals(server: Server) -> Server:
    """Codes are 'normalised' to capitals, so that a caller's own key no longer matches."""
    return texts(("reference_id", "invoice_number", "order_id"), str.upper)(server)


@mutant("echo", TEXT)
def names_come_back_in_title_case(server: Server) -> Server:
    """A catalogue's tidying of product names."""
    return texts(("name",), str.title)(server)


@mutant("echo", TEXT)
def text_turns_to_small_letters_by_the_turkish_way(server: Server) -> Server:
    """A server whose locale is tr_TR lower-cases I to a dotless i in what it stores."""
    return texts(NAMES, lambda text: text.replace("I", "\u0131"))(server)


@mutant("echo", TEXT)
def numbers_in_text_lose_their_zeros(server: Server) -> Server:
    """A spreadsheet or a loosely typed layer takes 00123 for a number: it comes back as 123."""
    return texts(NAMES, lambda text: str(int(text)) if text.isdecimal() else text)(server)


@mutant("echo", TEXT)
def the_word_null_becomes_nothing(server: Server) -> Server:
    """A customer called Null: the text null is taken for no value and left out."""

    def without(data: dict[str, object], _: object) -> dict[str, object]:
        return {name: value for name, value in data.items() if value not in ("null", "NULL")}

    return server.rendered(without)


@mutant("echo", TEXT)
def right_to_left_text_is_reversed(server: Server) -> Server:
    """An export meant for a left-to-right printer stores the visual order of Hebrew and Arabic."""

    def visual(text: str) -> str:
        runs = re.findall("[\u0590-\u08ff]+|[^\u0590-\u08ff]+", text)
        return "".join(run[::-1] if "\u0590" <= run[0] <= "\u08ff" else run for run in runs)

    return texts(NAMES, visual)(server)
