"""What every engine and every store must do, whichever it is: the same tests for all of them."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
import soundfile

from trax.asr import Pass, Recogniser, RecognitionOptions
from trax.asr.confidence import load_calibration
from trax.asr.recogniser import PlannedRecogniser
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.audio import StoredAudio, Waveform
from trax.diarization import DiarizationOptions, Diarizer
from trax.diarization.packaged import PackagedDiarizer
from trax.diarization.pyannote import PyannoteDiarizer
from trax.errors import Cancelled, DamagedObject, StoreUnavailable
from trax.models import Kind, Model, ModelFinder, Origin
from trax.store.s3 import S3Store
from trax.testing import ScriptedEngines
from trax.testing.plain_pipeline import pipeline_folder
from trax.transcript import joined_text
from trax.transcript.codec import to_json

SECONDS = 12


@pytest.fixture(scope="module")
def speech(sample) -> Waveform:
    """Twelve seconds of two people."""
    samples, rate = soundfile.read(sample, dtype="float32", stop=16_000 * SECONDS)
    return Waveform(samples, rate)


class Watch:
    """A progress function that remembers, or stops the work."""

    def __init__(self, stop: bool = False) -> None:
        self.shares: list[float] = []
        self._stop = stop

    def __call__(self, share: float) -> None:
        self.shares.append(share)
        if self._stop:
            raise Cancelled("stopped")


@pytest.fixture(scope="module")
def stored(sample, tmp_path_factory) -> StoredAudio:
    """The same twelve seconds in a file."""
    path = tmp_path_factory.mktemp("speech") / "speech.flac"
    samples, rate = soundfile.read(sample, dtype="float32", stop=16_000 * SECONDS)
    soundfile.write(str(path), samples, rate)
    return StoredAudio.open(path)


@pytest.fixture(
    scope="module", params=["scripted", pytest.param("whisper", marks=pytest.mark.real)]
)
def recogniser(request, models_folder) -> Recogniser:
    if request.param == "scripted":
        return ScriptedEngines()
    placement = Placement("cpu", "int8", 2)
    model = ModelFinder(models_folder, offline=True).find("base", Kind.RECOGNITION)
    loaded = load_whisper(model, placement)
    decoder = WhisperDecoder(model, placement, lambda: loaded)
    return PlannedRecogniser(
        (Pass(models=("base",), beam_size=1),), (decoder,), (decoder,), load_calibration()
    )


@pytest.fixture(
    scope="module",
    params=[
        "scripted",
        pytest.param("packaged", marks=pytest.mark.real),
        pytest.param("pyannote", marks=pytest.mark.real),
    ],
)
def diarizer(request, models_folder) -> Diarizer:
    if request.param == "scripted":
        return ScriptedEngines()
    model = ModelFinder(models_folder, offline=True).find("packaged", Kind.DIARIZATION)
    if request.param == "packaged":
        return PackagedDiarizer(model, "cpu", 1)
    stock = Model(
        "stock", Kind.DIARIZATION, Origin.FOLDER, "1", lambda: pipeline_folder(model.folder())
    )
    return PyannoteDiarizer(stock, "cpu", 1)


class TestRecognisers:
    @pytest.fixture(scope="class")
    def found(self, recogniser, stored):
        return recogniser.recognise(stored, RecognitionOptions(), Watch())

    def test_the_fingerprint_stays(self, recogniser, stored, found):
        """Before and after work: it is part of a key, and of what was made."""
        assert found.engine == recogniser.fingerprint
        assert "\n" not in found.engine

    def test_words_lie_inside_the_recording_in_order(self, stored, found):
        """Whoever made them: positive, apart."""
        words = [word for segment in found.segments for word in segment.words]
        assert words
        assert all(0.0 <= word.start < word.end <= stored.duration for word in words)
        assert all(left.end <= right.start + 1e-6 for left, right in pairwise(words))

    def test_words_have_confidence(self, found):
        """A probability each."""
        words = [word for segment in found.segments for word in segment.words]
        assert all(word.confidence is not None and 0.0 <= word.confidence <= 1.0 for word in words)

    def test_a_segment_covers_its_words(self, found):
        """Its times are not an opinion of its own."""
        for segment in found.segments:
            assert segment.start <= segment.words[0].start
            assert segment.end >= max(word.end for word in segment.words)
            assert segment.text == joined_text(segment.words)

    def test_progress_rises_to_at_most_one(self, recogniser, stored):
        """People watch it."""
        watch = Watch()
        recogniser.recognise(stored, RecognitionOptions(), watch)
        assert watch.shares
        assert watch.shares == sorted(watch.shares)
        assert watch.shares[0] >= 0.0
        assert watch.shares[-1] <= 1.0

    def test_what_progress_raises_ends_the_work(self, recogniser, stored):
        """The only way to stop it."""
        with pytest.raises(Cancelled):
            recogniser.recognise(stored, RecognitionOptions(), Watch(stop=True))

    def test_the_same_twice_is_the_same_to_the_byte(self, recogniser, stored, found):
        """A checkpoint stands for every run, whatever was read between."""
        recogniser.recognise(stored, RecognitionOptions(language="en", beam_size=2), Watch())
        assert to_json(recogniser.recognise(stored, RecognitionOptions(), Watch())) == to_json(
            found
        )

    def test_language_has_a_probability(self, found):
        """Between 0 and 1."""
        assert found.language == "en"
        assert 0.0 <= found.language_confidence <= 1.0


def told(diarizer, speech, options, watch):
    """A recording heard in one piece."""
    session = diarizer.begin(options)
    session.feed(speech, watch)
    return session.result(watch)


class TestDiarizers:
    def test_the_fingerprint_stays(self, diarizer, speech):
        """Before and after work."""
        before = diarizer.fingerprint
        assert told(diarizer, speech, DiarizationOptions(), Watch()).engine == before
        assert diarizer.fingerprint == before

    def test_turns_are_sound(self, diarizer, speech):
        """Inside the window, of positive length, in order."""
        found = told(diarizer, speech, DiarizationOptions(), Watch())
        for turns in (found.turns, found.exclusive_turns):
            assert turns
            assert all(0.0 <= turn.start < turn.end <= speech.duration for turn in turns)
            assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)

    def test_exclusive_turns_never_overlap(self, diarizer, speech):
        """At any time at most one speaker."""
        last = 0.0
        for turn in told(diarizer, speech, DiarizationOptions(), Watch()).exclusive_turns:
            assert turn.start >= last - 1e-6
            last = turn.end

    def test_labels_go_by_first_appearance(self, diarizer, speech):
        """SPEAKER_00 speaks first."""
        found = told(diarizer, speech, DiarizationOptions(), Watch())
        order = list(dict.fromkeys(turn.speaker for turn in found.turns))
        assert order == [f"SPEAKER_{number:02d}" for number in range(len(order))]

    def test_every_speaker_has_a_voice(self, diarizer, speech):
        """Of the same length, with finite numbers."""
        found = told(diarizer, speech, DiarizationOptions(), Watch())
        assert set(found.embeddings) == {turn.speaker for turn in found.turns}
        assert len({len(voice) for voice in found.embeddings.values()}) == 1
        assert all(np.isfinite(voice).all() for voice in map(np.array, found.embeddings.values()))

    @pytest.mark.parametrize("count", [1, 2])
    def test_a_given_number_of_speakers_is_kept(self, diarizer, speech, count):
        """Whoever asks knows."""
        found = told(diarizer, speech, DiarizationOptions(speakers=count), Watch())
        assert len(found.embeddings) == count

    def test_an_upper_bound_is_kept(self, diarizer, speech):
        """Not one more."""
        options = DiarizationOptions(max_speakers=2)
        assert len(told(diarizer, speech, options, Watch()).embeddings) <= 2

    def test_what_progress_raises_ends_the_work(self, diarizer, speech):
        """The only way to stop it."""
        with pytest.raises(Cancelled):
            told(diarizer, speech, DiarizationOptions(), Watch(stop=True))

    def test_audio_comes_in_chunks(self, diarizer, speech):
        """The answer may be asked for between them, and times count from the first one's start."""
        session = diarizer.begin(DiarizationOptions())
        half = len(speech.samples) // 2
        session.feed(Waveform(speech.samples[:half], 16_000), Watch())
        early = session.result(lambda _share: None)
        session.feed(Waveform(speech.samples[half:], 16_000), Watch())
        late = session.result(lambda _share: None)
        assert max(turn.end for turn in early.turns) <= half / 16_000
        assert half / 16_000 < max(turn.end for turn in late.turns) <= speech.duration

    def test_nothing_heard_is_nobody(self, diarizer):
        """Asked before any audio came."""
        assert diarizer.begin(DiarizationOptions()).result(Watch()).turns == ()

    def test_voices_name_their_model(self, diarizer, speech):
        """Only those of one model compare."""
        assert (
            told(diarizer, speech, DiarizationOptions(), Watch()).voice_model
            == diarizer.voice_model
        )

    def test_the_same_twice_is_the_same(self, diarizer, speech):
        """Labels included."""
        one = told(diarizer, speech, DiarizationOptions(), Watch())
        assert told(diarizer, speech, DiarizationOptions(), Watch()) == one


