"""Recordings with a track for each speaker: each track's own sound is read, and read once."""

import json
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
import soundfile

from trax.asr import RecognitionOptions
from trax.audio import Audio, StoredAudio
from trax.audio.bleed import above_bleed, own_sound
from trax.audio.spliced import SplicedAudio, spliced
from trax.audio.tracks import LEVEL_FRAME, levels, split_channels
from trax.compose import build_workspace
from trax.enhance.sentences import sentence_ranges
from trax.export.subtitles import to_srt, to_vtt
from trax.merge import attribute
from trax.merge.tracks import by_time
from trax.pipelines.transcribe import transcribe
from trax.progress import Progress
from trax.scoring.words import word_error_rate
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions
from trax.testing import ScriptedEngines, tone, write_audio
from trax.transcript import (
    Diarization,
    Doubt,
    Reason,
    Recognition,
    Removed,
    Segment,
    Span,
    Turn,
    Word,
)

RATE = 16_000
FRAME = round(LEVEL_FRAME * RATE)
LEFT, RIGHT = 440.0, 700.0  # Hz: two people's voices


def frames(*rows: tuple[float, ...]) -> np.ndarray:
    """A second of each of these levels."""
    return np.repeat(np.array(rows, dtype=np.float32), 32, axis=0)


def said(text: str, start: float, end: float, **about: object) -> Word:
    return Word(start, end, text, 0.9, **about)


def recognition(*segments: list[Word], removed: tuple[Removed, ...] = ()) -> Recognition:
    made = tuple(Segment(words[0].start, words[-1].end, tuple(words)) for words in segments)
    return Recognition(
        language="en", language_confidence=1.0, segments=made, engine="x", removed=removed
    )


def voice(parts: list[tuple[float, float]], hertz: float, seconds: float = 20.0) -> np.ndarray:
    """A tone from each start to each end."""
    sound = np.zeros(round(seconds * RATE), dtype=np.float32)
    for start, end in parts:
        sound[round(start * RATE) : round(end * RATE)] = tone(end - start, hertz=hertz)
    return sound


def in_a_room(one: np.ndarray, two: np.ndarray, bleed_db: float, delay: int = 40) -> np.ndarray:
    """Two microphones that hear each other's speaker, shape ``(frames, 2)``."""
    bleed = 10 ** (bleed_db / 20)
    late_one = np.pad(one, (delay, 0))[: len(one)]
    late_two = np.pad(two, (delay, 0))[: len(two)]
    return np.stack([one + bleed * late_two, two + bleed * late_one], axis=1).astype(np.float32)


def tracks_of(sound: np.ndarray, folder) -> tuple[list[StoredAudio], np.ndarray]:
    """The channels as files, and their levels."""
    path = folder / "channels.flac"
    soundfile.write(path, sound, RATE)
    _, files = split_channels(path, folder)
    return [StoredAudio.open(file) for file in files], levels(path)


def own_of(loudness: np.ndarray) -> np.ndarray:
    return own_sound(loudness, above_bleed(loudness))


