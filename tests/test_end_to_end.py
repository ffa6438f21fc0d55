"""What the README promises: real models, real speech, the real command, a real (temporary) Prefect
server.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from trax.scoring import read_scorable, score

pytestmark = [pytest.mark.real, pytest.mark.prefect]

TRAX = Path(sys.executable).with_name("trax")
LOADS_NO_MODEL = """
import sys, ctranslate2.models
def refuse(*_args, **_options): raise AssertionError("a model was loaded")
ctranslate2.models.Whisper = refuse
sys.modules["torch"] = None
sys.argv = ["trax", *sys.argv[1:]]
from trax.cli import main
main()
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory, models_folder) -> dict[str, str]:
    """A home of its own; Prefect as the runner; nothing of the user's."""
    home = tmp_path_factory.mktemp("home")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRAX_", "PREFECT_"))
    }
    return kept | {
        "HOME": str(home),
        "TRAX_HOME": str(home / "trax"),
        "TRAX_MODELS_DIR": str(models_folder),
        "TRAX_OFFLINE": "1",
        "TRAX_RUNNER": "prefect",
        "NO_COLOR": "1",
    }


def command(
    environment, folder: Path, program: list[str], *arguments: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*program, *map(str, arguments)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=570,
        check=False,
    )


@pytest.fixture(scope="module")
def first(environment, sample, tmp_path_factory):
    """The demo: the sample, transcribed for the first time."""
    folder = tmp_path_factory.mktemp("demo")
    done = command(
        environment, folder, [str(TRAX)], "transcribe", sample, "--model", "tiny.en", "--json"
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)[0]


def test_the_sample_has_two_speakers_and_few_errors(first, sample):
    """The right number of people, and words as good as the plain model's (tiny.en: 9.5 %)."""
    folder, done = first
    assert done["speakers"] == 2
    found = read_scorable(folder / "transcripts" / "conversation.json")
    scores = score(found, read_scorable(sample.with_suffix(".seglst.json")))
    assert scores.wer.rate <= 0.13
    assert scores.cpwer.rate - scores.wer.rate <= 0.03


def test_every_file_is_there(first):
    """Where the summary says."""
    folder, done = first
    for name in done["exports"].values():
        assert (folder / name).stat().st_size > 100


def test_a_second_run_loads_no_model(first, environment, sample):
    """Every stage comes from its checkpoint, with torch not even importable."""
    folder, before = first
    program = [sys.executable, "-c", LOADS_NO_MODEL]
    done = command(
        environment, folder, program, "transcribe", sample, "--model", "tiny.en", "--json"
    )
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)[0]
    assert {stage: run["cached"] for stage, run in after["stages"].items()} == dict.fromkeys(
        before["stages"], True
    )
    assert after["transcript"] == before["transcript"]


def test_plain_python_gives_the_same_transcript(first, environment, sample):
    """The runner decides how, not what: here every stage is found again."""
    folder, before = first
    local = environment | {"TRAX_RUNNER": "local"}
    done = command(local, folder, [str(TRAX)], "transcribe", sample, "--model", "tiny.en", "--json")
    after = json.loads(done.stdout)[0]
    assert after["transcript"] == before["transcript"]
    assert all(run["cached"] for run in after["stages"].values())


def test_a_killed_command_leaves_no_server_behind(environment, sample, tmp_path):
    """The temporary server ends by itself."""
    arguments = ["transcribe", str(sample), "--model", "tiny.en", "--from", "recognise"]
    command = subprocess.Popen(
        [str(TRAX), *arguments], env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert "ingest" in command.stderr.readline()
    children = psutil.Process(command.pid).children(recursive=True)
    assert any("prefect.server" in " ".join(child.cmdline()) for child in children)
    command.kill()
    command.wait()
    assert psutil.wait_procs(children, timeout=60)[1] == []


@pytest.mark.parametrize("content", [b"", b"Dear all,\n" * 100, os.urandom(4000)])
def test_bad_files_get_one_sentence(environment, tmp_path, content):
    """Exit code 2, no traceback, with the real runner."""
    (tmp_path / "bad.mp3").write_bytes(content)
    done = command(
        environment | {"TRAX_RUNNER": "local"}, tmp_path, [str(TRAX)], "transcribe", "bad.mp3"
    )
    assert done.returncode == 2
    assert re.match(r"error: cannot read audio from \S*bad\.mp3: ", done.stderr)
    assert "Traceback" not in done.stderr


def test_the_flow_gives_a_bad_file_the_same_sentence(environment, tmp_path):
    """Through Prefect, too."""
    (tmp_path / "bad.mp3").write_text("Dear all,\n" * 100)
    done = command(environment, tmp_path, [str(TRAX)], "transcribe", "bad.mp3")
    assert done.returncode == 2
    assert "cannot read audio from" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_is_transcribed_some_at_a_time(environment, sample, tmp_path):
    """All through one temporary server; a file that is broken stops no other, and the exit code
    says so.
    """
    import soundfile

    samples, rate = soundfile.read(sample)
    (tmp_path / "in").mkdir()
    for at in range(3):
        soundfile.write(tmp_path / "in" / f"{at}.wav", samples[at * rate : (at + 3) * rate], rate)
    (tmp_path / "in" / "broken.mp3").write_text("no sound")
    words = ("transcribe", "in", "--plan", "fast", "--parallel", "2", "--json", "--format", "txt")
    done = command(environment, tmp_path, [str(TRAX)], *words)
    assert done.returncode == 2, done.stderr
    states = {Path(each["recording"]).name: each["state"] for each in json.loads(done.stdout)}
    assert states == {"0.wav": "done", "1.wav": "done", "2.wav": "done", "broken.mp3": "failed"}
