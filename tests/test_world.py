"""The command line in the world: odd names, narrow terminals, pipes, odd numbers, full disks."""

import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from trax.audio import Limits
from trax.cli import batch as batch_module
from trax.cli.tables import table
from trax.errors import InvalidOption, StoreError
from trax.service.exports import rendered, write_files
from trax.service.recordings import join_tracks, upload
from trax.service.upkeep import prunable
from trax.settings import load_settings
from trax.store.objects import RetentionPolicy
from trax.store.retention import remove
from trax.testing import ScriptedEngines, tone, transcript, write_audio
from trax.work.recordings import recording_file

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
from trax.work.recordings import recording_file
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

    @pytest.mark.slow
    def test_one_recording_is_shown(self, recorded):
        """With its text and the lines of its stages."""
        done = printed(SCRIPTED + MAIN, "transcribe", str(recorded), PYTHONIOENCODING="ascii")
        assert done.returncode == 0, done.stderr
        assert b"?? ? na?ve" in done.stdout
        assert b"?? ?.wav: ingest" in done.stderr

    @pytest.mark.slow
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


LONG = [
    pytest.param("0" * 251, id="251 bytes"),
    pytest.param("0" * 250, id="250 bytes"),
    pytest.param("é" * 125, id="two bytes each"),
    pytest.param("会" * 83, id="three bytes each"),
    pytest.param("😀" * 62 + "xyz", id="four bytes each"),
]


class TestLongNames:
    """A recording's name may be as long as the file system takes; its exports' are shortened."""

    @pytest.mark.parametrize("stem", LONG)
    def test_every_export_is_written(self, trax, scripted, recording, stem):
        """With its own suffix, all of one name, of whole characters."""
        named = recording.rename(recording.with_name(f"{stem}.wav"))
        result = trax("transcribe", named, "-f", "txt,json,docx", "--out", "out")
        assert result.exit_code == 0, result.output
        names = names_in("out")
        assert [name[-5:] for name in names] == [".docx", ".json", f"{names[2][-5]}.txt"]
        assert len({Path(name).stem for name in names}) == 1
        assert all(name.startswith(stem[:40]) for name in names)
        assert "\ufffd" not in "".join(names)
        again = trax("export", "latest", "-f", "json", "--out", "out")
        assert (again.exit_code, names_in("out")) == (0, names)

    def test_a_name_that_fits_is_kept(self, trax, scripted, recording):
        """To the last byte."""
        named = recording.rename(recording.with_name("x" * 250 + ".wav"))
        trax("transcribe", named, "-f", "docx", "--out", "out")
        assert names_in("out") == ["x" * 250 + ".docx"]

    def test_names_that_differ_at_their_end_stay_apart(self, trax, scripted, recording):
        """In one run, too."""
        for end in "abc":
            target = recording.with_name("x" * 250 + f"{end}.wav")
            target.write_bytes(write_audio(recording, tone(1.0 + ord(end) / 100)).read_bytes())
        recording.unlink()
        assert trax("transcribe", recording.parent, "-f", "json", "--out", "out").exit_code == 0
        assert len(names_in("out")) == 3

    def test_a_path_as_a_name_is_shortened(self, trax, scripted, tmp_path):
        """Where two recordings of one name are told apart by their folders."""
        for at in range(2):
            folder = tmp_path / f"{at}" / ("d" * 200) / ("e" * 100)
            folder.mkdir(parents=True)
            write_audio(folder / "talk.wav", tone(1.0 + at))
        assert trax("transcribe", "0", "1", "-f", "txt", "--out", "out").exit_code == 0
        assert len(names_in("out")) == 2

    def test_tracks_and_uploads_are_kept(self, workspace, recording):
        """Under names that folders can hold."""
        tracks = [recording.with_name("会" * 83 + f"{at}.wav") for at in range(2)]
        for track in tracks:
            track.write_bytes(recording.read_bytes())
        assert join_tracks(tracks, recording.parent / "tracks", Limits()).is_file()
        source = upload(workspace, tracks[0], tracks[0].name)
        with recording_file(workspace, source) as kept:
            assert kept.suffix == ".wav"


def names_in(folder: str | Path) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def sha256_in(path: Path) -> str:
    return str(json.loads(path.read_text())["recording"]["sha256"])