class TestOwnSound:
    @pytest.mark.parametrize("bleed", [-60, -30, -20, -10, -4])
    @pytest.mark.parametrize("delay", [0, 40, 1600])
    def test_who_speaks_is_heard_in_their_own_channel_alone(self, tmp_path, bleed, delay):
        """However much comes over, and up to a tenth of a second later."""
        one, two = voice([(1, 6)], LEFT), voice([(8, 13)], RIGHT)
        _, loudness = tracks_of(in_a_room(one, two, bleed, delay), tmp_path)
        own = own_of(loudness)
        assert own[40:180, 0].all()
        assert own[260:400, 1].all()
        assert not own[40:180, 1].any()
        assert not own[260:400, 0].any()

    @pytest.mark.parametrize("louder", [0, 10, 20])
    def test_speech_below_louder_speech_is_kept(self, tmp_path, louder):
        """Where little comes over, both are heard, however different their microphones are."""
        one, two = voice([(1, 8)], LEFT), voice([(6, 13)], RIGHT) * 10 ** (-louder / 20)
        _, loudness = tracks_of(in_a_room(one, two, -40), tmp_path)
        assert own_of(loudness)[190:245].all()

    def test_who_is_silent_takes_nobodys_words(self, tmp_path):
        """Their microphone hears the others; so does one that records nothing at all."""
        one, two = voice([(1, 6)], LEFT), voice([(8, 13)], RIGHT)
        sound = in_a_room(one, two, -30)
        third = 0.1 * sound.sum(axis=1)
        every = np.stack([*sound.T, third, np.zeros_like(third)], axis=1)
        _, loudness = tracks_of(every, tmp_path)
        own = own_of(loudness)
        assert own[40:180].tolist() == [[True, False, False, False]] * 140
        assert own[260:400].tolist() == [[False, True, False, False]] * 140

    def test_what_nobody_says_may_be_anybodys(self):
        """Hiss and silence are for voice activity to judge; digital silence holds nothing."""
        own = own_of(frames((-20, -60, -120), (-60, -20, -120), (-62, -60, -120)))
        assert own[80:].tolist() == [[True, True, False]] * 16

    def test_no_audio_has_no_sound(self):
        """Nor is it an error."""
        assert own_of(np.zeros((0, 2), dtype=np.float32)).shape == (0, 2)


class TestSplicing:
    @pytest.fixture
    def audio(self, tmp_path) -> SplicedAudio:
        """The first speaks at 1 and at 9 seconds, the second at 3; each for two."""
        one = voice([(1, 3), (9, 11)], LEFT)
        two = voice([(3, 5)], RIGHT)
        tracks, _ = tracks_of(np.stack([one, two], axis=1), tmp_path)
        own = np.zeros((625, 2), dtype=bool)
        own[31:94, 0] = own[281:344, 0] = own[94:156, 1] = True
        return spliced(tracks, own)

    def test_it_is_as_long_as_what_is_said(self, audio):
        """Silence costs nothing: of long pauses a second or so is left."""
        assert [piece.track for piece in audio.pieces] == [0, 0, 1]
        assert audio.duration < 6 + 2 * 1.2 + 30 + 1.2
        first, second, third = audio.pieces
        assert 1.0 < second.at - first.end < 2.0
        assert third.at - second.end > 25

    def test_sound_is_where_the_clock_says(self, audio):
        """Sample for sample, apart from soft edges; silence between."""
        whole = audio.read().samples
        for piece in audio.pieces:
            inner = Span(piece.span.start + 0.02, piece.span.end - 0.02)
            expected = audio.tracks[piece.track].read(inner).samples
            start = round((piece.at + 0.02) * RATE)
            assert whole[start : start + len(expected)] == pytest.approx(expected, abs=1e-6)
        for one, other in pairwise(audio.pieces):
            assert not whole[round(one.end * RATE) : round(other.at * RATE)].any()

    def test_parts_are_cut_anywhere(self, audio):
        """Windows are read one by one."""
        whole = audio.read().samples
        rng = np.random.default_rng(0)
        for start, end in np.sort(rng.uniform(0, audio.duration + 2, (50, 2)), axis=1):
            part = audio.read(Span(start, end)).samples
            assert np.array_equal(part, whole[round(start * RATE) : round(end * RATE)])

    def test_times_between_two_pieces_go_with_the_nearer_one(self, audio):
        """A word may begin a moment before voice is found, or end after it."""
        first, second, _ = audio.pieces
        assert audio.clock(first.end + 0.1) == pytest.approx(first.span.end + 0.1)
        assert audio.clock(second.at - 0.1) == pytest.approx(second.span.start - 0.1)
        assert audio.clock(0.0) == 0.0

    def test_tracks_without_sound_are_no_audio(self, tmp_path):
        """Nothing is read."""
        tracks, _ = tracks_of(np.zeros((RATE, 2), dtype=np.float32), tmp_path)
        audio = spliced(tracks, np.zeros((32, 2), dtype=bool))
        assert (audio.duration, len(audio.read().samples), audio.clock(3.0)) == (0.0, 0, 3.0)


