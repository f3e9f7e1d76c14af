"""Where the bundled program begins: the command ``tidewire``."""

from gui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
