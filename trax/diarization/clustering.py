"""How many speakers there are, and their voices: pieces of speech clustered by voice."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.diarization.agglomeration import Agglomeration, Voices
from trax.diarization.engine import DiarizationOptions
from trax.diarization.evidence import Evidence
from trax.diarization.links import Links, find_links, no_links
from trax.diarization.voice_space import voice_space
from trax.transcript import SpeakerCount

SAME_VOICE = -5.0
"""Score in nats above which two voices are taken for one speaker's."""

_STRICTER = (5.0, 15.0, 30.0, 60.0, 120.0, 240.0, np.inf)
"""Scores that are tried one after the other where more speakers were asked for."""

_BLOCK = 300  # pieces clustered at once, some six minutes of speech
_LEAST_SHARE = 0.005  # of all speech: a voice with less is nobody's, within these bounds:
_LEAST = 0.5  # seconds
_LEAST_AT_MOST = 5.0  # seconds
_CLEAR = 60.0  # nats: the largest margin that is stated

_ODDS = (-1.99, 0.045, 0.136)
"""Logarithm of the odds that the number is right without margins, and by nat of both margins.

Fitted to conversations made of clips and to recordings of meetings.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Speakers:
    """Everybody who speaks.

    Attributes:
        voices: a unit-length embedding for each, shape ``(speakers, numbers)``.
        count: evidence for their number; ``None`` if nobody speaks.
        others: voices with too little speech to be counted.
        others_seconds: seconds of speech of those.
    """

    voices: NDArray[np.float64]
    count: SpeakerCount | None
    others: int = 0
    others_seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """The pieces of a recording, ready to be clustered.

    Attributes:
        voices: one for each piece.
        links: what the windows say of each two.
        between: how much speakers differ in each dimension.
        least: seconds of speech from which a voice is a speaker's.
    """

    voices: Voices
    links: Links
    between: NDArray[np.float64]
    least: float


def find_speakers(evidence: Evidence, options: DiarizationOptions) -> Speakers:
    """Find the speakers whose voices are in *evidence*, within the number that *options* allow.

    Pieces are joined in blocks of some six minutes first, and then the voices of all blocks, so
    that ten hours cost ten times one hour. A voice with less than half a second of speech, or half
    a percent of it up to five seconds, is nobody's.
    """
    if not evidence.pieces:
        return Speakers(np.zeros((0, 0)), None)
    heard = _heard(evidence)
    fewest, most = options.bounds
    joined = _joined(heard, fewest)
    while joined.voices.large(heard.least) > most:
        joined.join()
    clusters = joined.voices
    by_speech = np.argsort(-clusters.seconds, kind="stable")
    wanted = max(clusters.large(heard.least), min(fewest, len(by_speech)), 1)
    kept = by_speech[: min(most, wanted)]
    found = clusters.only(kept)
    rest = clusters.only(by_speech[len(kept) :])
    count = _count(found, heard, joined.weakest)
    return Speakers(found.unit, count, len(rest.seconds), float(rest.seconds.sum()))


def _heard(evidence: Evidence) -> _Heard:
    space = voice_space()
    pieces = evidence.pieces
    embeddings = np.stack([piece.embedding for piece in pieces])
    units = np.stack([piece.voice for piece in pieces])
    seconds = np.array([piece.seconds for piece in pieces])
    least = min(_LEAST_AT_MOST, max(_LEAST, _LEAST_SHARE * float(seconds.sum())))
    voices = Voices.of_pieces(space(embeddings), units, seconds)
    return _Heard(voices, find_links(evidence), space.phi, least)


def _joined(heard: _Heard, fewest: int) -> Agglomeration:
    """Voices joined as far as they are one speaker's, or less far if *fewest* are wanted."""
    joined = _joined_above(heard, SAME_VOICE)
    for score in _STRICTER:
        if joined.voices.large(heard.least) >= fewest:
            break
        joined = _joined_above(heard, score)
    return joined


def _joined_above(heard: _Heard, score: float) -> Agglomeration:
    """Voices joined while any two have more than *score*."""
    pieces = len(heard.voices.seconds)
    blocks = np.array_split(np.arange(pieces), -(-pieces // _BLOCK))
    parts = [_joined_block(heard, block, score) for block in blocks]
    if len(parts) == 1:
        return parts[0]
    voices = parts[0].voices
    for part in parts[1:]:
        voices = voices.together(part.voices)
    joined = Agglomeration(voices, heard.between, no_links(len(voices.seconds)), heard.least)
    joined.weakest = min(part.weakest for part in parts)
    joined.join_while_above(score)
    return joined


def _joined_block(heard: _Heard, block: NDArray[np.int64], score: float) -> Agglomeration:
    voices = heard.voices.only(block)
    joined = Agglomeration(voices, heard.between, heard.links.only(block), heard.least)
    joined.join_while_above(score)
    return joined


def _count(found: Voices, heard: _Heard, weakest: float) -> SpeakerCount:
    """How clear the number is: what it would take to find one fewer, and one more."""
    links = no_links(len(found.seconds))
    nearest = Agglomeration(found, heard.between, links, heard.least).best()
    fewer = min(SAME_VOICE - nearest, _CLEAR)
    more = min(weakest - SAME_VOICE, _CLEAR)
    base, by_fewer, by_more = _ODDS
    odds = np.exp(base + by_fewer * fewer + by_more * more)
    return SpeakerCount(
        found=len(found.seconds),
        fewer=round(fewer, 1),
        more=round(more, 1),
        probability=round(float(odds / (1 + odds)), 2),
    )
