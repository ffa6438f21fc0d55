"""A voice replaced by the engines that come as packages."""

import json

import numpy as np
import pytest
import soundfile

pytestmark = [pytest.mark.real, pytest.mark.slow]

SECONDS = 20


@pytest.fixture
def clip(sample, tmp_path):
    """The first seconds of the sample: two people in turn."""
    samples, rate = soundfile.read(sample, stop=16_000 * SECONDS, dtype="int16")
    path = tmp_path / "clip.wav"
    soundfile.write(path, samples, rate)
    return path


def test_a_speaker_s_words_are_said_by_another_voice(trax, clip, tmp_path):
    """Understood by recognition, unlike the old voice and like the new one, marked, and nothing
    else is touched.
    """
    done = trax(
        "revoice",
        clip,
        "--speaker",
        "Speaker 1",
        "--voice",
        "af_heart",
        "--plan",
        "fast",
        "--speakers",
        2,
        "--diarizer",
        "packaged",
        "--yes",
        "--json",
    )
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["utterances"]
    words = sum(row["words"] for row in report["utterances"])
    errors = sum(row["errors"] for row in report["utterances"])
    assert errors <= 0.15 * words
    known = [row for row in report["utterances"] if row["like_source"] is not None]
    assert all(row["like_target"] > row["like_source"] + 0.3 for row in known)
    before = soundfile.read(clip, dtype="int16")[0]
    after = soundfile.read(tmp_path / "clip.revoiced.wav", dtype="int16")[0]
    untouched = np.ones(len(before), bool)
    for each in report["stretches"]:
        untouched[round(each["start"] * 16_000) : round(each["end"] * 16_000)] = False
    assert (before == after)[untouched].all()
    assert len(before) == len(after)
    checked = trax("revoice", "--check", tmp_path / "clip.revoiced.wav", "--json")
    assert json.loads(checked.stdout)["mark"] >= 0.7
