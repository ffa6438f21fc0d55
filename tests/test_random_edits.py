"""Whatever people do to a transcript, one thing after the other."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_edits import operations, transcripts

from trax.errors import InputError
from trax.export import FORMATS
from trax.pipelines.transcribe import transcribe
from trax.revision import (
    Delete,
    Operation,
    Relabel,
    Replace,
    Together,
    Unsilence,
    apply,
    inverse,
)
from trax.service.exports import quiet_spans, write_silenced_audio
from trax.service.revisions import changed
from trax.stages.options import TranscribeOptions
from trax.testing import tone, transcript, write_audio
from trax.testing.web_server import serving
from trax.transcript import Span, Transcript

EDITS = 10
"""One after the other, in each history."""


def touched(operation: Operation) -> set[str]:
    """Ids of the words that an operation changes."""
    if isinstance(operation, Together):
        return set().union(*map(touched, operation.operations))
    if isinstance(operation, Relabel):
        return {label.word for label in operation.labels}
    return {operation.word} if isinstance(operation, Replace) else set()


def check(before: Transcript, after: Transcript, operation: Operation) -> None:
    """That an edit has changed what it names and nothing else."""
    starts = [segment.words[0].start for segment in after.segments if segment.words]
    if all(segment.words for segment in before.segments):
        known = [segment.words[0].start for segment in before.segments]
        assert starts == sorted(starts) or known != sorted(known)
    for segment in after.segments:
        assert [w.start for w in segment.words] == sorted(w.start for w in segment.words)
    old = {word.id: word for word in before.words}
    for word in after.words:
        if word.id in old and word.id not in touched(operation):
            assert word == old[word.id]


def history(data: st.DataObject) -> None:
    """Edits one after the other: checked, exported, and taken back."""
    document = current = data.draw(transcripts())
    back = []
    for number in range(EDITS):
        if not current.words:
            break
        operation = data.draw(operations(current))
        try:
            after, (made,), (undoing,) = changed(current, [operation])
        except InputError:
            continue
        check(current, after, made)
        back.append(undoing)
        current = after
        name = sorted(FORMATS)[number % len(FORMATS)]
        assert isinstance(FORMATS[name].render(current), bytes)
    for known in FORMATS.values():
        assert isinstance(known.render(current), bytes)
    assert all(one.end < other.start for one, other in pairwise(quiet_spans(current)))
    for operation in reversed(back):
        current = apply(current, operation)
    assert current == document


class TestHistories:
    @settings(max_examples=20)
    @given(st.data())
    def test_two_hundred_random_edits_are_sound(self, data):
        """Times in order, other words untouched, every export made, everything taken back."""
        history(data)

    @pytest.mark.soak
    @pytest.mark.timeout(7200)
    @settings(max_examples=1000, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_ten_thousand_random_edits_are_sound(self, data):
        """The same over and over."""
        history(data)


class TestSilence:
    def test_what_is_deleted_with_its_sound_is_silent_and_comes_back(self):
        """In the document; other words are not."""
        document = transcript()
        first, second, third = document.words[:3]
        gone = Delete(words=(second.id,), silenced=True)
        after = apply(document, gone)
        assert after.silenced == (Span(second.start, second.end),)
        assert quiet_spans(after) == [Span(first.end, third.start)]
        assert apply(after, inverse(document, gone)) == document

    def test_silence_goes_as_far_as_the_next_word_and_a_little(self):
        """Words' edges are known to about a tenth of a second."""
        document = transcript()
        words = document.segments[0].words
        gone = Delete(words=tuple(word.id for word in words[-2:]), silenced=True)
        after = apply(document, gone)
        (span,) = quiet_spans(after)
        assert span.start == words[-3].end
        assert span.end == document.segments[1].words[0].start

    def test_what_is_not_silenced_cannot_be_heard_again(self):
        """A span is named as it stands."""
        with pytest.raises(InputError, match="not silenced"):
            apply(transcript(), Unsilence(spans=(Span(1.0, 2.0),)))

    def test_the_sound_is_silent_there_and_elsewhere_as_it_was(self, workspace, tmp_path, home):
        """Over HTTP, too."""
        file = write_audio(tmp_path / "call.wav", tone(3.0))
        made = workspace.repository.get(
            transcribe(workspace, file, TranscribeOptions()).transcript_id
        )
        word = made.words[1]
        with serving(workspace) as client:
            client.headers["If-Match"] = "*"
            body = {"operations": [{"kind": "delete", "words": [word.id], "silenced": True}]}
            url = f"/v1/transcripts/{made.id}"
            assert client.post(f"{url}/revisions", json=body).status_code == 201
            sent = tmp_path / "edited.flac"
            sent.write_bytes(client.get(f"{url}/silenced-audio").content)
            whole = tmp_path / "whole.flac"
            whole.write_bytes(client.get(f"{url}/silenced-audio?version=1").content)
        heard, rate = soundfile.read(sent)
        before, _rate = soundfile.read(whole)
        quiet = slice(int(word.start * rate), int(word.end * rate))
        assert not heard[quiet].any()
        assert before[quiet].any()
        (span,) = quiet_spans(workspace.repository.get(made.id))
        past = int(np.ceil(span.end * rate))
        assert np.array_equal(heard[past:], before[past:])
        target = tmp_path / "again.flac"
        write_silenced_audio(workspace, workspace.repository.get(made.id), target)
        assert target.read_bytes() == sent.read_bytes()
