"""Voices that are forgotten while they are spoken in or replaced."""

from pathlib import Path

import pytest
from test_revoicing import done

from trax.errors import InvalidOption
from trax.pipelines.forgotten import check_kept, is_forgotten
from trax.pipelines.revoice import identify_revoicing, revoice
from trax.pipelines.transcribe import transcribe
from trax.progress import Event, Finished, Started, reporting
from trax.service import voices
from trax.service.borrowed import made_with, remove_made
from trax.service.revoicing import replacement
from trax.stages.options import TranscribeOptions
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.store import JobStatus, ProfileRepository, Renewal
from trax.testing.talk import SCRIPT, ScriptedTalk
from trax.testing.web_server import serving

SPEECH = Path(__file__).resolve().parents[1] / "samples" / "conversation.flac"
SPEAKING = ("select", "separate", "synthesise", "check", "reconstruct")


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def recording(tmp_path, engines):
    return engines.write(tmp_path / "talk.wav", 16_000)


@pytest.fixture
def borrowed(workspace) -> RevoiceOptions:
    """Speaker 2 is to speak in the voice of Anna."""
    new = replacement(workspace, "Speaker 2", str(SPEECH), "signed form", "Anna")
    return RevoiceOptions(replacements=(new,))


def made(workspace) -> list[str]:
    """What is kept of the stages that know voices."""
    kept = (each.key.split("/") for each in workspace.objects.list("checkpoints/"))
    return ["/".join(key) for key in kept if key[1] in SPEAKING]


def forgetting_at(workspace, moment: Event):
    """A reporter that has Anna forgotten when a stage begins, or has ended."""

    def report(event: Event) -> None:
        if type(event) is type(moment) and _stage(event) == _stage(moment):
            voices.forget(workspace, "Anna")

    return report


def _stage(event: Event) -> str:
    return event.run.stage if isinstance(event, Finished) else event.stage


def the_job(workspace):
    (job,) = workspace.jobs.of_pipeline("revoice")
    return job


class TestSpokenIn:
    """A voice that a job speaks in."""

    @pytest.mark.parametrize("stage", ["merge", *SPEAKING])
    def test_forgotten_at_any_stage_nothing_of_it_is_left(
        self, workspace, recording, borrowed, stage
    ):
        """And the job says why it ended."""
        with (
            reporting(forgetting_at(workspace, Started(stage))),
            pytest.raises(InvalidOption, match="was forgotten"),
        ):
            revoice(workspace, recording, borrowed)
        job = the_job(workspace)
        assert job.status is JobStatus.FAILED
        assert "was forgotten" in job.error["error"]
        assert "Anna" not in str(job)
        assert made(workspace) == []
        assert not list(workspace.objects.list("uploads/"))

    def test_forgotten_when_all_is_made_nothing_is_left(
        self, workspace, recording, borrowed, monkeypatch
    ):
        """Between the last look and the job's end, too: the job does not end well."""
        monkeypatch.setattr("trax.pipelines.forgotten.check_kept", check_then_forget(workspace))
        revoice(workspace, recording, borrowed)
        assert the_job(workspace).status is JobStatus.FAILED
        assert made(workspace) == []

    def test_what_another_job_made_stays(self, workspace, recording, borrowed):
        """In another voice, of the same recording."""
        stock = RevoiceOptions(replacements=(Replacement(speaker="Speaker 2", voice="high"),))
        kept = revoice(workspace, recording, stock)
        with (
            reporting(forgetting_at(workspace, Started("check"))),
            pytest.raises(InvalidOption),
        ):
            revoice(workspace, recording, borrowed)
        assert revoice(workspace, recording, stock).audio == kept.audio
        assert workspace.objects.stat(kept.audio.key) is not None

    def test_takes_that_were_not_used_go_with_what_was_made(
        self, workspace, recording, borrowed, engines
    ):
        """They are in the voice, too."""
        engines.mishears = {SCRIPT[1][3]: ["something else"] * 9}
        revoice(workspace, recording, borrowed)
        remove_made(workspace, made_with(workspace, "Anna"))
        assert not [key for key in made(workspace) if key.endswith("speech.flac")]


def check_then_forget(workspace):
    """The last look of a job, and right after it Anna is forgotten."""

    def look(place, job) -> None:
        check_kept(place, job)
        voices.forget(workspace, "Anna")

    return look


