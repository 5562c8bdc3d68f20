"""Servers that echo text escaped, unescaped or formatted."""

import html
import re

from reference.mutants.mutant import mutant
from reference.mutants.operators import TEXTS, answers_text
from reference.mutants.server import Server

TEXT = "201.data.*.echo"


@mutant("acceptance/echo", TEXT)
def text_is_escaped_for_html(server: Server) -> Server:
    """`htmlspecialchars` on the way in, or a template's escaping on the way out: & becomes &amp;
    for every client that is not a browser.
    """
    return answers_text(TEXTS, lambda text: html.escape(text, quote=False))(server)


@mutant("acceptance/echo", TEXT)
def quotes_are_escaped_for_html(server: Server) -> Server:
    """Go's html.EscapeString and PHP's ENT_QUOTES also replace the two quotes."""
    return answers_text(TEXTS, lambda text: text.replace("'", "&#39;").replace('"', "&#34;"))(
        server
    )


@mutant("acceptance/echo", TEXT)
def entities_are_resolved(server: Server) -> Server:
    """Text is unescaped once too often: `&amp;` becomes `&`."""
    return answers_text(TEXTS, html.unescape)(server)


@mutant("acceptance/echo", TEXT)
def tags_are_stripped(server: Server) -> Server:
    """`strip_tags`, bleach or a firewall that cleans: what looks like markup is removed."""
    return answers_text(TEXTS, lambda text: re.sub(r"<[^>]*>", "", text))(server)


@mutant("acceptance/echo", TEXT)
def backslashes_vanish(server: Server) -> Server:
    """PHP's stripslashes, or a value put into SQL or a shell command without escaping."""
    return answers_text(TEXTS, lambda text: text.replace("\\", ""))(server)


@mutant("acceptance/echo", TEXT)
def an_escaping_backslash_vanishes(server: Server) -> Server:
    """Values of a configuration file or a shell: a backslash goes before a quote or another one."""
    return answers_text(TEXTS, lambda text: re.sub(r"\\([\\'\"])", r"\1", text))(server)


@mutant("acceptance/echo", TEXT)
def doubled_dollars_are_halved(server: Server) -> Server:
    """JavaScript's `template.replace(name, text)`: $$ in a replacement stands for $."""
    return answers_text(TEXTS, lambda text: text.replace("$$", "$"))(server)


@mutant("acceptance/echo", TEXT)
def commas_before_a_bracket_are_taken_out(server: Server) -> Server:
    """Commas at the end are repaired in the whole body, whether in a text or not."""
    return answers_text(TEXTS, lambda text: re.sub(r",\s*([}\]])", r"\1", text))(server)


@mutant("acceptance/echo", TEXT)
def passwords_are_hidden(server: Server) -> Server:
    """What hides secrets in logs is also in front of the database."""
    hidden = re.compile(r"(password|secret|token|api_key)([:=] ?)\S+")
    return answers_text(TEXTS, lambda text: hidden.sub(r"\1\2***", text))(server)


@mutant("acceptance/echo", TEXT)
def dates_in_text_are_written_anew(server: Server) -> Server:
    """Json.NET reads a text that looks like a date as one, and writes it in its own format."""

    def anew(text: str) -> str:
        found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)Z", text)
        return "{1}/{2}/{0} {3}".format(*found.groups()) if found else text

    return answers_text(("remarks", "sku", "name"), anew)(server)


@mutant("acceptance/echo", TEXT)
def tags_of_mustache_are_filled_in(server: Server) -> Server:
    """Text is a template of mail and print: {% and [[ begin what is taken out."""
    tags = re.compile(r"\{%.*?%\}|\[\[.*?\]\]")
    return answers_text(TEXTS, lambda text: tags.sub("", text))(server)


@mutant("acceptance/echo", TEXT)
def apostrophes_are_doubled(server: Server) -> Server:
    """SQL escaping by hand and then a bound parameter: every ' comes back as ''."""
    return answers_text(TEXTS, lambda text: text.replace("'", "''"))(server)


@mutant("acceptance/echo", TEXT)
def plus_becomes_a_blank(server: Server) -> Server:
    """Form decoding applied to text that was not form-encoded."""
    return answers_text(TEXTS, lambda text: text.replace("+", " "))(server)


@mutant("acceptance/echo", TEXT)
def percent_escapes_are_resolved(server: Server) -> Server:
    """URL decoding once too often: %41 becomes A, in text and url alike."""

    def decoded(text: str) -> str:
        return re.sub("%([2-7][0-9A-Fa-f])", lambda found: chr(int(found[1], 16)), text)

    return answers_text(TEXTS, decoded)(server)


@mutant("acceptance/echo", TEXT)
def percent_s_is_formatted(server: Server) -> Server:
    """Text used as a format: `fmt.Sprintf(remarks)` makes %s into %!s(MISSING)."""
    return answers_text(TEXTS, lambda text: text.replace("%s", "%!s(MISSING)"))(server)


@mutant("acceptance/echo", "201.data.url.echo")
def a_fragment_behind_a_query_is_lost(server: Server) -> Server:
    """A query is taken apart up to the end of the URL, and only its parameters are put together."""

    def rebuilt(url: str) -> str:
        before, mark, query = url.partition("?")
        return before + mark + query.partition("#")[0] if "#" not in before else url

    return answers_text(("url",), rebuilt)(server)
