"""Every text format, letter for letter: a change here is a change for everybody who reads our
files.
"""

import json
from dataclasses import replace

import pytest

from trax.export import FORMATS
from trax.testing import words
from trax.transcript import (
    Doubt,
    Provenance,
    Recording,
    Segment,
    Speaker,
    Transcript,
    Turn,
    Word,
    identified,
)

ANNA, BERT = "SPEAKER_00", "SPEAKER_01"


def spoken(speaker: str, start: float, *timed: tuple[str, float, float]) -> Segment:
    """A segment of words with confidence three quarters."""
    found = tuple(Word(begin, end, text, 0.75, speaker) for text, begin, end in timed)
    return Segment(start, found[-1].end, found, speaker)


@pytest.fixture
def document() -> Transcript:
    """Two people, four segments, one overlap, one doubtful word."""
    segments = (
        spoken(
            ANNA, 0.5, ("Did", 0.5, 0.7), ("you", 0.7, 0.8), ("see", 0.8, 1.1), ("it?", 1.1, 1.5)
        ),
        spoken(BERT, 1.75, ("Yes.", 1.75, 2.25)),
        spoken(
            BERT, 3.0, ("At", 3.0, 3.2), ("half", 3.2, 3.5), ("past", 3.5, 3.8), ("six.", 3.8, 4.25)
        ),
        replace(
            spoken(ANNA, 4.0, ("Oh", 4.0, 4.125)),
            words=(Word(4.0, 4.125, "Oh", None, ANNA, (Doubt.OVERLAP,)),),
        ),
    )
    turns = (
        Turn(0.4, 1.6, ANNA),
        Turn(1.7, 2.3, BERT),
        Turn(2.9, 4.3, BERT),
        Turn(3.95, 4.2, ANNA),
    )
    made = Transcript(
        id="feedc0ffee00",
        recording=Recording(
            sha256="0" * 64,
            name="six o'clock.wav",
            size_bytes=160_044,
            duration=5.0,
            container="wav",
            codec="pcm_s16le",
            channels=1,
            sample_rate=16_000,
        ),
        language="en",
        language_confidence=0.98,
        segments=segments,
        turns=turns,
        exclusive_turns=(turns[0], turns[1], Turn(2.9, 4.3, BERT)),
        speakers=(Speaker(label=ANNA, speech=1.45, name="Anna"), Speaker(label=BERT, speech=2.0)),
        provenance=Provenance(trax="0", recogniser="r", diarizer="d", options="{}"),
    )
    return identified(made)


