"""The way from nothing to a corrected transcript in a file: the real service, real models."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import soundfile

from trax.testing import write_audio
from trax.testing.browser import missing_browser
from trax.testing.first_transcript import first_transcript
from trax.testing.servers import TraxServer

MOST_CLICKS = 5
SECONDS = 12

pytestmark = [
    pytest.mark.real,
    pytest.mark.server,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]


@pytest.fixture
def beginning(sample, tmp_path):
    """The first seconds of the sample."""
    samples, sample_rate = soundfile.read(sample, dtype="float32")
    return write_audio(tmp_path / "beginning.wav", samples[: SECONDS * sample_rate], sample_rate)


@pytest.fixture
def fresh(models_folder):
    """`trax serve` where nothing was transcribed yet; sockets need a short path."""
    with TemporaryDirectory(prefix="s") as folder:
        started = TraxServer(Path(folder), models_folder)
        yield started
        started.stop()


def test_five_clicks_lead_from_a_fresh_machine_to_a_corrected_exported_transcript(
    chrome, fresh, beginning, tmp_path
):
    """As the page counts them; the correction is typed, and is in the file that is downloaded."""
    done = first_transcript(chrome, fresh.url, beginning, tmp_path / "got", "Zanzibar")
    assert done.clicks <= MOST_CLICKS
    assert "Zanzibar" in done.file.read_text("utf-8")
