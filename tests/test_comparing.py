"""`trax revoice --compare`: a folder in which each utterance is heard before and after."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trax.pipelines.revoice import report_of
from trax.pipelines.revoice import revoice as revoiced
from trax.service.comparing import compare
from trax.service.comparing_page import Heard, page
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.testing.talk import SCRIPT, ScriptedTalk

RATE = 44_100
OURS = [said for said in SCRIPT if said[2] == "SPEAKER_01"]


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def recording(tmp_path, engines):
    return engines.write(tmp_path / "talk.wav", RATE)


@pytest.fixture
def result(workspace, recording):
    """A recording whose second speaker has another voice."""
    new = Replacement(speaker="Speaker 2", voice="high")
    return revoiced(workspace, recording, RevoiceOptions(replacements=(new,)))


@pytest.fixture
def revoice(trax, workspace, monkeypatch):
    """The command in a workspace with scripted engines."""
    monkeypatch.setattr("trax.compose.process_workspace", lambda: workspace)
    return lambda *arguments: trax("revoice", *arguments)


def _sounds(text: str) -> list[str]:
    return re.findall(r'src="([^"]+)"', text)


def test_each_utterance_is_heard_before_and_after(workspace, recording, result, tmp_path):
    """Cut from both recordings at the same seconds, sample by sample."""
    made = compare(workspace, result.job_id, tmp_path / "heard")
    rows = report_of(workspace, result).utterances
    names = _sounds(made.page.read_text())
    assert made.utterances == len(rows) == len(OURS[:3])
    assert len(names) == 2 * len(rows)
    before = soundfile.read(str(recording), dtype="int16")[0]
    kept = workspace.objects.local_path(result.audio)
    after = soundfile.read(str(kept), dtype="int16")[0]
    for at, row in enumerate(rows):
        cuts = [
            soundfile.read(str(tmp_path / "heard" / name)) for name in names[2 * at : 2 * at + 2]
        ]
        first = round((min(row.start, row.original_start) - 0.5) * RATE)
        for whole, (cut, rate) in zip((before, after), cuts, strict=True):
            assert rate == RATE
            assert np.array_equal(np.round(cut * 32768), whole[first : first + len(cut)])
        assert not np.array_equal(cuts[0][0], cuts[1][0])


def test_what_is_said_and_how_well_stands_beside(workspace, result, tmp_path):
    """Text, what was understood, likeness and fit; and what stayed, with the reason."""
    text = unescape(compare(workspace, result.job_id, tmp_path / "heard").page.read_text())
    report = report_of(workspace, result)
    for row in report.utterances:
        assert row.text in text
        assert f"stretched by {row.stretch:.2f}" in text
        assert f"all of {row.words} words understood" in text
    assert report.left
    assert f"{report.left[0].text} ({report.left[0].why})" in text


def test_no_text_becomes_part_of_the_page(workspace, result):
    """Whatever was said or the file is called."""
    report = report_of(workspace, result)
    row = replace(report.utterances[0], text="<script>alert(1)</script>", like_target=0.5)
    report = replace(report, name="<b>talk.wav", utterances=(row,))
    text = page(report, [Heard(row, "1.flac", "2.flac")]).decode()
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "like the new voice 0.50" in text


def test_a_file_leads_to_the_job_that_made_it(revoice, recording, tmp_path):
    """In a folder that is called as the recording, unless another is named."""
    asked = ("--speaker", "Speaker 2", "--voice", "high", "--yes")
    assert revoice(recording, *asked).exit_code == 0
    result = revoice("--compare", tmp_path / "talk.revoiced.wav")
    assert result.exit_code == 0, result.output
    assert "3 utterances before and after" in result.stdout
    assert (tmp_path / "talk.compare" / "index.html").is_file()
    named = revoice("--compare", "talk.revoiced.wav", "--out", "heard", "--json")
    found = json.loads(named.stdout)
    assert found["utterances"] == 3
    assert Path(found["page"]) == Path("heard/index.html")


def test_the_recognised_sound_is_heard_where_the_recording_is_gone(
    workspace, recording, result, tmp_path
):
    """It is what is kept."""
    recording.unlink()
    made = compare(workspace, result.job_id, tmp_path / "heard")
    before, after = _sounds(made.page.read_text())[:2]
    rates = [soundfile.info(str(tmp_path / "heard" / name)).samplerate for name in (before, after)]
    assert rates == [16_000, RATE]


def test_a_folder_in_use_is_left_alone(revoice, result, tmp_path):
    """Nothing in it is written over."""
    (tmp_path / "heard").mkdir()
    (tmp_path / "heard" / "notes.txt").write_text("mine")
    refused = revoice("--compare", result.job_id, "--out", "heard")
    assert refused.exit_code == 2
    assert "is in use" in refused.stderr
    assert [each.name for each in (tmp_path / "heard").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("talk.wav", "nothing in talk.wav says that Trax replaced voices in it"),
        ("0123abcd", "there is no job '0123abcd'"),
    ],
)
def test_what_has_no_before_and_after_is_said(revoice, recording, reference, sentence):
    """In a sentence."""
    result = revoice("--compare", reference)
    assert result.exit_code == 2
    assert sentence in result.stderr