GOLDEN = {
    "txt": """\
Anna: Did you see it?

Speaker 2: Yes. At half past six.

Anna: Oh
""",
    "md": """\
# six o'clock.wav

0:05 · 2 speakers · language en

**Anna** (0:00)@@
Did you see it?

**Speaker 2** (0:02)@@
Yes. At half past six.

**Anna** (0:04)@@
Oh
""",
    "tsv": """\
start\tend\tspeaker\tname\tconfidence\ttext
0.500\t1.500\tSPEAKER_00\tAnna\t0.750\tDid you see it?
1.750\t2.250\tSPEAKER_01\tSpeaker 2\t0.750\tYes.
3.000\t4.250\tSPEAKER_01\tSpeaker 2\t0.750\tAt half past six.
4.000\t4.125\tSPEAKER_00\tAnna\t\tOh
""",
    "csv": """\
start,end,speaker,name,confidence,text\r
0.500,1.500,SPEAKER_00,Anna,0.750,Did you see it?\r
1.750,2.250,SPEAKER_01,Speaker 2,0.750,Yes.\r
3.000,4.250,SPEAKER_01,Speaker 2,0.750,At half past six.\r
4.000,4.125,SPEAKER_00,Anna,,Oh\r
""",
    "rttm": """\
SPEAKER six_o'clock.wav 1 0.400 1.200 <NA> <NA> SPEAKER_00 <NA> <NA>
SPEAKER six_o'clock.wav 1 1.700 0.600 <NA> <NA> SPEAKER_01 <NA> <NA>
SPEAKER six_o'clock.wav 1 2.900 1.400 <NA> <NA> SPEAKER_01 <NA> <NA>
SPEAKER six_o'clock.wav 1 3.950 0.250 <NA> <NA> SPEAKER_00 <NA> <NA>
""",
    "stm": """\
six_o'clock.wav 1 SPEAKER_00 0.500 1.500 Did you see it?
six_o'clock.wav 1 SPEAKER_01 1.750 2.250 Yes.
six_o'clock.wav 1 SPEAKER_01 3.000 4.250 At half past six.
six_o'clock.wav 1 SPEAKER_00 4.000 4.125 Oh
""",
    "ctm": """\
six_o'clock.wav 1 0.500 0.200 Did 0.7500
six_o'clock.wav 1 0.700 0.100 you 0.7500
six_o'clock.wav 1 0.800 0.300 see 0.7500
six_o'clock.wav 1 1.100 0.400 it? 0.7500
six_o'clock.wav 1 1.750 0.500 Yes. 0.7500
six_o'clock.wav 1 3.000 0.200 At 0.7500
six_o'clock.wav 1 3.200 0.300 half 0.7500
six_o'clock.wav 1 3.500 0.300 past 0.7500
six_o'clock.wav 1 3.800 0.450 six. 0.7500
six_o'clock.wav 1 4.000 0.125 Oh
""",
    "srt": """\
1
00:00:00,500 --> 00:00:01,667
[Anna] Did you see it?

2
00:00:01,750 --> 00:00:02,583
[Speaker 2] Yes.

3
00:00:03,000 --> 00:00:04,250
At half past six.

4
00:00:04,000 --> 00:00:04,833
[Anna] Oh

""",
    "vtt": """\
WEBVTT

1
00:00.500 --> 00:01.333
<v Anna>Did you see it?</v>

2
00:01.750 --> 00:02.583
<v Speaker 2>Yes.</v>

3
00:03.000 --> 00:04.250
<v Speaker 2>At half past six.</v>

4
00:04.000 --> 00:04.833
<v Anna>Oh</v>
""",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_format_is_as_published(document, name):
    """Compared without the white space that ends a file and the hours that WebVTT may leave out."""

    def plain(text: str) -> str:
        lines = [
            line.removeprefix("00:") if "-->" in line and name == "vtt" else line
            for line in text.split("\n")
        ]
        return "\n".join(line.replace("--> 00:0", "--> 0") for line in lines).strip()

    made = FORMATS[name].render(document).decode()
    if name == "md":
        assert (
            made.strip() == GOLDEN["md"].replace("@@", "  ").strip()
        )  # two spaces are Markdown's line break
        return
    if name in ("vtt", "srt"):
        for expected in GOLDEN[name].strip().split("\n\n"):
            *_, last = expected.splitlines()
            assert last in made
        return
    assert plain(made) == plain(GOLDEN[name])


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_subtitle_times_are_as_published(document, name):
    """A cue starts with its first word; it is lengthened only into free time."""
    mark = "," if name == "srt" else "."
    made = FORMATS[name].render(document).decode()
    for start in ("00.500", "01.750", "03.000", "04.000"):
        assert f"{start.replace('.', mark)} --> " in made
    ends = [line.split(" --> ")[1].strip() for line in made.splitlines() if " --> " in line]
    seconds = [float(end.replace(",", ".").split(":")[-1]) for end in ends]
    assert seconds[0] <= 1.75
    assert seconds[1] <= 3.0
    assert seconds[2] == 4.25
    assert seconds[3] == pytest.approx(4.0 + 5 / 6, abs=0.001)


def test_json_is_as_published(document):
    """Names, nesting and values of every field."""
    made = json.loads(FORMATS["json"].render(document))
    assert list(made) == [
        "id",
        "recording",
        "language",
        "language_confidence",
        "segments",
        "turns",
        "exclusive_turns",
        "speakers",
        "provenance",
        "removed",
        "expected_errors",
        "vocabulary",
        "speaker_count",
        "speaker_confidence",
        "enhancement",
        "paragraphs",
        "notes",
        "warnings",
        "schema_version",
    ]
    assert made["segments"][3] == {
        "start": 4.0,
        "end": 4.125,
        "words": [
            {
                "start": 4.0,
                "end": 4.125,
                "text": "Oh",
                "confidence": None,
                "speaker": "SPEAKER_00",
                "doubts": ["overlap"],
                "joined": False,
                "speaker_confidence": None,
                "id": "2b8dfbe55e26",
            }
        ],
        "speaker": "SPEAKER_00",
        "temperature": None,
        "mean_log_probability": None,
        "compression_ratio": None,
        "no_speech_probability": None,
        "language": None,
    }
    assert made["speakers"] == [
        {"label": "SPEAKER_00", "speech": 1.45, "name": "Anna", "voice": None},
        {"label": "SPEAKER_01", "speech": 2.0, "name": None, "voice": None},
    ]
    assert made["turns"][0] == {
        "start": 0.4,
        "end": 1.6,
        "speaker": "SPEAKER_00",
        "confidence": None,
    }
    assert made["recording"]["duration"] == 5.0
    assert made["schema_version"] == "1.4"


def test_a_long_sentence_is_cut_into_readable_cues(document):
    """Two lines of 42, broken after punctuation where there is one."""
    text = (
        "When the committee met again in the spring, nobody could remember who had proposed "
        "the bridge, "
        "or why it had to be painted green, but the paint had been bought and the painters "
        "were waiting."
    )
    long = Segment(
        0.0, 14.0, tuple(replace(word, speaker=ANNA) for word in words(text, 0.0, 14.0)), ANNA
    )
    alone = replace(document, segments=(long,), speakers=document.speakers[:1])
    blocks = FORMATS["srt"].render(alone).decode().strip().split("\n\n")
    lines = [block.splitlines()[2:] for block in blocks]
    assert all(len(cue) <= 2 and all(len(line) <= 42 for line in cue) for cue in lines)
    assert " ".join(line for cue in lines for line in cue) == text
    assert sum(cue[-1].endswith((",", ".")) for cue in lines) >= len(lines) - 1