class TestObjectStores:
    @pytest.mark.parametrize("data", [b"", b"x", b"\0" * 100_000, "ünïcode – ネコ".encode()])
    def test_bytes_come_back(self, store, data):
        """Whatever they are."""
        ref = store.put_bytes("a/b/c", data)
        assert store.read("a/b/c") == data
        assert store.local_path(ref).read_bytes() == data
        assert ref.size_bytes == len(data)

    @pytest.mark.parametrize(
        "key", ["a", "a/b", "a b/ü.txt", "checkpoints/recognise/0123.json", "x" * 120]
    )
    def test_readable_keys_are_keys(self, store, key):
        """People browse them."""
        store.put_bytes(key, b"data")
        assert store.read(key) == b"data"

    def test_a_file_and_its_bytes_have_the_same_reference(self, store, tmp_path):
        """How it came in does not matter."""
        (tmp_path / "file").write_bytes(b"data")
        assert store.put_file("k", tmp_path / "file") == store.put_bytes("k", b"data")

    def test_a_reference_with_another_digest_is_refused(self, store):
        """The digest decides, not the key."""
        from dataclasses import replace

        ref = store.put_bytes("k", b"data")
        with pytest.raises(DamagedObject):
            store.local_path(replace(ref, sha256="0" * 64))

    def test_readers_never_see_half_an_object(self, store):
        """While it is replaced again and again."""
        versions = [bytes([number]) * 300_000 for number in range(20)]
        seen: set[bytes] = set()
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                data = store.read("k")
                if data is not None:
                    seen.add(data)

        reader = threading.Thread(target=read)
        reader.start()
        for version in versions:
            store.put_bytes("k", version)
        done.set()
        reader.join(30)
        assert seen <= set(versions)

    def test_scratch_is_a_folder(self, store):
        """For files on their way in."""
        assert Path(store.scratch).is_dir()

    def test_objects_can_be_opened(self, store):
        """By a person who has no key: by a link, or where they lie."""
        ref = store.put_bytes("a b/c", b"data")
        link = store.link(ref)
        assert store.place(ref).endswith("a b/c")
        with urlopen(link or Path(store.place(ref)).as_uri()) as answer:
            assert answer.read() == b"data"

    def test_lists_are_in_the_order_of_keys(self, store):
        """Only what begins with the prefix."""
        for key in ("b/2", "a/1", "b/1", "b-3", "c"):
            store.put_bytes(key, key.encode() * 2)
        assert [found.key for found in store.list()] == ["a/1", "b-3", "b/1", "b/2", "c"]
        assert [found.key for found in store.list("b/")] == ["b/1", "b/2"]
        assert [found.size_bytes for found in store.list("c")] == [2]
        assert list(store.list("nothing/")) == []
        assert abs(next(store.list()).modified_at - datetime.now(UTC)) < timedelta(hours=1)

    def test_what_is_deleted_is_gone(self, store):
        """Twice is no error."""
        ref = store.put_bytes("a/b", b"data")
        store.delete("a/b")
        store.delete("a/b")
        assert store.read("a/b") is None
        assert list(store.list()) == []
        with pytest.raises(DamagedObject, match="missing"):
            store.local_path(ref)

    def test_a_missing_object_is_not_served_from_a_copy(self, store):
        """What was read before does not stand for what is there."""
        ref = store.put_bytes("k", b"data")
        store.local_path(ref)
        store.delete("k")
        with pytest.raises(DamagedObject, match="missing"):
            store.local_path(ref)

    def test_a_changed_object_is_not_served_from_a_copy(self, store):
        """Of the same length, after it was read."""
        ref = store.put_bytes("k", b"data")
        store.local_path(ref)
        store.put_bytes("k", b"DATA")
        with pytest.raises(DamagedObject, match="differ"):
            store.local_path(ref)

    @pytest.mark.parametrize(
        "key", ["", "/", "/etc/passwd", "a//b", "../x", "a/../../x", "a/./b", "a/"]
    )
    def test_keys_stay_inside_the_store(self, store, key):
        """No key reaches another place."""
        with pytest.raises(ValueError, match="not a key"):
            store.put_bytes(key, b"")

    def test_a_file_that_is_not_there_leaves_nothing(self, store, tmp_path):
        """Neither an object nor half of one."""
        with pytest.raises(StoreUnavailable):
            store.put_file("k", tmp_path / "missing")
        assert store.read("k") is None

    def test_half_uploads_are_found_and_removed(self, store):
        """Those of writers that died."""
        later = datetime.now(UTC) + timedelta(hours=1)
        begin_upload(store)
        (found,) = store.abandoned(later)
        assert list(store.abandoned(datetime.now(UTC) - timedelta(hours=1))) == []
        store.discard(found.key)
        assert list(store.abandoned(later)) == []


def begin_upload(store) -> None:
    """An upload that nobody finishes."""
    if isinstance(store, S3Store):
        store._client._create_multipart_upload(store._bucket, "recordings/x", {})
    else:
        (store.scratch / "half").write_bytes(b"da")
