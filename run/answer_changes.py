"""What a run says of changes: since answers were accepted, and beside another target."""

from collections.abc import Iterable
from datetime import date

from reports.ledger import Counts, Entry
from reports.rows import Record
from run.session import Run
from spec.requirements import Level
from watch import certificate, timing
from watch.baseline import News, Watched, pace_of
from watch.features import together
from watch.fingerprint import Cases, fold


def watched(run: Run) -> Watched:
    """What the target answered in this run."""
    name, started = run.plan.target.name, run.open.started_at.isoformat(timespec="seconds")
    pace = pace_of(run.plan.options.profile, run.plan.concurrency)
    return answered(name, started, run.entries, run.total, pace)


def answered(
    name: str, started: str, entries: Iterable[Entry], total: Counts, pace: str
) -> Watched:
    """What a target answered to these tests, which were sent at this pace."""
    times = timing.summary(total.times)
    cases = features_by_case(entries)
    return Watched(name, started, cases, times, last_day=total.last_day, pace=pace)


def tell(content: Record, now: Watched, since: News | None, today: date) -> None:
    """Tell the record what the target answered, and what has changed."""
    ending = certificate.ending(now.last_day, today)
    content["fingerprint"] = fold(now.cases)
    content["times"] = {kind: dict(of_kind) for kind, of_kind in now.times.items()}
    content["certificate"] = {"last_day": now.last_day, "ending": ending}
    content["news"] = since.as_json() if since else None


def features_by_case(entries: Iterable[Entry]) -> Cases:
    """What the target answered to each case; probes have accepted answers of their own."""
    return {
        entry.test: {case: together(answers) for case, answers in entry.counts.cases.items()}
        for entry in entries
        if entry.counts.cases and not entry.counts.answers
    }


def news(run: Run) -> News | None:
    """What has changed since the target's answers were accepted; None if they never were."""
    accepted = run.plan.watched
    return accepted.news(watched(run)) if accepted else None


def differences(run: Run) -> News | None:
    """How the target's answers differ from those of the one beside it, if there is one."""
    name = run.plan.options.against
    if name is None:
        return None
    others = {
        entry.test: {case: together(answers) for case, answers in entry.counts.others.items()}
        for entry in run.entries
        if entry.counts.others
    }
    now, noise = watched(run), run.plan.watched.noise if run.plan.watched else ()
    return Watched(name, now.started, others, {}, noise).news(now)


def changed(run: Run) -> int:
    """How many changes and differences there are, if they count."""
    told = [news(run), differences(run)] if run.plan.options.level is Level.SHOULD else []
    return sum(len(found.changes) for found in told if found)
