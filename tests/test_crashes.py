"""What is left after `kill -9`, damage, servers that go away, and a full disk."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import soundfile
from sqlalchemy import text

from trax.errors import StoreUnavailable
from trax.pipelines.transcribe import TRANSCRIBE, transcribe
from trax.progress import reporting
from trax.stages.options import TranscribeOptions
from trax.store import Database, FolderStore, JobStatus, ObjectStore
from trax.store.s3 import S3Store
from trax.testing import Recorder, ScriptedEngines, tone, write_audio
from trax.testing.servers import PostgresServer, S3Server
from trax.work import retry as patience
from trax.work.workspace import Workspace

OPTIONS = TranscribeOptions(formats=("txt", "json"))

MOMENTS = [
    *((stage, "before its checkpoint") for stage in TRANSCRIBE.names),
    *((stage, "begun") for stage in ("recognise", "diarize")),
]
"""When to die. In the stages that take no time, dying as they begin is nothing else."""

SOME = {
    ("recognise", "begun"),
    ("diarize", "before its checkpoint"),
    ("publish", "before its checkpoint"),
}
"""Those of every run; the others are soaks."""

KILLED = """
import os, signal, sys
from trax.progress import Started
from trax.store import FolderStore
from trax.work.hold import JobHold
stage, moment = sys.argv[1:3]
def die(): os.kill(os.getpid(), signal.SIGKILL)
hear, put_bytes = JobHold.__call__, FolderStore.put_bytes
def dies_at_start(self, event):
    hear(self, event)
    if event == Started(stage): die()
def dies_before_manifest(self, key, data):
    if key.startswith(f"checkpoints/{stage}/"): die()
    return put_bytes(self, key, data)
if moment == "begun": JobHold.__call__ = dies_at_start
else: FolderStore.put_bytes = dies_before_manifest
sys.argv = ["trax", *sys.argv[3:]]
from trax.cli import main
main()
"""


@pytest.fixture(scope="module")
def clip(sample, tmp_path_factory) -> Path:
    """The first 20 seconds of the sample: two people."""
    samples, rate = soundfile.read(sample, stop=16_000 * 20)
    path = tmp_path_factory.mktemp("clip") / "clip.flac"
    soundfile.write(path, samples, rate)
    return path


def trax(
    home: Path, models_folder: Path, program: list[str], clip: Path
) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRAX_", "PREFECT_"))
    }
    environment = kept | {
        "HOME": str(home),
        "TRAX_HOME": str(home / "trax"),
        "TRAX_MODELS_DIR": str(models_folder),
        "TRAX_OFFLINE": "1",
        "TRAX_RUNNER": "local",
    }
    return subprocess.run(
        [
            *program,
            "transcribe",
            clip,
            "--model",
            "tiny.en",
            "--json",
            "--format",
            "json",
            "--out",
            home / "out",
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@pytest.fixture(scope="module")
def unbroken(clip, models_folder, tmp_path_factory) -> bytes:
    """The transcript of a run that nothing disturbs."""
    home = tmp_path_factory.mktemp("unbroken")
    done = trax(
        home, models_folder, [sys.executable, "-c", "from trax.cli import main; main()"], clip
    )
    assert done.returncode == 0, done.stderr
    return (home / "out" / "clip.json").read_bytes()


@pytest.mark.real
@pytest.mark.parametrize(
    ("stage", "moment"),
    [pytest.param(*each, marks=[] if each in SOME else pytest.mark.soak) for each in MOMENTS],
)
def test_kill_9_costs_only_the_stage_that_was_running(
    stage, moment, clip, unbroken, models_folder, tmp_path
):
    """The next run repeats no finished stage, and the transcript is that of an unbroken run."""
    killed = trax(tmp_path, models_folder, [sys.executable, "-c", KILLED, stage, moment], clip)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = {path.parent.name for path in tmp_path.glob("trax/objects/checkpoints/*/*.json")}
    assert stage not in finished
    if stage in ("merge", "annotate", "publish"):
        assert finished >= {"ingest", "recognise", "diarize"}
    done = trax(tmp_path, models_folder, [str(Path(sys.executable).with_name("trax"))], clip)
    assert done.returncode == 0, done.stderr
    (summary,) = json.loads(done.stdout)
    assert {name for name, run in summary["stages"].items() if run["cached"]} == finished
    assert (tmp_path / "out" / "clip.json").read_bytes() == unbroken
    database = Database(f"sqlite:///{tmp_path / 'trax' / 'trax.db'}")
    with database.reading() as session:
        rows = session.execute(
            text("select status, attempts, (select count(*) from transcripts) from jobs")
        ).all()
    database.close()
    assert rows == [("completed", 2, 1)]


def overwrite(store: ObjectStore, key: str, data: bytes) -> None:
    """Other bytes under *key*, behind the store's back: with what it said of the old ones."""
    if isinstance(store, S3Store):
        old = store._client.stat_object(store._bucket, key).metadata.get("x-amz-meta-sha256")
        store._client.put_object(
            store._bucket, key, io.BytesIO(data), len(data), metadata={"sha256": old}
        )
    else:
        store.path(key).write_bytes(data)


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


