"""What people corrected, to be learnt from: with consent, and without what is forgotten."""

import pytest
from adapting import card, matrices

from trax.adapters.shelf import to_safetensors
from trax.asr.vocabulary import add_terms, read_terms
from trax.errors import InvalidOption
from trax.pipelines.adapt import adapt_job
from trax.pipelines.transcribe import transcribe
from trax.revision import Replace
from trax.revision.corrected import new_terms
from trax.service import teaching
from trax.service.adapters import learnt_from
from trax.service.revisions import edit, edits_here
from trax.stages.adapt_options import AdaptOptions
from trax.stages.corrections import consented, corrected_text
from trax.stages.options import TranscribeOptions


def corrected(workspace, recording, text="Zolpidem,") -> str:
    """The id of a transcript of *recording* whose last word somebody corrected."""
    made = transcribe(workspace, recording, TranscribeOptions(formats=("txt",)))
    words = workspace.repository.get(made.transcript_id).words
    wishes = [Replace(word=words[-1].id, text=text)]
    edit(edits_here(workspace.revisions), made.transcript_id, wishes)
    return made.transcript_id


def test_a_folder_consents_to_be_learnt_from_or_refuses(workspace, recording):
    """Unasked only what says so; what refuses not even if it is named."""
    reference = corrected(workspace, recording)
    folder = recording.parent
    settings = folder / "trax.toml"
    with pytest.raises(InvalidOption, match="learn = true"):
        consented(workspace, folder)
    assert corrected_text(workspace, reference).utterances
    settings.write_text("learn = true\n")
    (found,) = consented(workspace, folder)
    assert found.name == recording.name
    with pytest.raises(InvalidOption):
        consented(workspace, folder / "other")
    settings.write_text("learn = false\n")
    with pytest.raises(InvalidOption, match="not to be learnt from"):
        corrected_text(workspace, reference)
    settings.write_text("learn = 3\n")
    with pytest.raises(InvalidOption, match="neither true nor false"):
        consented(workspace, folder)


def test_terms_are_what_people_wrote_and_no_machine_did(workspace, recording):
    """Without punctuation; what was heard elsewhere is no term."""
    reference = corrected(workspace, recording)
    after = workspace.repository.get(reference)
    before = workspace.repository.get(reference, 1)
    assert [(term.text, term.count) for term in new_terms([(before, after)])] == [("Zolpidem", 1)]
    heard = before.words[0].text
    wishes = [Replace(word=after.words[-1].id, text=heard)]
    edit(edits_here(workspace.revisions), reference, wishes)
    assert new_terms([(before, workspace.repository.get(reference))]) == []


def test_terms_are_added_to_a_vocabulary_once(tmp_path):
    """After what is there."""
    path = tmp_path / "vocabulary.txt"
    path.write_text("# ward\nCintra")
    assert add_terms(path, ["cintra", "Zolpidem"]) == ("Zolpidem",)
    assert add_terms(path, ["Zolpidem"]) == ()
    assert read_terms(path) == ("Cintra", "Zolpidem")


def test_only_ones_own_corrections_are_shown_and_learnt_from(world, monkeypatch):
    """Whoever may change a transcript may not learn from it; a taken name is refused."""
    monkeypatch.setattr(teaching, "check_training_packages", lambda: None)
    reference = world.job["transcript"]["id"]
    words = world.workspace.repository.get(reference).words
    wishes = [Replace(word=words[-1].id, text="Zolpidem")]
    edit(edits_here(world.workspace.revisions), reference, wishes)
    shown = world.ask("owner", "GET", "/v1/adapters/corrections").json()
    assert (shown["words"], shown["lines"]) == (1, 1)
    assert [term["text"] for term in shown["terms"]] == ["Zolpidem"]
    for who in ("editor", "stranger"):
        seen = world.ask(who, "GET", "/v1/adapters/corrections").json()
        assert (seen["transcripts"], seen["terms"]) == ([], [])
    body = {"name": "wards", "transcripts": [reference]}
    for who, status in (("stranger", 404), ("viewer", 403), ("editor", 403), ("owner", 202)):
        assert world.ask(who, "POST", "/v1/adapters", json=body).status_code == status
    jobs = world.ask("owner", "GET", "/v1/jobs").json()["items"]
    assert [job["name"] for job in jobs if job["pipeline"] == "adapt"] == ["wards"]
    world.workspace.shelf.put(card("taken"), to_safetensors(matrices()))
    refused = world.ask("owner", "POST", "/v1/adapters", json={**body, "name": "taken"})
    assert refused.status_code == 422


def test_an_adapter_is_made_again_without_what_is_forgotten(workspace, recording):
    """Of a transcript nothing, and a recording nowhere; one that was not made here is left."""
    reference = corrected(workspace, recording)
    sha256 = workspace.repository.get(reference).recording.sha256
    sources = (f"transcript:{reference}", "/somewhere")
    workspace.queue.put(adapt_job(AdaptOptions(name="wards", sources=sources)).request)
    others = AdaptOptions(name="wards", sources=("/elsewhere",))
    workspace.queue.put(adapt_job(others, "somebody").request)
    options = teaching.options_again(workspace, card("wards"), sha256)
    assert (options.sources, options.without) == (("/somewhere",), (sha256,))
    alone = AdaptOptions(name="alone", sources=sources[:1])
    workspace.queue.put(adapt_job(alone).request)
    with pytest.raises(InvalidOption, match="remove it"):
        teaching.options_again(workspace, card("alone"), sha256)
    learnt = card("wards", recordings={sha256: "a.wav", "cd" * 32: "b.wav"})
    assert learnt_from(learnt, sha256[:8].upper()) == sha256
    with pytest.raises(InvalidOption):
        learnt_from(learnt, "")
