"""What a description of one of today's properties asks for that it did not ask for before."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from spec.paths import Path, path_text, place_of, properties_within, schema_at
from spec.prose.bounds import without_bounds
from spec.prose.plainest import Property, narrow_to_one
from spec.prose.sentences import (
    APART,
    ASKS,
    CHOICE,
    DEMAND,
    FORBIDDEN,
    NUMBERS,
    OF_SOME,
    description_at,
    of_words,
    sentences_of,
)
from spec.prose.times import days_in, side_in
from spec.reading import Narrowed, sent_today
from spec.relations import AT_MOST, Relations
from spec.schema.inlined import Schema
from spec.schema.keywords import kind_of
from spec.yamlfile import YamlFile

_DONE = (
    "(?:received|paid|made|settled|completed|shown|seen|displayed|printed|visible|returned|undone)"
)
_RULE = of_words(
    f"(?:must|shall|should|may|can)(?:n't| ?not)(?! be {_DONE}|\\w)|never|forbidden|prohibited",
    "not (?:be )?(?:allowed|accepted|permitted|valid|supported)|invalid|disallowed|rejected",
    f"(?:must|shall|should|ha(?:s|ve) to|needs? to) (?:be(?! {_DONE})|have|contain|match|consist"
    "|use|fit|start|begin|end|equal|agree|lie|fall|follow|point|refer|come|conform|comply|include)",
    "only(?! (?:to|for|on|in|if|when|shown|used|visible|once)\\b)|alphanumeric|A-Z|duplicates?",
    "(?:letters|digits|numbers|characters|ASCII|alphanumerics?) only|distinct|in capitals",
    "refused|be unique|unique (?:within|in|per|among|across)|(?:upper|lower)[ -]?case",
    "(?:starts?|begins?|ends?) with|followed by|(?:of|in) the form",
    f"(?:[0-9]+|{'|'.join(NUMBERS)})[ -](?:digits?|letters?)",
    "multiples? of|positive|between",
    "no (?:HTML|markup|tags|spaces|white ?space|line breaks|emojis?|special|leading|trailing)",
    "without (?:HTML|markup|tags|spaces|white ?space|line breaks|emojis?|special)",
    "at most|at least|no (?:more|less|fewer|longer|later|earlier) than|up to|within|max(?:imum)?"
    "|min(?:imum)?",
)
"""Words by which a description may forbid what its schema allows."""
_NEVER = "(?:(?:must|may|can|shall|should) ?)?(?:not|never) (?:be )?"
_KEPT = {
    "string": of_words(
        f"{_NEVER}(?:empty|blank|null|changed|modified|updated|edited)(?: (?:later|afterwards))?",
        "(?:must be )?(?:non-?empty|(?:an? )?(?:absolute|valid) (?:URL|URI))",
        "(?:must be )?(?:in |an? |of |as )?(?:valid )?(?:RFC|ISO)[ -]?[0-9]+",
    ),
    "number": of_words(
        "(?:must be )?non-?negative",
        f"{_NEVER}(?:negative|null|(?:below|less than) (?:0|zero))",
        "(?:at most |up to |no more than )?(?:two|2|three|3|four|4) (?:decimal|fraction)[a-z]*",
    ),
    "array": of_words(f"{_NEVER}(?:empty|null)|(?:must be )?non-?empty"),
}
"""What must be accepted keeps anyway, by the type of what it is said of."""
_NEW = of_words(
    "(?:(?:must|has to|should) be )?(?:globally |always )?(?:unique|distinct)",
    "(?:no )?duplicates?(?: (?:are|is|will be|references?|numbers?|not|be))*"
    "(?: (?:rejected|refused|forbidden|allowed|accepted|possible))?",
    f"{_NEVER}(?:used (?:twice|again|before)|reused|duplicated|repeated)",
)
_SUM = of_words("sum|items|lines|adds? up|equals?|total of")
_THERE = of_words("exist(?:s|ing)?|belongs?|known|open|valid")
_FORM = of_words("followed by|the form|digits?|letters?|characters?|(?:start|begin|end)s?")
_NOT_BEFORE = of_words("(?:not|never|cannot) (?:be )?(?:before|earlier|prior)")
_NEGATED = of_words("not|cannot|can't|never|n't|rejected|refused|forbidden|except")
_ONLY = of_words("only|must be|has to be|have to be")


@dataclass(frozen=True, slots=True)
class _Said:
    """A property with rules that are new, and the line of its description."""

    of: Property
    line: str
    rules: tuple[str, ...]


def with_rules(
    related: Relations,
    valid: Schema,
    narrowed: Narrowed,
    known: YamlFile,
    gone: Collection[Path],
    stamp: str,
) -> Relations:
    """The relations and, in what must be accepted, what new prose on today's properties leaves.

    A limit is one there as well. Of another rule nobody knows what it forbids: then the document's
    example is sent alone, or the plainest value, which is told. A reference is the `stamp`; what is
    `gone` is not sent.
    """
    for one in [*_said(related, valid, narrowed, known)]:
        if one.of.path in gone:
            continue
        before, schema, rest = {**one.of.schema}, one.of.schema, ""
        for rule in one.rules:
            if "enum" in schema:
                _keep_members(schema, rule)
            elif _RULE.search(left := without_bounds(rule, schema)):
                rest += f" {left}"
        told = f"said otherwise: {path_text(one.of.path)} ({one.line})"
        changed = (f"{name} {each}" for name, each in schema.items() if before.get(name) != each)
        narrowed.overruled.extend(f"{told}: read as {each}" for each in changed)
        if rest:
            related, what = narrow_to_one(one.of, rest, related, valid, stamp)
            narrowed.overruled.extend([f"{told}; not judged: any but {what}"] * bool(what))
    return related


def _said(
    related: Relations, valid: Schema, narrowed: Narrowed, known: YamlFile
) -> Iterator[_Said]:
    """The properties of today's of which prose says more than before, and more than is read."""
    before = sent_today(known)
    pointers, here = dict(before.places), dict(valid.places)
    document, names = narrowed.request.document, {*valid.root.get("properties", ())}
    for old, _ in properties_within(before.root):
        path = narrowed.path_of(old)
        schema, place = schema_at(valid.root, path), place_of(path)
        told = {*map(_plain, sentences_of(description_at(known, pointers.get(place_of(old)))))}
        said = sentences_of(description_at(document, here.get(place)))
        new = [one for one in said if _RULE.search(one) and _plain(one) not in told]
        rest = [_unread_of(related, path, schema, one, names) for one in new if schema]
        rules = [one for one in rest if _RULE.search(one)]
        if rules:
            line = document.at(f"{here[place]}/description")
            yield _Said(Property(path, schema, place), line, (*rules,))


