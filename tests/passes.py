"""Scripted plans, and what they read."""

from trax.asr import Pass, Reads, RecognitionOptions, Way
from trax.asr.confidence import Calibration
from trax.asr.recogniser import PlannedRecogniser
from trax.testing import ScriptedDecoder

PLAIN = Calibration(
    fitted_on="nothing",
    words=0,
    weights={"probability": 1.0},
    intercept=0.0,
    errors_per_expected=1.0,
    dispersion=1.0,
    auc=0.5,
    ece=0.5,
)
ALL = Pass(models=("small",))
DOUBTFUL = Pass(models=("large",), reads=Reads.DOUBTFUL)
UNCOVERED = Pass(models=("large",), reads=Reads.UNCOVERED, way=Way.STRETCHES)
STRETCHES = Pass(models=("large",), way=Way.STRETCHES)


def says(*words: tuple[str, float], count: int = 12) -> ScriptedDecoder:
    """A model that hears *words* over and over, twelve in a window."""
    return ScriptedDecoder(lambda window, _options: [words[at % len(words)] for at in range(count)])


LONG = 15.0  # seconds: two of the sample's windows are longer


def by_length(window, _options):
    """Sure of short windows, unsure of long ones."""
    sure = 0.4 if window.duration > LONG else 0.995
    return [(f"w{at}", sure) for at in range(12)]


def quiet(_share: float) -> None:
    """No progress wanted."""


def run(audio, passes, decoders, shares=None, **options):
    for at, decoder in enumerate(decoders):
        if decoder is not None:
            decoder.fingerprint = f"scripted/{at}"
    recogniser = PlannedRecogniser(passes, decoders, decoders, PLAIN)
    chosen = RecognitionOptions(**{"language": "en", **options})
    return recogniser.recognise(audio, chosen, (shares if shares is not None else []).append)


def text_of(found):
    return " ".join(segment.text for segment in found.segments)