class TestOrder:
    @pytest.fixture
    def audio(self, tmp_path) -> SplicedAudio:
        """The first speaks from 0 to 4 and from 9 to 12 seconds, the second from 2 to 10."""
        tracks, _ = tracks_of(np.zeros((RATE * 12, 2), dtype=np.float32), tmp_path)
        own = np.zeros((375, 2), dtype=bool)
        own[:125, 0] = own[281:, 0] = own[62:312, 1] = True
        return spliced(tracks, own)

    def at(self, audio: SplicedAudio, track: int, time: float) -> float:
        """Where a time of the recording is in the spliced audio."""
        pieces = [each for each in audio.pieces if each.track == track]
        piece = next(each for each in pieces if each.span.start <= time <= each.span.end)
        return piece.at + time - piece.span.start

    def word(self, audio: SplicedAudio, track: int, text: str, start: float) -> Word:
        begin = self.at(audio, track, start)
        return said(text, begin, begin + 0.3)

    def height(self, *rows: tuple[float, float]) -> np.ndarray:
        return np.array(rows * (375 // len(rows)), dtype=np.float32)

    def test_words_of_all_tracks_are_in_order_of_time(self, audio):
        """Each with its track; a sentence ends at a pause that was shortened."""
        read = recognition(
            [self.word(audio, 0, "one", 3.0), self.word(audio, 0, "four", 9.5)],
            [self.word(audio, 1, "two", 3.1), self.word(audio, 1, "three", 3.6)],
        )
        found = by_time(read, audio, self.height((20, 20)))
        assert [(each.speaker, each.text) for each in found.segments] == [
            ("track-1", "one"),
            ("track-2", "two three"),
            ("track-1", "four"),
        ]
        assert [word.start for each in found.segments for word in each.words] == pytest.approx(
            [3.0, 3.1, 3.6, 9.5]
        )
        assert {word.speaker_confidence for each in found.segments for word in each.words} == {1.0}

    def test_a_segment_over_two_tracks_is_two(self, audio):
        """No sentence is two people's."""
        read = recognition([self.word(audio, 0, "one", 3.0), self.word(audio, 1, "two", 2.5)])
        found = by_time(read, audio, self.height((20, 20)))
        assert [(each.speaker, each.text) for each in found.segments] == [
            ("track-2", "two"),
            ("track-1", "one"),
        ]

    @pytest.mark.parametrize(
        ("heights", "kept"),
        [((20, 2), ["track-1"]), ((2, 20), ["track-2"]), ((20, 20), ["track-1", "track-2"])],
        ids=["comes over to the second", "comes over to the first", "both say it"],
    )
    def test_a_word_heard_twice_is_kept_where_it_is_louder(self, audio, heights, kept):
        """Unless it is loud in both: people do say the same at the same time."""
        read = recognition([self.word(audio, 0, "Yes.", 3.0)], [self.word(audio, 1, "yes", 3.05)])
        found = by_time(read, audio, self.height(heights))
        assert [each.speaker for each in found.segments] == kept

    def test_other_words_and_other_times_are_kept(self, audio):
        """However faint."""
        read = recognition(
            [self.word(audio, 0, "yes", 3.0)],
            [self.word(audio, 1, "no", 3.0), self.word(audio, 1, "yes", 3.5)],
        )
        found = by_time(read, audio, self.height((20, 2)))
        assert sum(len(each.words) for each in found.segments) == 3

    def test_what_was_removed_has_its_time_and_track_too(self, audio):
        """It can be put back."""
        removed = Removed(reason=Reason.REPEAT, words=(self.word(audio, 1, "so", 9.0),))
        (each,) = by_time(recognition(removed=(removed,)), audio, self.height((9, 9))).removed
        assert each.words[0].start == pytest.approx(9.0)
        assert each.words[0].speaker == "track-2"

    def test_a_word_that_mostly_comes_over_is_hardly_sure(self, audio):
        """Share of it in which its own track is above the other's sound."""
        read = recognition([self.word(audio, 0, "one", 3.0)])
        (found,) = by_time(read, audio, self.height((20, 2), (-5, 2))).segments
        assert 0.3 < found.words[0].speaker_confidence < 0.7


def heard(*turns: Turn) -> Diarization:
    return Diarization(
        turns=turns,
        exclusive_turns=turns,
        embeddings={},
        engine="y",
        channels={"track-1": "SPEAKER_01", "track-2": "SPEAKER_00"},
    )


class TestAttribution:
    def test_a_word_is_whose_track_it_is(self):
        """Whatever the turns say, and however much of a sentence somebody else says."""
        words = [said("I", 1.0, 1.2, speaker="track-1", speaker_confidence=1.0)]
        others = [said(text, 1.0, 2.0, speaker="track-2") for text in ("we", "all", "went")]
        (one, other) = attribute(recognition(words, others), heard(Turn(0.0, 3.0, "SPEAKER_00")))
        assert (one.speaker, one.text) == ("SPEAKER_01", "I")
        assert (other.speaker, other.text) == ("SPEAKER_00", "we all went")
        assert one.words[0].doubts == (Doubt.OVERLAP,)
        assert one.words[0].speaker_confidence == 1.0

    def test_a_faint_word_is_doubtful(self):
        """As one that two people's turns cover is."""
        words = [said("I", 1.0, 1.2, speaker="track-1", speaker_confidence=0.5)]
        (segment,) = attribute(recognition(words), heard())
        assert segment.words[0].doubts == (Doubt.SHARED,)

    def test_nobodys_words_go_by_the_turns(self):
        """A recogniser need not know tracks."""
        words = [said("I", 1.0, 1.2)]
        (segment,) = attribute(recognition(words), heard(Turn(0.0, 3.0, "SPEAKER_00")))
        assert segment.speaker == "SPEAKER_00"

    def test_sentences_for_a_language_model_are_one_persons(self):
        """Although they were said at the same time and neither ends with a stop."""
        one = [said("I", 1.0, 1.2, speaker="a"), said("went", 1.2, 2.0, speaker="a")]
        other = [said("yes", 1.1, 1.4, speaker="b")]
        assert [list(each) for each in sentence_ranges([*one, *other])] == [[0, 1], [2]]


@dataclass
class _HearsTones(ScriptedEngines):
    """Says which tone is the loudest in each half second; what is read is remembered."""

    heard: list[Audio] = field(default_factory=list)

    def recognise(
        self, audio: Audio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        self.calls.append("recognise")
        self.heard.append(audio)
        samples = audio.read().samples
        words = []
        for at in range(0, len(samples) - RATE // 2, RATE // 2):
            part = samples[at : at + RATE // 2]
            if np.sqrt(np.square(part).mean()) > 0.005:
                hertz = 2 * int(np.abs(np.fft.rfft(part)).argmax())
                words.append(said(str(hertz), at / RATE, at / RATE + 0.4))
        made = recognition(words) if words else recognition()
        return replace(made, engine=self.fingerprint)


class TestPipeline:
    @pytest.fixture
    def engines(self) -> _HearsTones:
        return _HearsTones()

    @pytest.fixture
    def call(self, tmp_path):
        """The second begins before the first has ended; each is heard in both microphones."""
        sound = in_a_room(voice([(1, 8)], LEFT), voice([(5, 13)], RIGHT), -20)
        soundfile.write(tmp_path / "call.wav", sound, RATE)
        return tmp_path / "call.wav"

    def made(self, workspace, path, **diarization):
        options = TranscribeOptions.model_validate({"diarization": diarization})
        return workspace.repository.get(transcribe(workspace, path, options).transcript_id)

    def test_each_speakers_words_come_from_their_own_track(self, workspace, engines, call):
        """Also while both speak; each sound is read once."""
        made = self.made(workspace, call, names=["Anna", "Ben"])
        by_name = {"Anna": set(), "Ben": set()}
        for word in made.words:
            by_name[made.display_name(word.speaker)].add(word.text)
        assert by_name == {"Anna": {"440"}, "Ben": {"700"}}
        both = [word for word in made.words if 5.5 < word.start < 7.5]
        assert {word.text for word in both} == {"440", "700"}
        seconds = {
            name: sum(word.text == name for word in made.words) / 2 for name in ("440", "700")
        }
        assert seconds["440"] == pytest.approx(7, abs=1)
        assert seconds["700"] == pytest.approx(8, abs=1)
        assert made.provenance.recogniser.startswith("tracks-1/scripted/")

    def test_the_mix_is_read_where_people_are_told_apart_by_voice(self, workspace, engines, call):
        """As is any recording in which channels are not people; its words are made anew."""
        self.made(workspace, call)
        made = self.made(workspace, call, split_channels=False)
        spliced_audio, mix = engines.heard
        assert isinstance(spliced_audio, SplicedAudio)
        assert isinstance(mix, StoredAudio)
        assert made.provenance.recogniser == "scripted/1"

    def test_names_do_not_decide_what_is_said(self, workspace, engines, call):
        """Words are found again."""
        self.made(workspace, call)
        self.made(workspace, call, speakers=2)
        assert len(engines.heard) == 1

    def test_a_mono_recording_is_read_as_before(self, workspace, engines, tmp_path):
        """From its own file."""
        self.made(workspace, write_audio(tmp_path / "mono.wav", voice([(1, 8)], LEFT)))
        (audio,) = engines.heard
        assert isinstance(audio, StoredAudio)

    def test_subtitles_name_everybody_who_is_interrupted(self, workspace, engines, call):
        """So that nobody's words are taken for another's."""
        made = self.made(workspace, call, names=["Anna", "Ben"])
        texts = [block.split("\n", 2)[2] for block in to_srt(made).decode().strip().split("\n\n")]
        speaker = ""
        for text in texts:
            name, _, rest = text.partition("] ") if text.startswith("[") else ("", "", text)
            speaker = name or speaker
            assert set(rest.split()) == {"440" if speaker == "[Anna" else "700"}
        for block in to_vtt(made).decode().strip().split("\n\n")[1:]:
            assert ("<v Anna>" in block) == ("440" in block)


@pytest.mark.real
class TestRealVoices:
    """Two people who speak at the same time for thirteen of fifteen seconds."""

    SPEAKERS = ("1998", "1688")

    @pytest.fixture(scope="class")
    def utterances(self, sample):
        """The text of each, and their sound."""
        rows = json.loads(sample.with_suffix(".seglst.json").read_text())[:4]
        found = {}
        for speaker in self.SPEAKERS:
            own = [row for row in rows if row["speaker"] == speaker]
            sounds = [self.cut(sample, row["start_time"], row["end_time"]) for row in own]
            found[speaker] = (" ".join(row["words"] for row in own), np.concatenate(sounds))
        return found

    def cut(self, sample, start, end):
        """A stretch of the sample, and a pause."""
        first, last = round(start * RATE), round(end * RATE)
        samples, _ = soundfile.read(sample, dtype="float32", start=first, stop=last)
        return np.pad(samples, (0, RATE // 2))

    @pytest.fixture(scope="class")
    def sound(self, utterances):
        """Both at once, the second a second later; each at -20 dB in the other's microphone."""
        one, two = (utterances[speaker][1] for speaker in self.SPEAKERS)
        two = np.pad(two, (RATE, 0))
        length = max(len(one), len(two)) + RATE
        return in_a_room(
            np.pad(one, (0, length - len(one))), np.pad(two, (0, length - len(two))), -20, 160
        )

    def scores(self, made, utterances) -> list[float]:
        rates = []
        for speaker in made.speakers:
            words = " ".join(word.text for word in made.words if word.speaker == speaker.label)
            rates.append(word_error_rate(utterances[speaker.name][0], words).rate)
        return rates

    def test_words_said_at_once_are_kept_for_each(self, home, tmp_path, sound, utterances):
        """As well as if each had been alone; of the mix more than half would be lost."""
        soundfile.write(tmp_path / "call.wav", sound, RATE)
        chosen = {
            "recognition": {"model": "tiny.en", "language": "en"},
            "diarization": {"model": "packaged", "names": self.SPEAKERS},
        }
        workspace = build_workspace(load_settings())
        options = TranscribeOptions.model_validate(chosen)
        result = transcribe(workspace, tmp_path / "call.wav", options)
        made = workspace.repository.get(result.transcript_id)
        rates = self.scores(made, utterances)
        assert len(rates) == 2
        assert max(rates) < 0.25
        starts = [segment.start for segment in made.segments]
        assert starts == sorted(starts)
