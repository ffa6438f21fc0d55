"""How a job is run when it is more than a function call."""

from trax.jobs.prefect_jobs import flow_entrypoint, run_flow

__all__ = ["flow_entrypoint", "run_flow"]
