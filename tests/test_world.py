"""The command line in the world: odd names, narrow terminals, pipes, odd numbers, full disks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trax.cli import batch as batch_module
from trax.cli.tables import table
from trax.errors import InvalidOption
from trax.service.upkeep import prunable
from trax.settings import load_settings
from trax.store.objects import RetentionPolicy
from trax.store.retention import remove
from trax.testing import ScriptedEngines, tone, write_audio

SPOKEN = "面談 – naïve “quotes” עברית"
NAME = "面談 é.wav"


@pytest.fixture
def scripted(home, workspace, monkeypatch) -> ScriptedEngines:
    """Scripted engines behind the command, the rows where `trax show` looks."""
    from dataclasses import replace

    from trax.compose import open_database

    together = replace(workspace, database=open_database(load_settings()))
    monkeypatch.setattr(batch_module, "process_workspace", lambda: together)
    return workspace.engines


def printed(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a process prints into a pipe after *script*, run as `trax` with *arguments*."""
    begin = f"import sys\nsys.argv = ['trax', *{arguments!r}]\n"
    return subprocess.run(
        [sys.executable, "-c", begin + script],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


MAIN = "from trax.cli import main\nmain()\n"
SCRIPTED = """
from dataclasses import replace
from trax.cli import batch
from trax.compose import build_workspace
from trax.settings import load_settings
from trax.testing import ScriptedEngines
made = replace(build_workspace(load_settings()), engines=ScriptedEngines(text=SPOKEN), host=None)
batch.process_workspace = lambda: made
""".replace("SPOKEN", repr(SPOKEN))


class TestEncoding:
    """What a terminal, a pipe or a file cannot encode is printed as ``?``."""

    @pytest.fixture
    def recorded(self, home, tmp_path, monkeypatch) -> Path:
        monkeypatch.chdir(tmp_path)
        return write_audio(tmp_path / "sound.wav", tone(2.0)).rename(tmp_path / NAME)

    @pytest.mark.slow
    @pytest.mark.parametrize("encoding", ["ascii", "latin-1:strict"])
    def test_a_finished_job_is_no_defect(self, recorded, encoding):
        """A batch goes on, and every command that prints names or speech ends well."""
        other = write_audio(recorded.with_name("other.wav"), tone(1.0))
        done = printed(
            SCRIPTED + MAIN,
            *("transcribe", str(recorded), str(other), "--out", "out", "-f", "txt"),
            PYTHONIOENCODING=encoding,
        )
        assert (done.returncode, b"defect" in done.stderr) == (0, False), done.stderr
        assert {path.name for path in Path("out").iterdir()} == {"面談 é.txt", "other.txt"}
        for command in (["jobs"], ["show"], ["show", "latest"], ["search", "naïve"]):
            shown = printed(MAIN, *command, PYTHONIOENCODING=encoding)
            assert shown.returncode == 0, shown.stderr

    def test_one_recording_is_shown(self, recorded):
        """With its text and the lines of its stages."""
        done = printed(SCRIPTED + MAIN, "transcribe", str(recorded), PYTHONIOENCODING="ascii")
        assert done.returncode == 0, done.stderr
        assert b"?? ? na?ve" in done.stdout
        assert b"?? ?.wav: ingest" in done.stderr

    def test_json_escapes_instead(self, recorded):
        """Programs get the name that the file has."""
        done = printed(
            SCRIPTED + MAIN, "transcribe", str(recorded), "--json", PYTHONIOENCODING="ascii"
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)[0]["recording"] == str(recorded)

    def test_help_is_shown(self, home):
        """It has dashes."""
        assert printed(MAIN, "transcribe", "--help", PYTHONIOENCODING="ascii").returncode == 0


class TestTables:
    """What people copy from a list is there in full."""

    def test_a_pipe_gets_every_name(self, trax, monkeypatch):
        """Whatever width is assumed."""
        monkeypatch.setenv("COLUMNS", "40")
        named = [row["name"] for row in json.loads(trax("models", "--json").stdout)]
        lines = trax("models").stdout.splitlines()
        assert [line.split()[0] for line in lines[1:]] == named
        assert "…" not in "".join(lines)

    @pytest.mark.parametrize("width", [10, 20, 40, 80, 200])
    def test_a_narrow_terminal_cuts_nothing(self, width):
        """Names stay on a line; long texts are broken over several."""
        from rich.console import Console

        console = Console(width=width, force_terminal=True, soft_wrap=True, color_system=None)
        name, text = "large-v3-turbo-and-more", "word " * 30 + "x" * 50
        with console.capture() as capture:
            console.print(table(("name", "seconds", "why"), [(name, "1234.5", text)], ("seconds",)))
        shown = capture.get()
        assert name in shown
        assert "1234.5" in shown
        assert "…" not in shown
        assert shown.count("word") == 30
        assert shown.count("x") == 50


class TestNumbers:
    """A number of days beyond the calendar is a time before everything."""

    @pytest.mark.parametrize("days", ["1000000", "1e9", "1e300", "inf"])
    def test_nothing_is_so_old(self, trax, scripted, recording, days):
        """And a number that is none is refused."""
        trax("transcribe", recording, "-f", "txt")
        result = trax("checkpoints", "prune", "--older-than", days, "--dry-run")
        assert (result.exit_code, result.stdout) == (0, "would remove 0 checkpoints, 0.0 MB\n")

    @pytest.mark.parametrize("days", ["nan", "-1", "-inf", "soon"])
    def test_what_is_no_number_of_days_is_refused(self, trax, scripted, days):
        """With exit code 2, and no defect."""
        result = trax("checkpoints", "prune", "--older-than", days, "--dry-run")
        assert result.exit_code == 2
        assert "defect" not in result.output
        with pytest.raises(InvalidOption if days != "soon" else ValueError):
            prunable([], float(days))

    def test_data_may_be_kept_for_longer_than_the_calendar(self, workspace):
        """By the clean-up, too."""
        policy = RetentionPolicy(audio_days=10**12, checkpoint_days=10**12)
        assert list(remove(workspace.objects, workspace.database, policy)) == []

    @pytest.mark.parametrize("value", ["nan", "inf"])
    def test_no_file_is_waited_for_for_ever(self, trax, tmp_path, value):
        """A watcher needs a number of seconds."""
        assert trax("watch", tmp_path, "--once", "--settle", value).exit_code == 2


class TestLinks:
    """A recording is called by the name that was given."""

    @pytest.mark.parametrize("absolute", [True, False])
    def test_a_symbolic_link_gives_the_name(self, trax, scripted, recording, absolute):
        """To its files, in them, and in lists."""
        content = recording.rename(recording.with_name("SHA256E-s1--abc.wav"))
        link = recording.with_name("Interview.wav")
        link.symlink_to(content if absolute else content.name)
        result = trax("transcribe", link, "-f", "md")
        assert result.exit_code == 0, result.output
        assert Path("transcripts/Interview.md").read_text().startswith("# Interview.wav")
        for command in (["show"], ["jobs"], ["show", "latest"]):
            assert "Interview.wav" in trax(*command).stdout
        assert "Interview.vtt" in trax("export", "latest", "-f", "vtt", "-o", "more").stdout

    def test_a_link_to_a_folder_is_followed(self, trax, scripted, recording):
        """Its recordings keep their names."""
        (recording.parent / "real").mkdir()
        recording.rename(recording.parent / "real" / "talk.wav")
        (recording.parent / "today").symlink_to("real")
        assert trax("transcribe", "today", "-f", "md").exit_code == 0
        assert Path("transcripts/talk.md").read_text().startswith("# talk.wav")


class TestJsonAndQuiet:
    def test_both_give_json_alone(self, trax, scripted, recording):
        """Nothing on standard error."""
        result = trax("transcribe", recording, "--json", "--quiet")
        assert result.exit_code == 0
        assert json.loads(result.stdout)[0]["state"] == "done"
        assert result.stderr == ""
