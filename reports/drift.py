"""The probes' answers against the target's baseline."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spec.baselines import Baseline
from spec.probes import Probe


def rows(
    answers: Mapping[str, str], probes: Iterable[Probe], baseline: Baseline
) -> Iterator[dict[str, Any]]:
    """Each probe that was answered (`probes` of run.schema.json), in the order of the file."""
    for probe in probes:
        if probe.name not in answers:
            continue
        given, accepted = answers[probe.name], baseline.answers.get(probe.name)
        state = "as accepted" if given == accepted else "drift" if accepted else "new"
        yield {
            "name": probe.name,
            "requirement": f"probe: {probe.name}",
            "question": probe.question,
            "answer": given,
            "accepted": accepted,
            "state": state,
        }