class TestSameName:
    """Another recording's exports are not overwritten; a recording's own are."""

    @pytest.fixture
    def two(self, scripted, tmp_path) -> list[Path]:
        made = []
        for at, folder in enumerate("ab"):
            (tmp_path / folder).mkdir()
            made.append(write_audio(tmp_path / folder / "rec.wav", tone(1.0 + at)))
        return made

    @pytest.mark.parametrize("kind", ["json", "txt", "srt,txt", "docx"])
    def test_both_are_kept(self, trax, two, kind):
        """Whatever their format, however often each is transcribed."""
        for recording in (*two, *two):
            assert trax("transcribe", recording, "-f", kind, "--out", "out").exit_code == 0
        kinds = kind.split(",")
        wanted = sorted(f"{stem}.{each}" for stem in ("rec", "rec-2") for each in kinds)
        assert names_in("out") == wanted

    def test_each_keeps_its_name(self, trax, two):
        """And the second is said to be called otherwise."""
        first = trax("transcribe", two[0], "-f", "json", "--out", "out")
        second = trax("transcribe", two[1], "-f", "json", "--out", "out")
        assert "another recording" not in first.stderr
        assert "another recording" in second.stderr
        assert "out/rec-2.json" in second.stdout
        assert sha256_in(Path("out/rec.json")) != sha256_in(Path("out/rec-2.json"))

    def test_the_same_with_other_options_overwrites(self, trax, two):
        """As it always did."""
        trax("transcribe", two[0], "-f", "json,txt", "--out", "out")
        trax("transcribe", two[0], "-f", "json,txt", "--out", "out", "--speakers", 3)
        assert names_in("out") == ["rec.json", "rec.txt"]
        assert len(json.loads(Path("out/rec.json").read_text())["speakers"]) == 3

    def test_exports_of_an_older_trax_are_known_by_their_json(self, trax, two, monkeypatch):
        """Nothing is kept of them elsewhere."""
        trax("transcribe", two[0], "-f", "json,txt", "--out", "out")
        monkeypatch.setattr("trax.service.placing.entries_of", lambda *_arguments: [])
        trax("transcribe", two[0], "-f", "json,txt", "--out", "out", "--speakers", 3)
        trax("transcribe", two[1], "-f", "json,txt", "--out", "out")
        assert names_in("out") == ["rec-2.json", "rec-2.txt", "rec.json", "rec.txt"]

    def test_a_file_of_the_user_s_own_stays(self, trax, two):
        """Notes beside the recording, say."""
        Path("a/rec.md").write_text("my notes")
        trax("transcribe", two[0], "-f", "md", "--out", "a")
        assert Path("a/rec.md").read_text() == "my notes"
        assert Path("a/rec-2.md").is_file()

    def test_export_keeps_both_as_well(self, trax, two):
        """From the database and from files."""
        for recording in two:
            trax("transcribe", recording, "-f", "json", "--out", recording.parent)
            assert trax("export", "latest", "-f", "srt", "--out", "out").exit_code == 0
        assert names_in("out") == ["rec-2.srt", "rec.srt"]
        trax("export", "a/rec.json", "-f", "srt", "--out", "out")
        trax("export", "b/rec.json", "-f", "srt", "--out", "out")
        assert names_in("out") == ["rec-2.srt", "rec.srt"]


class TestFullDisk:
    """Exports appear together and whole, or not at all."""

    @pytest.mark.parametrize("command", ["transcribe", "export"])
    def test_nothing_half_written_stays(self, trax, scripted, recording, command, monkeypatch):
        """And what was there before is as it was."""
        trax("transcribe", recording, "-f", "txt", "--out", "out")
        before = Path("out/recording.txt").read_bytes()
        write, begun = Path.replace, []

        def full(path, target):
            if Path(target).parent.name == "out":
                begun.append(target)
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(path, target)

        monkeypatch.setattr(Path, "replace", full)
        subject = recording if command == "transcribe" else "latest"
        result = trax(command, subject, "-f", "txt,docx", "--out", "out")
        assert result.exit_code == 5
        assert "No space left on device" in result.stderr
        assert begun
        assert names_in("out") == ["recording.txt"]
        assert Path("out/recording.txt").read_bytes() == before

    def test_a_writer_that_stops_in_the_middle_leaves_nothing(self, workspace, tmp_path):
        """The system refuses a file beyond a size."""
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        document = transcript()
        data = rendered(document, ("txt", "docx"))
        list(workspace.jobs.newest())
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
        try:
            with pytest.raises(StoreError, match="cannot write"):
                write_files(workspace.database, document, data, tmp_path / "out")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert names_in(tmp_path / "out") == []
