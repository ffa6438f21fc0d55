"""Reads every file of a folder as Trax would, one line a file: run as a process, so that a crash is
seen.
"""

import faulthandler
import sys
import tempfile
from pathlib import Path

from trax.audio import Limits, decode_to_flac, probe
from trax.errors import InputError


def main(folder: str) -> None:
    """Print the file's name and ``ok`` or ``refused``; anything else ends the process."""
    faulthandler.enable()
    limits = Limits(duration=600.0)
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(Path(folder).iterdir()):
            try:
                probe(path, limits)
                decoded = decode_to_flac(path, Path(scratch) / "out.flac", limits)
                verdict = "ok" if 0 < decoded.duration <= limits.duration else "impossible"
            except InputError as error:
                verdict = (
                    "refused" if "\n" not in str(error) and str(path) in str(error) else "unclear"
                )
            print(path.name, verdict, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
