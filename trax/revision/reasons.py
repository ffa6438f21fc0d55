"""Why a decision does not fit another version, as sentences with codes."""

from trax.transcript.sentences import Sentences

REASONS = Sentences(
    {
        "unclear-word": "the word {word} at {at} s is not clearly one of the new version's words",
        "unknown-word": "there is no word {word}; neither version has a word with this id",
        "word-gone": "there is no word {word}; transcript {transcript} has no word with this id",
        "not-together": "these words do not stand side by side in one segment",
        "outside-segment": "the word {word} at {at} s lies outside of its segment, {start} to "
        "{end} s",
        "out-of-order": "the word {word} at {at} s starts before the word in front of it, {before} "
        "at {before_at} s",
        "speaker-gone": "there is no speaker {speaker}; transcript {transcript} has none with this "
        "label",
        "text-gone": "there is no removed text {word}; none removed from transcript {transcript} "
        "begins with this word",
        "not-silenced": "{start} to {end} s is not silenced as one",
        "not-there": "there is no {kind} {name}",
    }
)
"""Patterns by code; what an error says of what is not there is read alone."""
