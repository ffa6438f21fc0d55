"""What is kept no longer goes; everything that goes is noted; nothing else goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from trax.pipelines.transcribe import identify, transcribe
from trax.stages.options import TranscribeOptions
from trax.store import Checkpoint, Checkpoints, Database
from trax.store.audit import newest_entries
from trax.store.objects import RetentionPolicy
from trax.store.owners import LEASE
from trax.store.retention import due, remove
from trax.store.tables import JobRow
from trax.testing import ScriptedEngines
from trax.work.workspace import Workspace

OPTIONS = TranscribeOptions(formats=("txt",))
NOW = datetime.now(UTC)
KEEP_ALL = RetentionPolicy(audio_days=None, checkpoint_days=None)


@pytest.fixture
def filled(store, tmp_path, recording) -> Workspace:
    """A workspace after one job, on every kind of object store."""
    database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
    workspace = Workspace(objects=store, database=database, engines=ScriptedEngines())
    transcribe(workspace, recording, OPTIONS)
    return workspace


def cleaned(workspace: Workspace, policy: RetentionPolicy, days: float) -> dict[str, list[str]]:
    """What the clean-up removes *days* from now, by reason."""
    gone: dict[str, list[str]] = {}
    for removal in remove(
        workspace.objects, workspace.database, policy, NOW + timedelta(days=days)
    ):
        gone.setdefault(removal.reason, []).append(removal.key)
    return gone


def keys(workspace: Workspace) -> list[str]:
    return [found.key for found in workspace.objects.list()]


def test_nothing_goes_before_its_time(filled):
    """Not a day early."""
    policy = RetentionPolicy(audio_days=30, checkpoint_days=30)
    before = keys(filled)
    assert cleaned(filled, policy, 29) == {}
    assert cleaned(filled, KEEP_ALL, 10_000) == {}
    assert keys(filled) == before


def test_checkpoints_go_with_their_outputs_and_transcripts_stay(filled):
    """The audio stays, too, where no days are named for it."""
    gone = cleaned(filled, RetentionPolicy(checkpoint_days=30), 31)
    assert len(gone["expired checkpoint"]) == 7
    assert {key.split("/")[0] for key in keys(filled)} == {"recordings", "transcripts"}
    assert len(filled.repository.summaries()) == 1


def test_audio_goes_with_the_checkpoints_that_need_it(filled, recording):
    """So that the next run does not find them damaged, but not there."""
    gone = cleaned(filled, RetentionPolicy(audio_days=7, checkpoint_days=None), 8)
    assert len(gone["expired audio"]) == 1
    assert [key.split("/")[1] for key in gone["expired checkpoint"]] == ["ingest"]
    again = transcribe(filled, recording, OPTIONS)
    assert {run.stage for run in again.runs if not run.cached} == {"ingest"}


def test_sound_that_a_stage_made_goes_when_audio_does(filled):
    """A voice that was taken out of a recording is not kept for longer than the recording."""
    voice = filled.objects.scratch / "voice.flac"
    voice.write_bytes(b"sound")
    made = Checkpoint(stage="separate", key="abc", outputs={}, seconds=0.0, recording="x", name="x")
    filled.checkpoints.keep(made, {"voice.flac": voice})
    gone = cleaned(filled, RetentionPolicy(audio_days=7, checkpoint_days=None), 8)
    assert "checkpoints/separate/abc.json" in gone["expired checkpoint"]
    assert not any("separate" in key for key in keys(filled))


def test_audio_that_is_worked_on_stays(filled, recording):
    """However old it is, until whoever works on it is lost."""
    policy = RetentionPolicy(audio_days=7, checkpoint_days=None)
    filled.jobs.claim(identify(filled, recording, OPTIONS).request, "elsewhere/1/x")
    assert cleaned(filled, policy, 8) == {}
    with filled.database.writing() as session:
        session.execute(update(JobRow).values(heartbeat_at=NOW - 2 * LEASE))
    assert len(cleaned(filled, policy, 8)["expired audio"]) == 1


def test_orphans_go(filled):
    """Outputs whose manifest never came, and manifests that nobody can read; fresh ones may still
    be worked on.
    """
    filled.objects.put_bytes("checkpoints/merge/abc/transcript.json", b"{}")
    filled.objects.put_bytes("checkpoints/merge/def.json", b"not a manifest")
    assert cleaned(filled, KEEP_ALL, 0.5) == {}
    gone = cleaned(filled, KEEP_ALL, 2)
    assert gone == {
        "orphan": ["checkpoints/merge/abc/transcript.json"],
        "expired checkpoint": ["checkpoints/merge/def.json"],
    }
    assert len([kept for kept in Checkpoints(filled.objects).all() if kept.checkpoint]) == 7


def test_half_uploads_go(filled):
    """After a day."""
    from trax.store.s3 import S3Store

    store = filled.objects
    if isinstance(store, S3Store):
        store._client._create_multipart_upload(store._bucket, "recordings/x/audio.flac", {})
    (store.scratch / "half").write_bytes(b"abc")
    assert cleaned(filled, KEEP_ALL, 0.5) == {}
    assert len(cleaned(filled, KEEP_ALL, 2)["half upload"]) == 1 + isinstance(store, S3Store)
    assert cleaned(filled, KEEP_ALL, 2) == {}


def test_a_dry_run_names_what_would_go(filled):
    """And leaves it."""
    policy, later = RetentionPolicy(audio_days=1, checkpoint_days=1), NOW + timedelta(days=2)
    before = keys(filled)
    named = [removal.key for removal in due(filled.objects, filled.database, policy, later)]
    assert keys(filled) == before
    assert named == [
        removal.key for removal in remove(filled.objects, filled.database, policy, later)
    ]


def test_everything_that_goes_is_in_the_audit_log(filled):
    """With why and how large it was."""
    gone = cleaned(filled, RetentionPolicy(audio_days=1, checkpoint_days=1), 2)
    removed = {key for found in gone.values() for key in found}
    with filled.database.reading() as session:
        noted = {
            entry.subject: entry
            for entry in newest_entries(session, 1000)
            if entry.action == "object.removed"
        }
    assert set(noted) == removed
    (audio,) = gone["expired audio"]
    assert noted[audio].details["reason"] == "expired audio"
    assert noted[audio].details["size_bytes"] > 0


def test_a_bucket_is_made_with_its_rules(s3_server, tmp_path):
    """Versions, expiry a week after the clean-up, nothing for transcripts; a clean-up by other
    rules sets those.
    """
    from trax.store import FolderStore
    from trax.store.s3 import S3Store

    policy = RetentionPolicy(audio_days=90, checkpoint_days=30)
    store = S3Store(s3_server.config(), FolderStore(tmp_path / "cache"), policy)
    store.put_bytes("transcripts/a/1.txt", b"one")
    client, bucket = store._client, store._bucket
    rules = {rule.rule_id: rule for rule in client.get_bucket_lifecycle(bucket).rules}
    assert client.get_bucket_versioning(bucket).status == "Enabled"
    assert {name: rule.expiration and rule.expiration.days for name, rule in rules.items()} == {
        "trax-checkpoints": 37,
        "trax-recordings": 97,
        "trax-uploads": None,
    }
    assert rules["trax-uploads"].abort_incomplete_multipart_upload.days_after_initiation == 7
    store.put_bytes("transcripts/a/1.txt", b"two")
    versions = list(
        client.list_objects(bucket, prefix="transcripts/", recursive=True, include_version=True)
    )
    assert len(versions) == 2
    database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
    assert list(remove(store, database, replace(policy, audio_days=None))) == []
    assert not any(
        rule.rule_id == "trax-recordings" and rule.expiration
        for rule in client.get_bucket_lifecycle(bucket).rules
    )