def _plain(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", sentence.lower()))


def _unread_of(
    related: Relations, path: Path, schema: dict[str, Any], sentence: str, names: Collection[str]
) -> str:
    """What of a sentence is not read otherwise, and not what must be accepted keeps anyway."""
    words, name = {*re.findall(r"\w+", sentence)}, path[-1]
    others = words & {*names} - {name}
    of_others = (CHOICE, APART, FORBIDDEN, DEMAND, ASKS)
    if (others and any(each.search(sentence) for each in of_others)) or DEMAND.search(sentence):
        return ""
    before = _NOT_BEFORE.search(sentence) is not None
    by_name = {
        related.sum.total: _SUM.search(sentence),
        related.state.paid: AT_MOST.search(sentence) and related.sum.total in words,
        related.order.order: _THERE.search(sentence) and not _FORM.search(sentence),
        related.due.due: before and related.due.created in words,
        related.dates.later: before and {related.dates.earlier, "order"} & words,
    }
    if (by_name.get(name) and not path[1:]) or side_in(sentence) is not None:
        return ""
    if name == related.due.due and related.due.created not in words and days_in(sentence):
        return ""
    kept = _KEPT.get(kind_of(schema))
    rest = kept.sub("", sentence) if kept else sentence
    return _NEW.sub("", rest) if path in related.new.paths else rest


def _keep_members(schema: dict[str, Any], sentence: str) -> None:
    """Have an enumeration lack the members that a sentence forbids, or have those alone that it
    allows.
    """
    words = {*re.findall(r"\w+", sentence)}
    named = [one for one in schema["enum"] if isinstance(one, str) and one in words]
    if not named or OF_SOME.search(sentence):
        return
    if _NEGATED.search(sentence):
        named = [one for one in schema["enum"] if one not in named]
    elif not _ONLY.search(sentence):
        return
    schema["enum"] = named or schema["enum"]
