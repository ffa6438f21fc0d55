"""Every pipeline there is."""

from typing import Any

from trax.pipelines.adapt import ADAPT
from trax.pipelines.revoice import REVOICE
from trax.pipelines.transcribe import TRANSCRIBE
from trax.work.graph import Pipeline

PIPELINES: dict[str, Pipeline[Any]] = {each.name: each for each in (TRANSCRIBE, REVOICE, ADAPT)}
"""What jobs may be runs of, by name."""

STAGES = tuple(dict.fromkeys(name for each in PIPELINES.values() for name in each.names))
"""Names of all their stages, each once."""
