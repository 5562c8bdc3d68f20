"""What the documents leave open is answered in good order, one way or the other."""

from hypothesis import given
from hypothesis import strategies as st

from run.ask import Api
from run.cases import cases, draws, late, named_probes
from spec.probes import Probe
from strategies.cases import Case, kept
from strategies.unspecified.cases import Mixtures, unspecified, unusual_values


@cases("probe", named_probes)
def test_a_probe_is_answered_in_good_order(api: Api, probe: Probe) -> None:
    """A named question gets 201 or a documented 4xx: the accepted one, where there is one."""
    api.ask_probe(probe)


@late
@cases("mixtures", unusual_values)
def test_an_unusual_value_is_answered_in_good_order(api: Api, mixtures: Mixtures) -> None:
    """Each unusual value gets 201 or a documented 4xx at every property of its type."""
    api.ask_mixtures(mixtures)


@cases("case", kept)
def test_a_kept_case_is_answered_as_it_should_be(api: Api, case: Case) -> None:
    """What a drawn payload has shown once is asked in every later run, until it holds."""
    api.ask_one(case)


@late
@draws(times=2)
@given(data=st.data())
def test_a_payload_between_document_and_reading_is_answered_in_good_order(
    api: Api, data: st.DataObject
) -> None:
    """Whatever keeps the document but not our reading gets 201 or a documented 4xx."""
    api.ask(data.draw(unspecified(api.contract, api.facts), label="unspecified invoice"))
