"""What a language model writes about a transcript: one module for each kind of note.

What a note claims was said must stand in the transcript, word for word.
"""

from trax.enhance.notes.annotate import annotate_transcript

__all__ = ["annotate_transcript"]
