"""What transcripts warn of, as sentences with codes."""

from collections.abc import Iterable, Iterator

from trax.transcript.sentences import Sentences, Told

WARNINGS = Sentences(
    {
        "more-than-stated": "the file holds more sound than its header states; all of it was read",
        "ends-early-bytes": "the file ends early: it declares {declared} bytes and has {actual}",
        "ends-early": "the file ends early: it declares {declared} and {decoded} could be decoded",
        "part-left-out": "a later part of the file was left out: {reason}",
        "packets-skipped": "{count:d} damaged packets were skipped",
        "too-loud": "the sound is louder than its format should hold; it was made {decibels} dB "
        "quieter before it was read",
        "very-quiet": "the recording is very quiet; it was made {decibels} dB louder before it was "
        "read",
        "upside-down": "some channels are upside down and would silence each other in the mix; "
        "they were turned round for {duration}",
        "language-doubtful-more": "it is doubtful which language is spoken at {places} and {more} "
        "more places",
        "language-doubtful": "it is doubtful which language is spoken at {places}",
        "language-second": "part of the recording may be in another language ({language})",
        "language-foreign-more": "another language is spoken at {places} and {more} more places; "
        "read each window in its own language",
        "language-foreign": "another language is spoken at {places}; read each window in its own "
        "language",
        "no-room": "the model has no room for all that it was told: the last {hotwords} of {words} "
        "hotwords and the first {characters} of {all} characters of the prompt were left out",
        "no-room-hotwords": "the model has no room for all that it was told: the last {hotwords} "
        "of {words} hotwords were left out",
        "no-room-prompt": "the model has no room for all that it was told: the first {characters} "
        "of {all} characters of the prompt were left out",
        "fewer-speakers": "{asked:d} speakers were asked for; the voices of {count:d} could be "
        "told apart",
        "speakers-doubtful": "the number of speakers is doubtful: {found} were found, {other} are "
        "almost as likely",
        "voice-not-counted": "1 voice with {seconds} s of speech in all went to the nearest "
        "speakers",
        "voices-not-counted": "{count:d} voices with {seconds} s of speech in all went to the "
        "nearest speakers",
        "no-word-more": "somebody seems to speak at {places} and {more} more ({total} in all), but "
        "no word was recognised there",
        "no-word": "somebody seems to speak at {places}, but no word was recognised there",
        "part-not-looked-at": "{task}: 1 part was not looked at ({reasons}); running the job again "
        "asks for those",
        "parts-not-looked-at": "{task}: {count:d} parts were not looked at ({reasons}); running "
        "the job again asks for those",
        # Parts of one warning: they come last, as they say so little.
        "streams": "the file has {count:d} audio streams",
        "streams-together": "streams {which} were read together",
        "stream-read": "stream {which} was read",
        "none-speaks": "nobody speaks in any of them",
        "others-silent": "nobody speaks in {count:d} others",
        "streams-silent": "nobody speaks in streams {which}",
        "stream-silent": "nobody speaks in stream {which}",
        "streams-heard": "what is said in streams {which} is heard there too",
        "stream-heard": "what is said in stream {which} is heard there too",
        "streams-left-out": "streams {which} were left out",
        "stream-left-out": "stream {which} was left out",
    }
)
"""Patterns by code."""


def told(warnings: Iterable[str]) -> Iterator[Told]:
    """What warnings say. One about several things is several; of one about a track, the code is
    that of what is said about it, and `file` names the track.

    >>> [each.code for each in told(["the file has 2 audio streams; stream 2 was read", "?"])]
    ['streams', 'stream-read', '']
    """
    for warning in warnings:
        yield from _told(warning)


def _told(warning: str) -> list[Told]:
    whole = WARNINGS.told(warning)
    if whole.code:
        return [whole]
    parts = [WARNINGS.told(part) for part in warning.split("; ")]
    if all(each.code for each in parts):
        return parts
    file, colon, rest = warning.partition(": ")
    inner = _told(rest) if colon else []
    if inner and all(each.code for each in inner):
        return [Told(each.text, each.code, {**each.about, "file": file}) for each in inner]
    return [whole]
