"""Words of a description by which it asks for more than a schema says."""

import re

from spec.document import follow
from spec.yamlfile import YamlFile

NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
"""The words for the numbers from 0 on."""


def of_words(*alternatives: str) -> re.Pattern[str]:
    """A pattern of whole words, in any case."""
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


_CONDITION = of_words(
    r"needs?|requires?|required|only|unless|if|when|must|ha(?:s|ve) to|except|other than"
    r"|depends|provided|enabled|allowed|permitted|available|eligible|restricted|limited|reserved"
    r"|subject to|in (?:place|lieu) of|replac(?:es?|ing)|rather than|alternative(?:ly)?"
    r"|combined?|together|conflicts?|exclusive(?:ly)?|instead|cannot|can't|not (?:be|with|for|to)"
    r"|for (?:\w+ )?(?:accounts?|customers?|clients?|partners?|merchants?|tenants?|users?)"
    r"|valid (?:for|with|in)|supported (?:for|with|in)|appl(?:y|ies|icable) to|plans?|beta",
)
"""Words of a description by which a value that is listed may ask for something else."""
DEMAND = re.compile(
    r"(?<!not )(?<!n't )\b(?:required|mandatory|obligatory|needed"
    r"|must be (?:given|provided|present|set|sent|supplied|specified))\b",
    re.IGNORECASE,
)
FORBIDDEN = of_words(
    r"forbidden|prohibited|disallowed|rejected|refused|omitted"
    r"|(?:must|may|should|shall|can)(?: ?not|n't) be"
    r"|not (?:be )?(?:allowed|permitted|given|provided|present|set|sent|supplied|accepted)"
    r"|(?:only|just) (?:be )?(?:allowed|permitted|given|present|set|sent|if|when|for|with)"
    r"|allowed only|leave (?:it )?out|omit",
)
"""Words of a description by which some invoices may not have the property."""
CHOICE = of_words(r"either|at least one|exactly one|only one|any of")
APART = of_words(
    r"not both|exactly one|only one|mutually exclusive|not (?:be )?(?:combined|together)"
    r"|(?:cannot|can't|must not|may not) (?:both )?be (?:sent|given|used|set|combined)",
)
ASKS = of_words(r"requires?|needs?|demands?")
"""Words by which a description of a whole, or of a list of words, says what belongs together."""
_ELSE = of_words(r"otherwise|else|any other|in other|for other")
OF_SOME = of_words(r"if|when|whenever|unless|for|where|in case|once|with|except")
"""Words that together, in a sentence of a description, have some invoices need a property."""
_MOST_READ = 2000
"""Characters of a description."""


def sentences_of(description: str) -> list[str]:
    """Its sentences, and parts of sentences that stand alone; a point within a number ends none,
    nor one of an abbreviation.
    """
    return re.split(r"(?<!\b[Mm]ax)(?<!\b[Mm]in)\.(?!\d)|[;\n]", description)


def description_at(document: YamlFile, pointer: str | None) -> str:
    """What is said in prose of the schema at a pointer."""
    said = None if pointer is None else follow(document, pointer)[1]
    text = said.get("description") if isinstance(said, dict) else ""
    return text[:_MOST_READ] if isinstance(text, str) else ""


def condition_in(description: str) -> str:
    """Why a value that is listed need not be accepted; empty where nothing says so."""
    return "its description has a condition" if _CONDITION.search(description) else ""


def demands(description: str) -> bool:
    """Whether a sentence says that some invoices need the property."""
    sentences = sentences_of(description)
    return any(DEMAND.search(one) and OF_SOME.search(one) for one in sentences)


def forbids(description: str) -> bool:
    """Whether a sentence says that some invoices may not have the property."""
    sentences = sentences_of(description)
    return any(
        FORBIDDEN.search(one) and (OF_SOME.search(one) or _ELSE.search(one)) for one in sentences
    )
