"""Limits that a description tells in numbers: of a length, an amount or how many there are."""

import re
from decimal import Decimal
from typing import Any

from spec.prose.sentences import NUMBERS
from spec.schema.amounts import CENT, ONE, plain
from spec.schema.keywords import kind_of, type_names

_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?|{'|'.join(NUMBERS)}"
_MODAL = r"(?:\b(?:must|may|can|shall|should|has to|have to|cannot)(?: (?:be|have|contain))? )?"
_UNIT = (
    r"(?:[ -](?:(?P<length>characters?|chars?|symbols?|code points?)"
    r"|(?P<count>items?|lines?|entries|elements?|positions?)"
    r"|(?P<places>(?:decimal|fraction) (?:digits?|places?)|decimals?))\b)?"
    r"(?: long| in length)?(?! ?(?:%|percent|per cent|times)|\w)"
)
_NOT = r"(?:no|not|n't|never|cannot|can ?not) (?:be )?"
_OF = r"(?: (?:length|number|value|amount))?(?: (?:is|of))?:?"
_SIDES = {
    "most": rf"(?:at most|{_NOT}(?:more|greater|larger|higher|longer) than|up to|not exceeding"
    rf"|max(?:imum|\.)?{_OF}|limited to|{_NOT}exceed|(?:less|fewer) than or equal to|<=|≤)",
    "least": rf"(?:at least|{_NOT}(?:less|fewer|lower|smaller|shorter) than|min(?:imum|\.)?{_OF}"
    r"|(?:more|greater) than or equal to|>=|≥)",
    "over": r"(?:(?:more|greater|larger|higher|longer) than|above|over|>)",
    "under": r"(?:(?:less|fewer|lower|smaller|shorter) than|below|under|<)",
}
"""How limits are told; the first that fits counts."""
_PATTERNS = [
    re.compile(f"{_MODAL}{words}{_UNIT}", re.IGNORECASE)
    for words in (
        rf"between (?P<least>{_NUMBER}) and (?P<most>{_NUMBER})",
        rf"(?<!\w)(?P<least>{_NUMBER}) ?(?:to|-|–) ?(?P<most>{_NUMBER})(?= char| item| line)",
        *(rf"{words} ?[$€£]?(?P<{side}>{_NUMBER})" for side, words in _SIDES.items()),
        r"(?P<sign>positive|non-?zero|not (?:be )?(?:0|zero))\b",
    )
]
_END = re.compile(r" *(?:[,()!?:]|$|and\b|or\b)")
_KEYWORDS = {
    "string": ("length", "minLength", "maxLength"),
    "array": ("count", "minItems", "maxItems"),
    "number": ("value", "minimum", "maximum"),
}


def without_bounds(sentence: str, schema: dict[str, Any]) -> str:
    """What is left of a sentence when each limit that it tells of a value is one of its schema."""
    kind = kind_of(schema)
    what, least, most = _KEYWORDS.get(kind, ("", "", ""))
    unit = CENT if "number" in type_names(schema.get("type", ())) else ONE

    def read(found: re.Match[str]) -> str:
        told = {name: text for name, text in found.groupdict().items() if text}
        of = next((one for one in ("length", "count", "places") if one in told), "")
        # A bare number is the length of a text where nothing follows that it may count.
        is_bare = _END.match(found.string, found.end()) is not None or "length" in found[0].lower()
        of = of or what * (kind != "string" or is_bare)
        if of == "places" and kind == "number" and "most" in told:
            schema["multipleOf"] = plain(max(unit, Decimal(1).scaleb(-int(_number(told["most"])))))
            return ""
        if not what or of != what:
            return found[0]
        lows = [_number(told["least"])] if "least" in told else []
        lows += [_number(told["over"]) + unit] if "over" in told else []
        highs = [_number(told["most"])] if "most" in told else []
        highs += [_number(told["under"]) - unit] if "under" in told else []
        if limits := [*lows, *([unit] if "sign" in told else [])]:
            schema[least] = plain(max(*limits, Decimal(str(schema.get(least, limits[0])))))
        if highs:
            schema[most] = plain(min(*highs, Decimal(str(schema.get(most, highs[0])))))
        return ""

    for pattern in _PATTERNS:
        sentence = pattern.sub(read, sentence)
    return sentence


def _number(text: str) -> Decimal:
    word = text.lower()
    return Decimal(NUMBERS.index(word) if word in NUMBERS else word.replace(",", ""))
