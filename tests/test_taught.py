"""What trainings keep of a recording goes with it."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from adapting import examples

from trax.adapters.examples import write_examples
from trax.errors import InvalidOption
from trax.pipelines.adapt import adapt_job
from trax.pipelines.transcribe import transcribe
from trax.progress import StageRun
from trax.service.forgetting import forget_sound
from trax.stages import train
from trax.stages.adapt_options import AdaptOptions
from trax.stages.options import TranscribeOptions
from trax.stages.taught import forget_taught
from trax.store.checkpoints import Checkpoint
from trax.testing import ScriptedEngines
from trax.work.values import StageResult

OTHER = "cd" * 32


@pytest.fixture
def known(workspace, recording):
    """A recording that was transcribed."""
    transcribe(workspace, recording, TranscribeOptions(formats=("txt",)))
    (found,) = workspace.recordings.newest(1)
    return found


def keep_examples(workspace, folder, key, digest):
    folder.mkdir()
    made = Checkpoint(stage="gather", key=key, outputs={}, seconds=1.0)
    return workspace.checkpoints.keep(made, write_examples(examples(60, digest=digest), folder))


def keep_weights(workspace, folder, key, facts):
    folder.mkdir()
    (folder / "weights").write_bytes(key.encode())
    (folder / "facts").write_text(json.dumps(facts))
    files = {"adapter.safetensors": folder / "weights", "training.json": folder / "facts"}
    made = Checkpoint(stage="train", key=key, outputs={}, seconds=1.0)
    workspace.checkpoints.keep(made, files)


def kept(workspace, stage):
    return [each.checkpoint.key for each in workspace.checkpoints.all(stage)]


def test_a_recording_that_is_forgotten_goes_from_what_was_gathered(workspace, known, tmp_path):
    """The examples of an adapter have its sound; those of other recordings stay."""
    for at, digest in enumerate((known.sha256, OTHER)):
        keep_examples(workspace, tmp_path / str(at), f"key{at}", digest)
    gone = forget_sound(workspace, known)
    assert {"checkpoints/gather/key0/sound.npy", "checkpoints/gather/key0/examples.json"} <= {*gone}
    assert kept(workspace, "gather") == ["key1"]
    left = {found.key for found in workspace.objects.list("checkpoints/gather/")}
    assert not any("key0" in key for key in left)


def test_weights_do_not_outlive_a_recording_that_they_were_learnt_from(workspace, known, tmp_path):
    """Neither those of finished trainings nor of those that were broken off, nor any that do not
    say what they were learnt from.
    """
    said = {"own": {"recordings": [OTHER, known.sha256]}, "other": {"recordings": [OTHER]}}
    scratch = workspace.objects.scratch
    for name, facts in (said | {"unsaid": {"losses": []}}).items():
        keep_weights(workspace, tmp_path / name, name, facts)
        saved = scratch / f"training-{name}"
        saved.mkdir(parents=True)
        (saved / "training.pt").write_bytes(b"weights")
        if name in said:
            (saved / "recordings.json").write_text(json.dumps(facts))
    gone = forget_sound(workspace, known)
    assert "checkpoints/train/own/adapter.safetensors" in gone
    assert workspace.objects.stat("checkpoints/train/own/adapter.safetensors") is None
    assert kept(workspace, "train") == ["other"]
    assert [each.name for each in scratch.glob("training-*")] == ["training-other"]


def test_a_training_says_from_the_beginning_what_it_learns_from(workspace, tmp_path, monkeypatch):
    """So that what it keeps is found, whether it ended or not."""
    model = SimpleNamespace(fingerprint="tiny", model=None)
    placement = SimpleNamespace(device="cpu", threads=1)
    learner = SimpleNamespace(model=model, placement=placement)
    monkeypatch.setattr(ScriptedEngines, "learner", lambda _self, _name: learner)
    gathered = keep_examples(workspace, tmp_path / "examples", "key", OTHER)
    job = adapt_job(AdaptOptions(name="orders", sources=("a",)))

    def broken_off(_model, spoken, _recipe, place, _on_step):
        (place.saved / "training.pt").write_bytes(b"weights")
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "train", broken_off)
    monkeypatch.setattr(train, "too_few", lambda *_: "")
    result = StageResult(outputs=gathered.outputs, run=None)
    work = train.TRAIN.prepare(workspace, job, examples=result)
    with pytest.raises(KeyboardInterrupt):
        work.make(tmp_path, lambda _share: None)
    (saved,) = workspace.objects.scratch.glob("training-*")
    forget_taught(workspace, "ab" * 32)
    assert saved.exists()
    forget_taught(workspace, OTHER)
    assert not saved.exists()
    done = SimpleNamespace(losses=(0.5,), tensors={}, seconds_a_step=0.1)
    monkeypatch.setattr(train, "train", lambda *_: done)
    outputs = work.make(tmp_path, lambda _share: None)
    assert json.loads(outputs["training.json"].read_bytes())["recordings"] == [OTHER]


def test_a_recording_is_not_forgotten_while_an_adapter_learns_from_it(workspace, known, tmp_path):
    """Its weights would be kept after it."""
    keep_examples(workspace, tmp_path / "examples", "key", known.sha256)
    job = adapt_job(AdaptOptions(name="orders", sources=("a",)))
    workspace.queue.put(job.request)
    attempt = workspace.jobs.claim(job.request, "somebody")
    figures = {"seconds": 1.0, "cached": False, "audio_seconds": 1.0, "peak_memory_bytes": 0}
    run = StageRun(stage="gather", key="key", started_at=datetime.now(UTC), **figures)
    workspace.jobs.record(job.id, attempt, run)
    with pytest.raises(InvalidOption, match="orders is learning from"):
        forget_sound(workspace, known)
    workspace.jobs.complete(job.id, "somebody")
    assert "checkpoints/gather/key/sound.npy" in forget_sound(workspace, known)
