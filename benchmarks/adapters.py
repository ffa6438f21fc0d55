"""What a domain adapter brings on spoken orders, and what it costs general speech.

``python -m benchmarks.adapters data WEIGHTS DATA`` gathers examples from the corpus as a job does:
the orders of ``domain/train``, a part of them kept to judge by, and general speech of other people
than those that are reported. ``train DATA WEIGHTS OUT [RECIPE]`` trains on them, on a GPU if there
is one (RECIPE is JSON), and goes on where it was stopped; if another model gathered them, WEIGHTS
hears the general speech first. ``figures WEIGHTS DATA OUT`` chooses the adapter's strength on what
was kept back, and reports the orders of ``domain/dev``, which nothing was learnt or chosen by, and
general clips of people that nothing else was done with; with a last word ``brief`` the adapter
alone, with ``kept`` on what was kept back: for another domain, whose list ``data`` is given as a
last word. ``refusals WEIGHTS DATA OUT`` trains on what must be refused. ``balanced MODELS OUT OUT``
reads with the plan of that name; MODELS has tiny.en and base. ``rounding WEIGHTS OUT`` compares the
adapter merged in int8 with the same in transformers.

WEIGHTS is a folder with a CTranslate2 Whisper model, DATA and OUT are folders.
"""

import sys
from collections.abc import Callable

from benchmarks.adapter_examples import data
from benchmarks.adapter_figures import figures
from benchmarks.adapter_plan import balanced
from benchmarks.adapter_refusals import refusals
from benchmarks.adapter_rounding import rounding
from benchmarks.adapter_training import train_on

_PARTS: dict[str, Callable[..., None]] = {
    "data": data,
    "train": train_on,
    "figures": figures,
    "refusals": refusals,
    "balanced": balanced,
    "rounding": rounding,
}


def main() -> None:
    """Run the part that is named."""
    part, *arguments = sys.argv[1:] or ["help"]
    if part not in _PARTS:
        sys.exit(__doc__)
    _PARTS[part](*arguments)


if __name__ == "__main__":
    main()