DAMAGES = {
    "a flipped byte": flipped,
    "a truncated object": lambda data: data[: len(data) // 2],
    "a missing object": lambda data: None,
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_recomputed_reported_and_never_used(store, recording, tmp_path, damage):
    """In every object of every stage: manifests, outputs, audio, exports."""
    engines = ScriptedEngines()
    workspace = Workspace(
        objects=store, database=Database(f"sqlite:///{tmp_path / 'trax.db'}"), engines=engines
    )
    first = transcribe(workspace, recording, OPTIONS)
    whole = {found.key: store.read(found.key) for found in store.list()}
    assert {key.split("/")[1] for key in whole if key.startswith("checkpoints/")} == set(
        TRANSCRIBE.names
    )
    for key, data in whole.items():
        damaged = DAMAGES[damage](data)
        if damaged is None:
            store.delete(key)
        else:
            overwrite(store, key, damaged)
        notes = Recorder()
        with reporting(notes):
            again = transcribe(workspace, recording, OPTIONS)
        assert again.transcript == first.transcript, key
        assert again.exports == first.exports, key
        redone = {run.stage for run in again.runs if not run.cached}
        if damaged is None and key.endswith(".json") and key.count("/") == 2:
            assert len(redone) == 1, key  # no manifest: never done, as far as anybody knows
        else:
            assert any(note.split()[0] in redone for note in notes.notes), (key, notes.notes)
        for other, expected in whole.items():
            if other.startswith(("recordings/", "transcripts/")) or other.count("/") == 3:
                assert store.read(other) == expected, (key, other)


@pytest.fixture
def patient(monkeypatch) -> None:
    """Tries again soon and often enough for a server that is started again."""
    monkeypatch.setattr(patience, "RETRY_DELAYS", [1.0] * 20)


class Interrupting(ScriptedEngines):
    """Takes a server away while it works; the server comes back a little later."""

    def recognise(self, waveform, options, progress):
        if "recognise" not in self.calls:
            self.server.stop()
            self.back = threading.Timer(1.5, self.server.start)
            self.back.start()
        return super().recognise(waveform, options, progress)


@pytest.fixture
def own_postgres(new_postgres) -> PostgresServer:
    """A Postgres that may be stopped."""
    return new_postgres()


def rows(database, *tables: str) -> list[int]:
    with database.reading() as session:
        return [session.scalar(text(f"select count(*) from {table}")) for table in tables]


def test_postgres_may_go_and_come_back(own_postgres, recording, tmp_path, patient):
    """In the middle of a job: nothing is lost, nothing doubled, every stage's figures are kept."""
    database = Database(own_postgres.new_database())
    database.upgrade()
    engines = Interrupting()
    engines.server = own_postgres
    workspace = Workspace(objects=FolderStore(tmp_path / "o"), database=database, engines=engines)
    result = transcribe(workspace, recording, OPTIONS)
    engines.back.join()
    assert workspace.repository.get(result.transcript_id).text == "hello there."
    assert rows(database, "jobs", "transcripts", "segments", "stage_runs") == [1, 1, 2, 7]
    assert workspace.jobs.get(result.job_id).status is JobStatus.COMPLETED
    database.close()


def test_without_postgres_a_job_says_so_and_does_nothing(
    own_postgres, recording, tmp_path, impatient
):
    """One sentence, transient; with it the same job runs."""
    database = Database(own_postgres.new_database())
    database.upgrade()
    workspace = Workspace(
        objects=FolderStore(tmp_path / "o"), database=database, engines=ScriptedEngines()
    )
    own_postgres.stop()
    with pytest.raises(StoreUnavailable, match="the database does not answer"):
        transcribe(workspace, recording, OPTIONS)
    assert workspace.engines.calls == []
    own_postgres.start()
    transcribe(workspace, recording, OPTIONS)
    assert rows(database, "jobs", "transcripts") == [1, 1]
    database.close()


@pytest.fixture
def own_s3(tmp_path_factory):
    """An S3 server that may be stopped."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.function == server.start:
            thread.join()
    server.stop()


def test_the_object_store_may_go_and_come_back(own_s3, recording, tmp_path, patient):
    """In the middle of a job, killed: nothing is lost, nothing doubled."""
    engines = Interrupting()
    engines.server = own_s3
    store = S3Store(own_s3.config(), FolderStore(tmp_path / "cache"))
    database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
    workspace = Workspace(objects=store, database=database, engines=engines)
    result = transcribe(workspace, recording, OPTIONS)
    engines.back.join()
    assert store.read(result.exports["txt"].key)
    assert rows(database, "jobs", "transcripts") == [1, 1]
    assert [run.cached for run in transcribe(workspace, recording, OPTIONS).runs] == [True] * 7


def test_without_the_object_store_a_job_says_so(own_s3, recording, tmp_path, impatient):
    """A failed job that can be done again."""
    store = S3Store(own_s3.config(), FolderStore(tmp_path / "cache"))
    database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
    workspace = Workspace(objects=store, database=database, engines=ScriptedEngines())
    own_s3.stop()
    with pytest.raises(
        StoreUnavailable, match=r"the object store at http://127\.0\.0\.1:\d+ does not answer"
    ):
        transcribe(workspace, recording, OPTIONS)
    (job,) = workspace.jobs.newest((JobStatus.FAILED,))
    assert (job.stage, job.attempts) == ("ingest", 1)
    own_s3.start()
    transcribe(workspace, recording, OPTIONS)
    assert [job.status for job in workspace.jobs.newest()] == [JobStatus.COMPLETED]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of a size that a test sets."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def resize(size: str, *options: str) -> None:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={size}"]), "tmpfs", folder],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("a small tmpfs cannot be mounted here")

    resize("256k")
    yield folder, resize
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_told_and_leaves_nothing_half(small_disk, tmp_path, impatient):
    """With room again, the same job goes on."""
    folder, resize = small_disk
    recording = write_audio(tmp_path / "noise.wav", tone(30.0))
    database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
    workspace = Workspace(
        objects=FolderStore(folder / "o"), database=database, engines=ScriptedEngines()
    )
    with pytest.raises(StoreUnavailable, match="No space left"):
        transcribe(workspace, recording, OPTIONS)
    assert list(workspace.objects.list()) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert [job.stage for job in workspace.jobs.newest((JobStatus.FAILED,))] == ["ingest"]
    resize("64m", "remount")
    result = transcribe(workspace, recording, OPTIONS)
    assert rows(database, "jobs", "transcripts") == [1, 1]
    assert workspace.jobs.get(result.job_id).attempts == 2


def test_a_full_disk_under_the_database_is_told(small_disk, tmp_path, impatient):
    """Nothing is doubled once there is room."""
    folder, resize = small_disk
    recording = write_audio(tmp_path / "tone.wav", tone(1.0))
    database = Database(f"sqlite:///{folder / 'trax.db'}")
    workspace = Workspace(
        objects=FolderStore(tmp_path / "o"), database=database, engines=ScriptedEngines()
    )
    resize("1m", "remount")
    with database.reading():
        pass
    (folder / "filler").write_bytes(b"x" * (_free(folder) - 8192))
    with pytest.raises(StoreUnavailable, match=r"(?i)full|disk I/O"):
        transcribe(workspace, recording, OPTIONS)
    (folder / "filler").unlink()
    transcribe(workspace, recording, OPTIONS)
    assert rows(database, "jobs", "transcripts", "recordings") == [1, 1, 1]


def _free(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize
