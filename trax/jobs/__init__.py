"""How a job is run when it is more than a function call."""

from trax.jobs.prefect_jobs import flow_entrypoint, load_block, run_flow, setup_prefect

__all__ = ["flow_entrypoint", "load_block", "run_flow", "setup_prefect"]
