"""What the documents leave open is answered in good order, one way or the other."""

from hypothesis import given
from hypothesis import strategies as st

from run import ask
from run.ask import Explorer
from run.options import draws
from run.session import Run
from spec.contract import Contract, TargetFacts
from spec.oracle import Oracle
from spec.probes import Probe
from strategies.invoice import encode
from strategies.unspecified import probe_body, unspecified
from targets.client import Client


def test_a_probe_is_answered_in_good_order(
    target: Client,
    oracle: Oracle,
    contract: Contract,
    facts: TargetFacts,
    run: Run,
    probe: Probe,
) -> None:
    """A named question gets 201 or a documented 4xx: the accepted one, where there is one."""
    body = target.stamper.write(probe_body(contract, facts, probe))
    for _ in range(probe.send):
        verdict = oracle.judge(target.send(body))
        verdict.enforce()
    ask.compare(run, probe, verdict)


@draws(times=6)
@given(data=st.data())
def test_a_payload_between_document_and_reading_is_answered_in_good_order(
    explorer: Explorer, contract: Contract, facts: TargetFacts, data: st.DataObject
) -> None:
    """Whatever keeps the document but not our reading gets 201 or a documented 4xx."""
    payload = data.draw(unspecified(contract, facts), label="neither valid nor broken")
    body = payload if isinstance(payload, bytes) else encode(payload)
    explorer.ask(body)
