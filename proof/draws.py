"""What Hypothesis drew for each test, recorded so that the same tests can be run on it again.

At the `gate` profile the same seed draws the same values, so every server of a proof would get the
same drawn invoices; drawing them only once saves most of the time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import seed
from hypothesis import strategies as st

Values = list[Any]


@dataclass(slots=True)
class DrawnValues:
    """The values that each example of a test drew, in order, by test id."""

    examples: dict[str, list[Values]] = field(default_factory=dict)

    def record(self, item: pytest.Function, number: int | None) -> None:
        """Run a drawn test with Hypothesis, with this seed or, without one, the profile's."""
        examples = self.examples.setdefault(item.nodeid, [])
        handle = item.obj.hypothesis
        inner = handle.inner_test

        def watched(data: st.DataObject, **fixtures: Any) -> None:
            drawn: Values = []
            inner(data=_Recording(data, drawn), **fixtures)
            examples.append(drawn)

        test = item.obj if number is None else seed(number)(item.obj)
        handle.inner_test = watched
        try:
            test(**_arguments(item))
        finally:
            handle.inner_test = inner

    def replay(self, item: pytest.Function) -> None:
        """Run a drawn test on the values that were recorded for it."""
        inner: Callable[..., None] = item.obj.hypothesis.inner_test
        fixtures = _arguments(item)
        for values in self.examples[item.nodeid]:
            inner(data=_Replaying(iter(values)), **fixtures)


def is_drawn(item: pytest.Function) -> bool:
    """Whether Hypothesis runs this test."""
    return hasattr(item.obj, "hypothesis")


def _arguments(item: pytest.Function) -> dict[str, Any]:
    names = item._fixtureinfo.argnames  # noqa: SLF001 - as pytest's own caller of tests does
    return {name: item.funcargs[name] for name in names}


@dataclass(frozen=True, slots=True)
class _Recording:
    data: st.DataObject
    drawn: Values

    def draw(self, strategy: st.SearchStrategy[Any], label: str | None = None) -> Any:
        value = self.data.draw(strategy, label)
        self.drawn.append(value)
        return value


@dataclass(frozen=True, slots=True)
class _Replaying:
    values: Iterator[Any]

    def draw(self, strategy: st.SearchStrategy[Any], label: str | None = None) -> Any:
        del strategy, label
        return next(self.values)
