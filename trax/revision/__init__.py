"""Editing as values: operations on ids of words, each with an inverse, and their way to new
versions.
"""

from trax.revision.editing import apply, inverse
from trax.revision.insisting import insisted
from trax.revision.operations import (
    SURE,
    AddSpeaker,
    Delete,
    Insert,
    Join,
    Label,
    Operation,
    Piece,
    Relabel,
    RemoveSpeaker,
    Rename,
    Replace,
    Restore,
    Silence,
    Split,
    Together,
    Unsilence,
    Withdraw,
    operation_from,
    relabelled,
)
from trax.revision.reasons import REASONS
from trax.revision.rebase import Misfit, Rebased, rebase
from trax.revision.removed import restored
from trax.revision.sheet import Sheet
from trax.revision.undo import undone
from trax.revision.writing import Wish, Write, operation_for

__all__ = [
    "REASONS",
    "SURE",
    "AddSpeaker",
    "Delete",
    "Insert",
    "Join",
    "Label",
    "Misfit",
    "Operation",
    "Piece",
    "Rebased",
    "Relabel",
    "RemoveSpeaker",
    "Rename",
    "Replace",
    "Restore",
    "Sheet",
    "Silence",
    "Split",
    "Together",
    "Unsilence",
    "Wish",
    "Withdraw",
    "Write",
    "apply",
    "insisted",
    "inverse",
    "operation_for",
    "operation_from",
    "rebase",
    "relabelled",
    "restored",
    "undone",
]
