"""A validator that knows the formats and, where they allow it, is quick to say that all is well."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from spec.schema.formats import UUID

Formats = Mapping[str, Callable[[str], bool]]
Schema = dict[str, Any]

_LETTERS = "0-9A-Za-z\u4e00-\u9fa5"
_SHOWN = " -~\u00a0-\u00ff\u4e00-\u9fa5\U0001f600-\U0001f64f"
"""Some letters and digits, and some characters that a text may have by every Unicode of today."""
LONG_TEXT = 64 * 1024
"""Characters of a text that no message of an error repeats: a validator makes several copies."""
_PLAIN = {"text": f"^[{_SHOWN}]*[{_LETTERS}][{_SHOWN}]*$", "uuid": f"^{UUID.pattern}$"}
"""Patterns of most texts that have a format, and of no others."""


class FormatValidator:
    """Judges by a schema.

    A validator leaves it to a function of ours whether a text has a format, as often as there are
    texts. So one whose schema has a pattern beside the format is asked first.
    """

    def __init__(self, schema: Schema, formats: Formats) -> None:
        self._schema, self._formats = schema, formats
        self._exact = _validator(schema, formats)
        quick = _with_patterns(schema)
        self._quick = None if quick == schema else _validator(quick, formats)

    def is_valid(self, value: Any) -> bool:
        """Whether a value keeps the schema."""
        return (self._quick or self._exact).is_valid(value)

    def iter_errors(self, value: Any) -> Iterator[ValidationError]:
        """Each way in which a value does not keep the schema, with paths in the schema as given."""
        if self._quick is not None and self._quick.is_valid(value):
            return iter(())
        return (self._brief if _has_long_text(value) else self._exact).iter_errors(value)

    @cached_property
    def _brief(self) -> Draft202012Validator:
        """The same with messages that show no value."""
        return _validator(self._schema, self._formats, mask="what is sent")


def _has_long_text(value: Any) -> bool:
    """Whether a member of an object is a long text."""
    texts = value.values() if isinstance(value, dict) else ()
    return any(isinstance(each, str) and len(each) > LONG_TEXT for each in texts)


def _validator(schema: Schema, formats: Formats, mask: str | None = None) -> Draft202012Validator:
    return Draft202012Validator(schema, validate_formats=True, formats={**formats}, mask=mask)


def _with_patterns(schema: Schema) -> Schema:
    """A schema that the same values keep, with a pattern beside the format of a text."""
    out = {**schema}
    if isinstance(properties := schema.get("properties"), dict):
        out["properties"] = {name: _with_patterns(each) for name, each in properties.items()}
    if isinstance(items := schema.get("items"), dict):
        out["items"] = _with_patterns(items)
    if schema.get("format") in _PLAIN and "anyOf" not in schema:
        name = out.pop("format")
        out["anyOf"] = [{"pattern": _PLAIN[name]}, {"format": name}]
    return out
