"""What transcripts warn of, and why decisions do not fit, has codes by which programs say it."""

import re
from dataclasses import replace

import pytest

from trax.errors import InputError
from trax.merge.wordless import wordless_warnings
from trax.revision import REASONS, Insert, Unsilence, apply, rebase
from trax.revision.operations import Rename, Replace, Restore
from trax.service.conflicts import listed
from trax.testing import transcript
from trax.testing.engine_server import scripted_workspace
from trax.transcript import Segment, Span, Unfinished, Word, identified, not_looked_at
from trax.transcript.cautions import WARNINGS, told


@pytest.mark.parametrize(
    ("known", "code"),
    [(known, code) for known in (WARNINGS, REASONS) for code in known.patterns],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_every_sentence_is_read_back_as_it_was_said(known, code):
    """With its code and what it names, whatever other patterns there are."""
    names = re.findall(r"{(\w+)", known.patterns[code])
    about = {name: number for number, name in enumerate(names, start=2)}
    found = known.told(known.say(code, **about))
    assert found.code == code
    assert found.about == {name: str(number) for name, number in about.items()}


def test_several_things_in_one_warning_are_several():
    """Each with its code; of a track, with the name of its file."""
    warning = "the file has 2 audio streams; stream 2 was read; nobody speaks in stream 1"
    found = list(told([warning]))
    assert [each.code for each in found] == ["streams", "stream-read", "stream-silent"]
    assert found[1].about == {"which": "2"}
    (found,) = told(["ann.wav: 3 damaged packets were skipped"])
    assert (found.code, found.about) == ("packets-skipped", {"count": "3", "file": "ann.wav"})


def test_what_has_no_code_is_told_as_it_is():
    """As in transcripts of earlier versions, or by a program that adds some."""
    (found,) = told(["something: else; entirely"])
    assert (found.text, found.code) == ("something: else; entirely", "")


def test_warnings_have_codes_as_they_are_made():
    """By the stages that say them."""
    spans = [Span(20.0 * at, 20.0 * at + 9) for at in range(5)]
    parts = [Unfinished(0, 1, "correct", "it is away"), Unfinished(1, 2, "correct", "no; yes")]
    said = [*wordless_warnings(spans, []), *wordless_warnings(spans[:1], [])]
    said += [*not_looked_at(parts), *not_looked_at(parts[:1])]
    assert [each.code for each in told(said)] == [
        "no-word-more",
        "no-word",
        "parts-not-looked-at",
        "part-not-looked-at",
    ]


def heard_otherwise(segment: Segment) -> Segment:
    """A segment of which another run has no word."""
    words = [replace(word, id=f"n{word.id}"[:12], text="else") for word in segment.words]
    return replace(segment, words=tuple(words))


DOCUMENT = identified(transcript())
FIRST = DOCUMENT.words[0]
GONE = replace(DOCUMENT, segments=tuple(map(heard_otherwise, DOCUMENT.segments)))


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (Replace(word=FIRST.id, text="hm"), "unclear-word"),
        (Replace(word="nowhere", text="hm"), "unknown-word"),
        (Rename(speaker="nobody", name="Ann"), "speaker-gone"),
    ],
)
def test_why_a_decision_does_not_fit_has_a_code(operation, code):
    """As it is found when it is carried over."""
    (misfit,) = rebase([operation], DOCUMENT, GONE).misfits
    assert REASONS.told(misfit.reason).code == code


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (Replace(word="nowhere", text="hm"), "word-gone"),
        (Restore(word="nowhere"), "text-gone"),
        (Unsilence(spans=(Span(1.0, 2.0),)), "not-silenced"),
        (Insert(words=(Word(0, 0, "x", id="n"),), after=DOCUMENT.words[-1].id), "out-of-order"),
    ],
)
def test_why_an_operation_is_refused_has_a_code(operation, code):
    """Whatever it is that is not there any more."""
    with pytest.raises(InputError) as refused:
        apply(DOCUMENT, operation)
    assert REASONS.told(str(refused.value)).code == code


def test_conflicts_are_listed_with_their_code(tmp_path):
    """Those too that were kept when there were none."""
    workspace = scripted_workspace(tmp_path)
    workspace.repository.save(DOCUMENT, None)
    workspace.conflicts.put_problem(DOCUMENT.id, "other", REASONS.say("unknown-word", word="'x'"))
    workspace.conflicts.put_problem(DOCUMENT.id, "another", "it is Sunday")
    found = {each.source: (each.code, each.about) for each in listed(workspace, DOCUMENT.id)}
    assert found == {"other": ("unknown-word", {"word": "'x'"}), "another": ("", {})}


def test_a_transcript_s_warnings_are_listed_with_codes(world):
    """By whoever sees it."""
    document = world.workspace.repository.get(world.job["transcript"]["id"])
    warned = replace(document, id="aaaabbbbcccc", warnings=("3 damaged packets were skipped",))
    world.workspace.repository.save(warned, None)
    answer = world.ask("admin", "GET", "/v1/transcripts/aaaabbbbcccc/warnings")
    assert answer.json()["items"] == [
        {
            "text": "3 damaged packets were skipped",
            "code": "packets-skipped",
            "about": {"count": "3"},
        }
    ]
