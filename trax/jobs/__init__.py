"""How a job is run when it is more than a function call."""

from trax.jobs.prefect_jobs import flow_entrypoint, load_block, run_flow
from trax.jobs.prefect_runs import PrefectRuns
from trax.jobs.prefect_setup import Choices, set_up
from trax.jobs.prefect_slots import device_limit, device_slot
from trax.jobs.runs import LIVING, LOST, Runs, RunState

__all__ = [
    "LIVING",
    "LOST",
    "Choices",
    "PrefectRuns",
    "RunState",
    "Runs",
    "device_limit",
    "device_slot",
    "flow_entrypoint",
    "load_block",
    "run_flow",
    "set_up",
]
