"""The selection as it was heard: utterances that know where their sound begins and ends."""

from trax.stages.stems import Stems
from trax.voice.selection import Selection
from trax.work.running import load
from trax.work.values import StageResult
from trax.work.workspace import Workspace


def listened(workspace: Workspace, selection: StageResult, voices: StageResult) -> Selection:
    """What is said again, with the sound of each utterance."""
    chosen = load(workspace, Selection, selection, "selection.json")
    return load(workspace, Stems, voices, "stems.json").listened(chosen)
