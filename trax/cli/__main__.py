"""``python -m trax.cli``."""

from trax.cli import main

main()
