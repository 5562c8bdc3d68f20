"""The mirror before the suite itself: each judges the other."""

from pathlib import Path

from tests.mirrors import KEY, mirror
from tests.running import suite


def test_the_suite_finds_nothing_wrong_with_a_mirror(tmp_path: Path) -> None:
    """It answers as a conforming server does, whatever is sent to it; and it sees the valid
    invoices among the invalid ones.
    """
    with mirror() as serving:
        result = suite(
            *("--base-url", serving.url, "--hypothesis-profile", "smoke"),
            *("--reports", str(tmp_path)),
            keys={"WIZCOMMERCE_API_KEY": KEY},
        )
        assert result.status == 0, result.output
        assert serving.log.troubles == []
        verdicts = [str(each.verdict) for each in serving.received]
        assert min(map(verdicts.count, ("valid", "invalid", "unspecified"))) > 5
        for each in serving.received:
            if each.verdict == "valid":
                assert each.status == 201
            if each.verdict == "invalid":
                assert each.status is not None
                assert each.status >= 400
