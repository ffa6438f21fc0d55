"""How much new speech sounds like the voice that it should have, and like the old one."""

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.errors import InvalidOption, MissingPart, ModelUnavailable
from trax.stages.narration import reference_of, voice_name
from trax.stages.replacement import RevoiceOptions
from trax.voice.selection import Selection
from trax.work.values import Job
from trax.work.workspace import Workspace

_SHORTEST = 2.0  # seconds of speech that tell whose it is

Embedding = NDArray[np.float64]


class Likenesses:
    """Compares voices, where there is an engine that can."""

    def __init__(
        self, workspace: Workspace, job: Job[RevoiceOptions], selection: Selection
    ) -> None:
        self._engine = workspace.engines.voices.likeness()
        self._targets = {
            label: self._target(workspace, job, label, name)
            for label, name in selection.names.items()
        }

    def of(self, speaker: str, new: Waveform, old: Waveform) -> tuple[float | None, float | None]:
        """How much alike the *new* speech of a speaker and the *old* are, and the new speech and
        the voice it should have; ``None`` where there is too little to tell.
        """
        made = self._embedded(new)
        return _cosine(made, self._embedded(old)), _cosine(made, self._targets[speaker])

    def _target(
        self, workspace: Workspace, job: Job[RevoiceOptions], label: str, name: str
    ) -> Embedding | None:
        reference = reference_of(workspace, job, label, name)
        if reference is not None:
            return self._embedded(reference)
        wanted = voice_name(job, label, name)
        for voice in workspace.engines.voices.synthesiser().voices:
            if voice.name == wanted and voice.timbre:
                return np.asarray(voice.timbre)
        return None

    def _embedded(self, speech: Waveform) -> Embedding | None:
        if speech.duration < _SHORTEST:
            return None
        try:
            return self._engine.embed(speech)
        except (InvalidOption, MissingPart, ModelUnavailable):
            return None


def _cosine(one: Embedding | None, other: Embedding | None) -> float | None:
    return None if one is None or other is None else round(float(one @ other), 3)
