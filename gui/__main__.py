"""``python -m gui`` is the command ``tidewire``."""

from gui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
