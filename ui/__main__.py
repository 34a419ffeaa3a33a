"""``python -m ui`` is ``cjkrag``."""

from ui.cli import main

main()
