"""``trax calibrate``."""

from pathlib import Path
from typing import Annotated

import typer

from trax.cli.edge import edge


def calibrate(
    manifest: Annotated[
        Path, typer.Argument(help="JSON list of recordings with their text; see below.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the calibration goes.")] = Path(
        "calibration.json"
    ),
    name: Annotated[str, typer.Option(help="What the recordings are, in words.")] = "",
) -> None:
    """Fit the confidence of words to recordings whose text you have.

    Each entry of the list has `file` (beside the list), `reference` (what is said), and where known
    `language` and `speaker`. All three plans read every recording; figures are cross-validated over
    speakers. Use the result with `TRAX_CALIBRATION=calibration.json`.

    **Examples**

    `trax calibrate corpus/manifest.json --name "our newsroom, 40 interviews"`
    """
    with edge():
        from trax.cli.fitting import calibrate_on

        calibrate_on(manifest, out, name or manifest.resolve().parent.name)
