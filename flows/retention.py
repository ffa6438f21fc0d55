"""What is kept no longer goes."""

from prefect import flow

from tasks.clean import clean_up
from tasks.names import named


@flow(
    name="retention",
    description="Remove audio and stage results that are kept no longer, orphans, and half "
    "uploads.",
    flow_run_name=named("retention"),
)
async def retention(dry_run: bool = False) -> int:
    """Remove what the settings say is kept no longer, and give how many objects went; each is in
    the audit log.

    Args:
        dry_run: Only list what would go.
    """
    return await clean_up(dry_run)
