"""A certificate that ends soon, or another one, is news."""

from dataclasses import replace
from datetime import date

import pytest

from tests.watching import unchanged, watched
from watch import certificate


@pytest.mark.parametrize(
    ("today", "words"),
    [
        ("2026-03-01", ""),
        ("2026-03-02", "the certificate ends in 30 days: its last day is 2026-04-01"),
        ("2026-03-31", "the certificate ends tomorrow: its last day is 2026-04-01"),
        ("2026-04-01", "the certificate ends today: its last day is 2026-04-01"),
    ],
)
def test_a_certificate_that_ends_soon_is_news(today: str, words: str) -> None:
    """From thirty days before, whatever was accepted; plain http has none."""
    assert certificate.ending("2026-04-01", date.fromisoformat(today)) == words
    assert certificate.ending("", date.fromisoformat(today)) == ""


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("2026-04-01", "2026-04-01", ""),
        ("2026-04-01", "2026-07-01", "a new certificate: its last day is 2026-07-01, it was"),
        ("", "2026-07-01", "a new certificate: its last day is 2026-07-01, there was none"),
        (
            "2026-04-01",
            "",
            "the target has no certificate any more: the last day of the one before is 2026-04-01",
        ),
    ],
)
def test_another_certificate_is_news_and_no_change(before: str, now: str, words: str) -> None:
    """Of the same target: another one has another certificate."""
    then, later = (replace(watched(unchanged), last_day=each) for each in (before, now))
    news = then.news(later)
    assert news.certificate.startswith(words)
    assert bool(news.certificate) == bool(words)
    assert not news.changes
    assert not then.news(replace(later, name="production")).certificate
