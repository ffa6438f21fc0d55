"""What was said, joined to who spoke. Pure functions over values of `trax.transcript`."""

from trax.merge.sentences import sentences
from trax.merge.speakers import assign_speakers, attribute, split_by_speaker, tally
from trax.merge.stitch import stitched
from trax.merge.voting import Voted, consensus
from trax.transcript import spelling

__all__ = [
    "Voted",
    "assign_speakers",
    "attribute",
    "consensus",
    "sentences",
    "spelling",
    "split_by_speaker",
    "stitched",
    "tally",
]
