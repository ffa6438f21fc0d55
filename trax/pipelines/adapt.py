"""People's recordings with their text to an adapter of a recognition model."""

import hashlib
import json
from dataclasses import dataclass

from trax.adapters.card import AdapterCard
from trax.adapters.gathering import Gathered
from trax.pipelines.runner import run_stages
from trax.progress import StageRun
from trax.stages.adapt_options import AdaptOptions
from trax.stages.gather import GATHER
from trax.stages.install import INSTALL
from trax.stages.judge import JUDGE
from trax.stages.train import TRAIN
from trax.store import JobRequest
from trax.work.graph import Pipeline
from trax.work.hold import holding
from trax.work.values import Job, Results
from trax.work.workspace import Workspace

ADAPT = Pipeline(
    name="adapt",
    options=AdaptOptions,
    stages=(
        GATHER,
        TRAIN.reading(examples="gather"),
        JUDGE.reading(examples="gather", adapter="train"),
        INSTALL.reading(examples="gather", adapter="train", judgement="judge"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """What a job leaves.

    Attributes:
        card: of the adapter, whether it was installed or not.
        gathered: what was learnt from, and what was set aside.
        runs: how each stage went, in the pipeline's order.
    """

    job_id: str
    card: AdapterCard
    gathered: Gathered
    runs: tuple[StageRun, ...]

    @property
    def is_installed(self) -> bool:
        """Whether it was judged good."""
        return self.card.judgement is None or not self.card.judgement.refusals


def adapt_job(
    options: AdaptOptions, account: str = "", folder_id: str | None = None
) -> Job[AdaptOptions]:
    """The job that makes an adapter with *options*.

    Args:
        account: whose it is; empty if it is nobody's, and everybody's to read with.
        folder_id: the folder in which it is shared.
    """
    chosen = options.model_dump(mode="json")
    made_of = [ADAPT.name, chosen, account] if account else [ADAPT.name, chosen]
    key = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode())
    request = JobRequest(
        pipeline=ADAPT.name,
        key=key.hexdigest(),
        recording_sha256=None,
        name=options.name,
        source=options.sources[0],
        size_bytes=0,
        options=chosen,
        account=account,
        folder_id=folder_id,
    )
    return Job(request=request, options=options)


def adapt(
    workspace: Workspace, options: AdaptOptions, account: str = "", folder_id: str | None = None
) -> Adapted:
    """Make an adapter in plain Python; finished stages and steps of the training are kept. The
    arguments are those of `adapt_job`.

    Raises:
        TraxError: what went wrong; the next try continues after what was done.
    """
    job = adapt_job(options, account, folder_id)
    with holding(workspace, job):
        return adapted(workspace, job, run_stages(ADAPT, workspace, job))


def adapted(workspace: Workspace, job: Job[AdaptOptions], results: Results) -> Adapted:
    """What a job leaves, from its stages' results."""
    local = workspace.objects.local_path
    card = local(results[INSTALL.name].outputs["card.json"])
    report = local(results[GATHER.name].outputs["gathered.json"])
    return Adapted(
        job_id=job.id,
        card=AdapterCard.model_validate_json(card.read_bytes()),
        gathered=Gathered.model_validate_json(report.read_bytes()),
        runs=tuple(results[name].run for name in ADAPT.names),
    )
