"""What an adapter is worth, and the gate that refuses those that are worth nothing."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from adapting import examples, heard_as, interval

from trax.adapters import judging
from trax.adapters.card import Reading
from trax.adapters.gate import GateOptions, Strength, refused
from trax.adapters.judging import bootstrapped_gain
from trax.asr.confidence import SHIPPED, load_calibration
from trax.asr.engine import no_progress
from trax.stages import judge


def test_the_gate_refuses_few_examples_no_gain_and_lost_general_speech():
    """Each with a sentence that says why."""
    many = examples(count=60).examples
    parts = [
        each.model_copy(update={"part": "judge" if at < 15 else "train"})
        for at, each in enumerate(many)
    ]
    enough = examples(count=60).with_examples(parts)
    gain = interval(0.05, 0.02, 0.08)
    gate = GateOptions()
    assert refused(enough, gain, Strength(), gate) == ()
    (reason,) = refused(enough, interval(0.01, -0.01, 0.03), Strength(), gate)
    assert "no gain is certain" in reason
    (reason,) = refused(enough.with_examples(parts[:5]), gain, Strength(), gate)
    assert "too few examples" in reason
    worse = {"base": Reading(errors=50, words=1000), "adapter": Reading(errors=60, words=1000)}
    (reason,) = refused(enough, gain, Strength(general=worse), gate)
    assert "general speech gets worse by 1.0 points" in reason
    kept = {**worse, "adapter": Reading(errors=52, words=1000)}
    assert refused(enough, gain, Strength(general=kept), gate) == ()


def test_a_gain_is_certain_only_if_most_examples_share_it():
    """One lucky example among many is no certain gain; the same for all of them is."""
    some = examples(count=20, speakers=20).examples
    before = [heard_as(each, "x", errors=1) for each in some]
    everywhere = [heard_as(each, "x", errors=0) for each in some]
    once = [everywhere[0], *before[1:]]
    assert bootstrapped_gain(before, everywhere).low > 0
    assert bootstrapped_gain(before, once).low <= 0


class Script:
    """Hears in an example as many errors as a test says, by the adapter's strength."""

    def __init__(self, errors, monkeypatch):
        self.errors = errors
        monkeypatch.setattr(judge, "merged_decoder", self.merged)
        monkeypatch.setattr(judge, "heard", self.heard)
        monkeypatch.setattr(judging, "heard", self.heard)

    @contextmanager
    def merged(self, _model, _placement, _matrices, factor):
        yield factor

    def heard(self, factor, _spoken, some, *_progress, **_told):
        return [heard_as(each, "x", errors=self.errors(each, factor)) for each in some]

    def judged(self, **gate):
        """The judgement of an adapter on sixteen examples of either kind by four speakers."""
        spoken = examples(count=62, speakers=4)
        made = [
            each.model_copy(
                update={
                    "part": "judge" if at < 32 else "train",
                    "is_general": at < 32 and at % 2 == 1,
                }
            )
            for at, each in enumerate(spoken.examples)
        ]
        trained = judge.Trained(b"", 1.0, spoken.with_examples(made), ())
        learner = SimpleNamespace(
            decoder=0.0, model=None, placement=None, calibration=load_calibration(SHIPPED)
        )
        return judge.judgement_of(learner, trained, GateOptions(**gate), no_progress)


def improves(example, factor):
    """Every other example of the domain is heard right, with any part of the change."""
    return 0 if example.is_general else 1 - (factor > 0 and example.first_sample % 3 != 1)


@pytest.fixture
def judged(monkeypatch):
    """Judges an adapter that hears as *errors* says."""
    pytest.importorskip("whisper_normalizer")
    return lambda errors, **gate: Script(errors, monkeypatch).judged(**gate)


def test_an_adapter_that_is_better_and_forgets_nothing_is_not_refused(judged):
    """At full strength, and nothing weaker is tried."""
    found = judged(improves)
    assert found.refusals == ()
    assert [point.strength for point in found.strengths] == [0.0, 1.0]


def test_an_adapter_of_other_examples_texts_is_refused(judged):
    """It reads its own domain worse, and the reason names what to look at."""

    def shuffled(example, factor):
        return 3 if factor and not example.is_general else improves(example, 0.0)

    (reason,) = judged(shuffled).refusals
    assert "reads the domain's speech worse" in reason
    assert "rises by 66.7 points" in reason


def test_an_adapter_that_ruins_general_speech_is_refused_however_weak_it_could_be_made(judged):
    """With two fifths of its change nothing would be lost, but that is no adapter: it is refused
    before anything weaker is tried.
    """

    def ruined(example, factor):
        return 2 if example.is_general and factor > 0.4 else improves(example, factor)

    found = judged(ruined)
    (reason,) = found.refusals
    assert "ruins general speech" in reason
    assert "0.0 % of the words were wrong and 66.7 % are" in reason
    assert [point.strength for point in found.strengths] == [0.0, 1.0]
    assert judged(ruined, most_ruin=1.0).strength == 0.4


def test_what_a_share_costs_is_not_read_from_the_speech_that_chose_it(judged):
    """Some speakers lose nothing at a share at which others do: each half is judged at the share
    that the other would choose.
    """

    def loses(example, factor):
        spoils = example.speaker == "speaker 1" and factor > 0.4
        return 1 if spoils and example.is_general else improves(example, factor)

    found = judged(loses, most_ruin=1.0)
    assert found.strength == 0.4
    (reason,) = found.refusals
    assert "general speech gets worse" in reason


@pytest.mark.parametrize(
    ("harmless", "strength", "tried"), [(1.0, 1.0, 2), (0.4, 0.4, 7), (0.0, 1.0, 9)]
)
def test_an_adapter_is_as_strong_as_general_speech_allows(judged, harmless, strength, tried):
    """It is made weaker until general speech is kept; if nothing helps it is judged as it is, and
    refused.
    """

    def weaker(example, factor):
        spoils = example.is_general and factor > harmless
        return 1 if spoils else improves(example, factor)

    found = judged(weaker, most_ruin=1.0)
    assert found.strength == strength
    assert len(found.strengths) == tried
    assert bool(found.refusals) == (harmless == 0.0)
