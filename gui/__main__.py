"""``python -m gui`` is the command ``tidewire``, except that it asks nothing at the first start."""

from gui.cli import main

if __name__ == "__main__":
    raise SystemExit(main(welcomes=False))