@pytest.mark.parametrize("step", ["forget", "_remove_published", "_remove_exports"])
def test_whoever_dies_while_forgetting_leaves_nothing_that_speaks(
    workspace, recording, borrowed, monkeypatch, step
):
    """A voice is found again until its jobs and files are seen to: to forget it again is enough."""
    reference = named(workspace, recording)
    spoken = identify_revoicing(workspace, recording, borrowed)
    replacing = RevoiceOptions(replacements=(Replacement(speaker="SPEAKER_01", voice="high"),))
    replaced = identify_revoicing(workspace, recording, replacing)
    for job in (spoken, replaced):
        workspace.jobs.claim(job.request, "one")

    def dies(*_given, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        place = ProfileRepository if step == "forget" else voices
        patched.setattr(place, step, dies)
        with pytest.raises(KeyboardInterrupt):
            voices.forget(workspace, "Anna")
    found = workspace.jobs.known([spoken.id, replaced.id])
    assert all(is_forgotten(job) for job in found.values())
    assert {job.status for job in found.values()} == {JobStatus.FAILED}
    assert voices.forget(workspace, "Anna") == [reference]
    assert workspace.profiles.find("Anna") is None
    assert all(map(is_forgotten, workspace.jobs.known([spoken.id, replaced.id]).values()))


@pytest.mark.parametrize("speaker", ["Speaker 2", "SPEAKER_01"])
def test_whoever_does_such_a_job_again_does_not_bring_the_voice_back(
    workspace, recording, borrowed, speaker
):
    """A process that knows the job from before: it says nothing, and the job still tells why."""
    named(workspace, recording)
    plain = RevoiceOptions(replacements=(Replacement(speaker=speaker, voice="high"),))
    options = borrowed if speaker == "Speaker 2" else plain
    job = identify_revoicing(workspace, recording, options)
    workspace.jobs.claim(job.request, "one")
    voices.forget(workspace, "Anna")
    with pytest.raises(InvalidOption, match="was forgotten"):
        revoice(workspace, recording, options)
    assert is_forgotten(the_job(workspace))
    assert "Anna" not in str(the_job(workspace))
    assert made(workspace) == []


class TestReplaced:
    """A voice that a job replaces."""

    @pytest.mark.parametrize("speaker", ["Anna", "SPEAKER_01", "all"])
    def test_forgotten_the_job_ends(self, workspace, recording, speaker):
        """However the job calls them; a job that replaces somebody else goes on."""
        named(workspace, recording)
        options = RevoiceOptions(replacements=(Replacement(speaker=speaker, voice="high"),))
        with (
            reporting(forgetting_at(workspace, Started("synthesise"))),
            pytest.raises(InvalidOption, match="was forgotten"),
        ):
            revoice(workspace, recording, options)
        assert "Anna" not in str(the_job(workspace))
        assert made(workspace) == []

    def test_who_else_speaks_is_still_replaced(self, workspace, recording):
        """Anna is not heard in what is replaced."""
        named(workspace, recording)
        options = RevoiceOptions(replacements=(Replacement(speaker="SPEAKER_00", voice="high"),))
        with reporting(forgetting_at(workspace, Started("synthesise"))):
            revoice(workspace, recording, options)
        assert the_job(workspace).status is JobStatus.COMPLETED


def named(workspace, recording) -> str:
    """A transcript whose second speaker is known as Anna; gives its id."""
    known_as = transcribe(workspace, recording, TranscribeOptions()).transcript_id
    anna = workspace.profiles.add("Anna", "scripted", (1.0,), 20.0, "signed form")
    workspace.profiles.link(anna, known_as, 1, "SPEAKER_01")
    return known_as


def test_a_process_learns_that_its_job_was_ended(workspace, recording, borrowed):
    """With the next sign of life, to stop; one that another process took over learns that."""
    job = identify_revoicing(workspace, recording, borrowed)
    workspace.jobs.claim(job.request, "one")
    assert workspace.jobs.renew(job.id, "one", "", 0.0) is Renewal.HELD
    voices.forget(workspace, "Anna")
    assert workspace.jobs.renew(job.id, "one", "", 0.0) is Renewal.CANCEL
    assert workspace.jobs.renew(job.id, "two", "", 0.0) is Renewal.LOST
    assert not workspace.jobs.complete(job.id, "one")


def test_a_service_tells_at_once_why_a_job_ended(home, workspace, engines, recording, monkeypatch):
    """While its process may still be at work."""
    say = engines.voices.convert

    def forgets(speech, reference):
        voices.forget(workspace, "Anna")
        return say(speech, reference)

    monkeypatch.setattr(engines.voices, "convert", forgets, raising=False)
    with serving(workspace) as client:
        sent = client.put("/v1/uploads/talk.wav", content=recording.read_bytes()).json()
        voice = client.put("/v1/uploads/anna.flac", content=SPEECH.read_bytes()).json()
        asked = {"speaker": "Speaker 2", "reference": voice["id"], "consent": "signed form"}
        body = {"upload": sent["id"], "revoice": {"replacements": [{**asked, "person": "Anna"}]}}
        queued = client.post("/v1/jobs", json=body)
        with pytest.raises(AssertionError, match="was forgotten"):
            done(client, queued)
        job = queued.json()["id"]
        assert client.get(f"/v1/jobs/{job}/audio").status_code == 404
