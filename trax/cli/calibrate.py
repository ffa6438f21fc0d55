"""``trax calibrate``."""

from pathlib import Path
from typing import Annotated

import typer

from trax.cli.edge import edge, err, out


def calibrate(
    manifest: Annotated[
        Path, typer.Argument(help="JSON list of recordings with their text; see above.")
    ],
    target: Annotated[Path, typer.Option("--out", "-o", help="File for the calibration.")] = Path(
        "calibration.json"
    ),
    name: Annotated[str, typer.Option(help="What the recordings are, in words.")] = "",
) -> None:
    """Fit word confidence to recordings whose text you have.

    Each entry of the list has `file` (beside the list), `reference` (what is said), and, if known,
    `language` and `speaker`. All three plans read every recording; figures are cross-validated over
    speakers. Use the result with `TRAX_CALIBRATION=calibration.json`.

    **Example**

    `trax calibrate corpus/manifest.json --name "our newsroom, 40 interviews"`
    """
    with edge():
        from rich.progress import Progress

        from trax.compose import process_workspace
        from trax.service import calibration

        with Progress(console=err(), transient=True) as bar:
            task = bar.add_task("recognising", total=1.0)
            fitted = calibration.calibrate(
                process_workspace(), manifest, name, lambda share: bar.update(task, completed=share)
            )
        calibration.write_calibration(fitted, target)
        out().print(
            f"{target}: {fitted.words} words, area under the ROC curve {fitted.auc:.3f}, "
            f"calibration error {fitted.ece:.3f} (cross-validated)"
        )
