"""What was said, joined to who spoke. Pure functions over values of `trax.transcript`."""

from trax.merge.sentences import sentences
from trax.merge.speakers import assign_speakers, attribute, split_by_speaker, tally

__all__ = ["assign_speakers", "attribute", "sentences", "split_by_speaker", "tally"]
