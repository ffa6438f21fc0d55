"""Plans, vocabulary, what was removed, and calibration, from the command line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from trax.cli import batch as batch_module
from trax.compose import open_transcripts
from trax.settings import load_settings
from trax.testing import ScriptedEngines, transcript
from trax.transcript import ExpectedErrors, Reason, Removed, Vocabulary, Word


@pytest.fixture
def scripted(home, workspace, monkeypatch) -> ScriptedEngines:
    """Scripted engines behind the command; what options they got is remembered."""
    engines = workspace.engines
    engines.asked = []
    recogniser = engines.recogniser
    monkeypatch.setattr(
        engines,
        "recogniser",
        lambda options, sees: engines.asked.append(options) or recogniser(options),
    )
    monkeypatch.setattr(batch_module, "process_workspace", lambda: workspace)
    return engines


class TestTranscribe:
    def test_what_is_asked_reaches_the_recogniser(self, trax, scripted, recording, tmp_path):
        """Plan, vocabulary, prompt, languages."""
        (tmp_path / "names.txt").write_text("Cintra\n")
        result = trax(
            "transcribe",
            recording,
            "--plan",
            "accurate",
            "--hotwords",
            "Byron",
            "--vocabulary",
            "names.txt",
            "--prompt",
            "Lord Byron wrote.",
            "--multilingual",
            "--language",
            "auto",
            "--quiet",
        )
        assert result.exit_code == 0, result.output
        (asked,) = scripted.asked
        assert (asked.plan, asked.hotwords, asked.multilingual) == (
            "accurate",
            ("Byron", "Cintra"),
            True,
        )
        assert (asked.prompt, asked.language, asked.beam_size) == ("Lord Byron wrote.", None, None)

    def test_the_plan_may_come_from_the_environment(self, trax, scripted, recording, monkeypatch):
        """For a machine that is always in a hurry."""
        monkeypatch.setenv("TRAX_PLAN", "fast")
        assert trax("transcribe", recording, "--quiet").exit_code == 0
        assert scripted.asked[0].plan == "fast"

    def test_passes_may_come_from_a_file(self, trax, scripted, recording, tmp_path):
        """A plan of one's own."""
        (tmp_path / "mine.json").write_text('[{"models": ["base"], "reads": "all"}]')
        assert trax("transcribe", recording, "--plan", "mine.json", "--quiet").exit_code == 0
        assert scripted.asked[0].passes[0].models == ("base",)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--plan", "best"), "plans are fast, balanced, accurate"),
            (("--plan", "bad.json"), "reads: Input should be 'all', 'doubtful' or 'uncovered'"),
            (("--vocabulary", "none.txt"), "cannot be read"),
            (("--language", "German"), "language"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, trax, scripted, recording, tmp_path, arguments, said
    ):
        """One sentence, code 2, nothing done."""
        (tmp_path / "bad.json").write_text('[{"models": ["base"], "reads": "some"}]')
        result = trax("transcribe", recording, *arguments)
        assert result.exit_code == 2
        assert said in result.stderr
        assert "Traceback" not in result.output
        assert scripted.asked == []


class TestRemoved:
    @pytest.fixture
    def kept(self, home) -> str:
        made = replace(
            transcript(),
            removed=(
                Removed(reason=Reason.REPEAT, words=(Word(4.8, 4.9, "begin?", 0.3),)),
                Removed(
                    reason=Reason.NO_SPEECH,
                    words=(Word(7.0, 7.1, "Thanks", 0.2), Word(7.1, 7.2, "all.", 0.2)),
                ),
            ),
            expected_errors=ExpectedErrors(rate=0.06, low=0.03, high=0.09),
            vocabulary=Vocabulary(heard={"budget": 1}, unheard=("Byron",)),
        )
        open_transcripts(load_settings()).save(made)
        return made.id

    def test_showing_a_transcript_tells_what_is_known_of_it(self, trax, kept):
        """How good it may be, which words were heard, that something is missing."""
        shown = trax("show", kept).stdout
        assert "about 6 % of the words may be wrong (3 to 9 %)" in shown
        assert "hotwords heard: budget (1)" in shown
        assert "3 words that nobody said were taken out" in shown

    def test_what_was_removed_is_listed(self, trax, kept):
        """With its reason, for people and for programs."""
        shown = trax("removed", kept).stdout
        assert "no_speech" in shown
        assert "Thanks all." in shown
        assert [each["reason"] for each in json.loads(trax("removed", kept, "--json").stdout)] == [
            "repeat",
            "no_speech",
        ]

    def test_one_can_be_put_back(self, trax, kept):
        """As a new version; the other stays out."""
        assert "version 2" in trax("removed", kept, "--restore", 2).stdout
        back = open_transcripts(load_settings()).get(kept)
        assert "Thanks all." in back.text
        assert [each.reason for each in back.removed] == [Reason.REPEAT]
        assert "Thanks" not in open_transcripts(load_settings()).get(kept, 1).text

    def test_all_can_be_put_back(self, trax, kept):
        """Then nothing is left to show."""
        assert trax("removed", kept, "--all").exit_code == 0
        assert "Nothing was taken out" in trax("removed", kept).stdout

    def test_a_number_that_is_none_is_refused(self, trax, kept):
        """Code 2, one sentence."""
        result = trax("removed", kept, "--restore", 7)
        assert result.exit_code == 2
        assert "2 texts were removed" in result.stderr


class TestCalibrate:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("[", "no JSON"),
            ("[]", "names no recording"),
            ("3", "no JSON list"),
            ('[{"file": "a.wav"}]', "reference: Field required"),
            (None, "cannot be read"),
        ],
    )
    def test_a_list_that_is_none_is_refused(self, trax, tmp_path, content, said):
        """Before anything is read."""
        if content is not None:
            (tmp_path / "list.json").write_text(content)
        result = trax("calibrate", "list.json")
        assert result.exit_code == 2
        assert said in result.stderr

    @pytest.mark.real
    def test_one_recording_is_too_little(self, trax, sample, tmp_path):
        """It is read by all plans, and then refused; nothing is written."""
        samples, rate = soundfile.read(sample, stop=16_000 * 8)
        soundfile.write("short.wav", samples, rate)
        said = "In making a post-mortem examination the alimentary canal should be removed"
        Path("list.json").write_text(json.dumps([{"file": "short.wav", "reference": said}]))
        result = trax("calibrate", "list.json", "--out", "mine.json")
        assert result.exit_code == 2
        assert "at least 200 words by 5 speakers" in result.stderr
        assert not Path("mine.json").exists()
