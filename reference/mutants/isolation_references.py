"""Servers that keep the references of an invoice, also of a refused one, and compare them."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from unicodedata import combining, normalize

from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Mutation, Server
from reference.refusal import Problem, Refusal
from reference.store import Store

_OF_THE_DATABASE = ("string_too_long", "greater_than_equal", "literal_error")
"""What a column, a check or an enum of a database refuses, where nothing was asked before."""


def _stays_after(kinds: Collection[str]) -> Mutation:
    """The reference of an invoice that is refused for such problems alone is taken."""

    def mutate(server: Server) -> Server:
        taken: set[str] = set()

        def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
            reference = str(payload.get("reference_id")) if isinstance(payload, dict) else ""
            if problems and all(one.kind in kinds for one in problems):
                taken.add(reference)
            return problems or (_taken("reference_id") if reference in taken else ())

        return server.with_problems(judge)

    return mutate


def _taken(name: str) -> tuple[Problem, ...]:
    return (Problem((name,), "taken", "Is in use"),)


@mutant("isolation", "201.status")
def an_invoice_stays_that_a_check_of_the_database_refuses(server: Server) -> Server:
    """CHECK (paid_amount >= 0) after the row of the reference was inserted, and no rollback."""
    return _stays_after(("greater_than_equal",))(server)


@mutant("isolation", "201.status")
def a_reference_is_reserved_before_types_are_looked_at(server: Server) -> Server:
    """SETNX with the reference, and then the binding of the rest."""
    return _stays_after(("float_type", "int_type"))(server)


@mutant("isolation", "201.status")
def items_stay_whose_last_one_is_too_long(server: Server) -> Server:
    """Value too long for type character varying(255), after the items before it were inserted."""
    taken: set[str] = set()

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        items = payload.get("items") if isinstance(payload, dict) else None
        inserted = items[:-1] if isinstance(items, list) else []
        own = {str(item.get("reference_id")) for item in inserted if isinstance(item, dict)}
        if any(one.kind == "string_too_long" and len(one.location) == 3 for one in problems):
            taken.update(own)
        return problems or (_taken("items") if own & taken else ())

    return server.with_problems(judge)


@mutant("isolation", "201.status", "4xx.status", "response.status")
def the_next_one_fails_in_the_transaction_of_a_check(server: Server) -> Server:
    """Current transaction is aborted: what the database refuses leaves the session as it is."""
    aborted: list[bool] = [False]

    def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        was, aborted[0] = aborted[0], any(one.kind in _OF_THE_DATABASE for one in problems)
        if was and not problems:
            raise Refusal(500, "Internal Server Error")
        return problems

    return server.with_problems(judge)


def _unique(reduced: Callable[[str], str], *names: str, status: int = 400) -> Mutation:
    """Each of these is unique in a form in which several are one; `items` stands for the references
    of all items of earlier invoices.
    """

    def mutate(server: Server) -> Server:
        known: dict[tuple[str, str], str] = {}

        def find(payload: Json, store: Store) -> Json:
            found = server.steps.find_order(payload, store)
            for name in names:
                is_of_items, value = name == "items", payload[name]
                texts = [one["reference_id"] for one in value] if is_of_items else [value]
                held = {(name, reduced(text)): text for text in texts}
                if any(known.get(key, text) != text for key, text in held.items()):
                    raise Refusal(status, "Is in use", _taken(name))
                known.update(held)
            return found

        return server.with_steps(find_order=find)

    return mutate


@mutant("isolation", "201.status")
def numbers_are_unique_by_letters_and_digits(server: Server) -> Server:
    """The check for bills that came twice reads no signs: 24/7 and 247 are one."""
    return _unique(lambda text: re.sub("[^0-9A-Za-z]", "", text), "invoice_number")(server)


@mutant("isolation", "201.status")
def references_are_unique_in_a_collation_without_pictures(server: Server) -> Server:
    """In utf8mb4_general_ci all characters beyond U+FFFF are equal."""
    return _unique(lambda text: re.sub("[^\0-\uffff]", "?", text), "reference_id")(server)


def _unmarked(text: str) -> str:
    """The text as a collation reads it that leaves accents aside, and strokes of letters."""
    plain = normalize("NFD", text.translate(_WRITTEN_OUT))
    return "".join(one for one in plain if not combining(one))


_WRITTEN_OUT = str.maketrans({"\u00c6": "AE", "\u00e6": "ae", "\u00d8": "O", "\u00f8": "o"})


@mutant("isolation", "201.status")
def references_are_unique_in_a_collation_without_accents(server: Server) -> Server:
    """In utf8mb4_general_ci an e with an accent is an e."""
    return _unique(_unmarked, "reference_id")(server)


@mutant("isolation", "201.status")
def items_are_unique_in_a_collation_that_writes_letters_out(server: Server) -> Server:
    """In utf8mb4_0900_ai_ci an Æ is an AE, and an Ø is an O."""

    def written_out(text: str) -> str:
        return text.translate(_WRITTEN_OUT)

    return _unique(written_out, "items", status=409)(server)


@mutant("isolation", "201.status")
def references_are_unique_with_one_blank_for_several(server: Server) -> Server:
    """What is searched for has single blanks, and so has the index."""
    return _unique(lambda text: " ".join(text.split()), "reference_id")(server)


@mutant("isolation", "201.status")
def references_and_numbers_are_in_one_table(server: Server) -> Server:
    """One table of external ids: the number of an invoice is no reference of another."""
    owners: dict[str, str] = {}

    def find(payload: Json, store: Store) -> Json:
        found = server.steps.find_order(payload, store)
        reference, number = payload["reference_id"], payload["invoice_number"]
        if owners.setdefault(f"n {reference}", reference) != reference:
            raise Refusal(400, "Is in use", _taken("reference_id"))
        if owners.setdefault(f"r {number}", number) != number:
            raise Refusal(400, "Is in use", _taken("invoice_number"))
        owners.setdefault(f"r {reference}", f"the reference {reference}")
        owners.setdefault(f"n {number}", f"the number {number}")
        return found

    return server.with_steps(find_order=find)


@mutant("isolation", "response.status")
def a_reference_and_a_number_of_two_invoices_break_the_search(server: Server) -> Server:
    """WHERE reference = ? OR number = ?: two rows where one is awaited."""
    owners: dict[tuple[str, str], int] = {}

    def find(payload: Json, store: Store) -> Json:
        found = server.steps.find_order(payload, store)
        keys = [(name, payload[name]) for name in ("reference_id", "invoice_number")]
        rows = {owners[key] for key in keys if key in owners}
        if len(rows) > 1:
            raise Refusal(500, "Internal Server Error")
        owners.update(dict.fromkeys(keys, next(iter(rows), len(owners))))
        return found

    return server.with_steps(find_order=find)


@mutant("isolation", "*.required")
def what_is_sent_three_times_is_taken(server: Server) -> Server:
    """A queue gives up after three tries and puts the message where all is taken."""
    refused: Counter[str] = Counter()

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if not isinstance(payload, dict):  # of no invoice there is nothing to store
            return problems
        refused[repr(payload)] += bool(problems)
        return problems if refused[repr(payload)] < 3 else ()

    return server.with_problems(judge)


@mutant("isolation", "response.status")
def an_index_that_ignores_letter_case_breaks_the_insertion(server: Server) -> Server:
    """A known reference is looked for by its characters, and the unique index has a collation that
    ignores letter case, as that of MySQL does by default: nobody expects its error.
    """
    return _unique(str.casefold, "reference_id", status=500)(server)


@mutant("isolation", "response.status")
def an_index_that_ignores_blanks_at_the_end_breaks_the_insertion(server: Server) -> Server:
    """PAD SPACE, as of most collations of MySQL and all of SQL Server, for the numbers."""
    return _unique(lambda text: text.rstrip(" "), "invoice_number", status=500)(server)


@mutant("isolation", "response.status")
def an_index_of_items_that_ignores_accents_breaks_the_insertion(server: Server) -> Server:
    """utf8mb4_0900_ai_ci, for the references of all items there are."""
    return _unique(_unmarked, "items", status=500)(server)


@mutant("isolation", "response.status")
def an_index_of_wide_letters_breaks_the_insertion(server: Server) -> Server:
    """Latin_General of SQL Server ignores width: a full-width letter is the usual one."""
    usual = {code + 0xFEE0: code for code in range(ord("!"), ord("~") + 1)}
    return _unique(lambda text: text.translate(usual), "reference_id", status=500)(server)
