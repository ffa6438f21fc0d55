"""The use cases in plain Python: a recording through its stages to a transcript."""

from trax.pipeline.failure import FailureReport, render_failure
from trax.pipeline.job import FOLLOWING, Job, identify
from trax.pipeline.options import TranscribeOptions
from trax.pipeline.patience import RETRY_DELAYS, is_transient
from trax.pipeline.progress import Reporter, current_reporter, reporting
from trax.pipeline.running import STAGES, StageResult, load
from trax.pipeline.stages import annotate, diarize, enhance, ingest, merge, publish, recognise
from trax.pipeline.transcribe import JobResult, job_result, transcribe
from trax.pipeline.work import Work, begin
from trax.pipeline.workspace import Engines, Workspace

__all__ = [
    "FOLLOWING",
    "RETRY_DELAYS",
    "STAGES",
    "Engines",
    "FailureReport",
    "Job",
    "JobResult",
    "Reporter",
    "StageResult",
    "TranscribeOptions",
    "Work",
    "Workspace",
    "annotate",
    "begin",
    "current_reporter",
    "diarize",
    "enhance",
    "identify",
    "ingest",
    "is_transient",
    "job_result",
    "load",
    "merge",
    "publish",
    "recognise",
    "render_failure",
    "reporting",
    "transcribe",
]
