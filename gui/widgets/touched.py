"""Which lines of a widget a repaint is about: only those are painted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import QRect
from PySide6.QtGui import QRegion


def touched_lines(region: QRegion, start: int, high: int, count: int) -> list[int]:
    """Return the lines a region touches, ascending: ``count`` of them, ``high`` pixels each, the first at ``start``."""
    rects = cast(Iterable[QRect], region)  # it is one, but its stub does not say so
    lines = {
        line
        for rect in rects
        for line in range((rect.top() - start) // high, (rect.bottom() - start) // high + 1)
    }
    return sorted(line for line in lines if 0 <= line < count)
