"""The use cases in plain Python: a recording through its stages to a transcript."""

from trax.pipeline.options import TranscribeOptions
from trax.pipeline.progress import Reporter, current_reporter, reporting
from trax.pipeline.stages import STAGES, StageResult, diarize, ingest, load, merge, publish, recognise
from trax.pipeline.transcribe import JobResult, job_result, transcribe
from trax.pipeline.workspace import Engines, Workspace

__all__ = [
    "STAGES",
    "Engines",
    "JobResult",
    "Reporter",
    "StageResult",
    "TranscribeOptions",
    "Workspace",
    "current_reporter",
    "diarize",
    "ingest",
    "job_result",
    "load",
    "merge",
    "publish",
    "recognise",
    "reporting",
    "transcribe",
]
