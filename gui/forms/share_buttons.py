"""Buttons for shares of what is available."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.widgets.fitting_button import FittingButton

SHARES = (25, 50, 75, 100)


def share_buttons(take: Callable[[int], None], parent: QWidget) -> QHBoxLayout:
    """Return a row of buttons; each calls ``take`` with its percent."""
    row = QHBoxLayout()
    row.setSpacing(3)
    for share in SHARES:
        button = FittingButton(parent)
        button.show_text(f"{share}%")
        button.setAccessibleName(parent.tr("%1 percent of available").replace("%1", str(share)))
        button.clicked.connect(partial(_clicked, take, share))
        row.addWidget(button)
    return row


def _clicked(take: Callable[[int], None], share: int, _: bool = False) -> None:
    take(share)
