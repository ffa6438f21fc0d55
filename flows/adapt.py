"""People's recordings with their text to an adapter of a recognition model."""

import asyncio

from prefect import flow

from tasks.ending import in_a_sentence
from tasks.job import held_job
from tasks.names import named
from tasks.stages import Submitted, gather, install, judge, results_of, train
from trax.compose import process_workspace
from trax.pipelines.adapt import ADAPT, Adapted, adapt_job, adapted
from trax.stages.adapt_options import AdaptOptions


@in_a_sentence
@flow(
    name="adapt",
    description="Gather examples from recordings with their text, train an adapter, judge it, "
    "install it if it is worth it.",
    flow_run_name=named("adapt"),
    result_serializer="json",
)
async def adapt(options: AdaptOptions) -> Adapted:
    """Make an adapter; stages with kept results do not run, and training goes on where it stopped.

    Args:
        options: Name, recordings, the model that learns, how it is trained.
    """
    async with held_job(options.name, lambda: adapt_job(options)) as job:
        examples: Submitted = gather.submit(job)
        adapter: Submitted = train.submit(job, examples=examples)
        judgement: Submitted = judge.submit(job, examples=examples, adapter=adapter)
        installed: Submitted = install.submit(
            job, examples=examples, adapter=adapter, judgement=judgement
        )
        stages = await results_of((examples, adapter, judgement, installed))
        results = dict(zip(ADAPT.names, stages, strict=True))
        return await asyncio.to_thread(adapted, process_workspace(), job, results)
