"""What a worker knows of the processes of runs without importing what they need."""

from collections.abc import Mapping
from pathlib import Path


def execute(flow_run_id: str, environment: Mapping[str, str], lock: Path) -> None:
    """Run a flow run in this process, a fork of one that has imported everything; see
    `run_process`.
    """
    from trax.orchestration.run_process import run_in_fork

    run_in_fork(flow_run_id, environment, lock)
