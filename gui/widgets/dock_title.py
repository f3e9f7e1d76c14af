"""The title of a docked panel: one thin line that shows which panel has the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMenu, QToolButton, QWidget

from gui.symbol_link import GROUPS, PanelLink
from gui.theme import active, ui_font
from gui.widgets.plain_text import PlainLabel

PADDING = 5
MARK_HEIGHT = 2


class DockTitle(QWidget):
    """Name, pair and link group, float and close. ``collapse`` takes it away where a tab already says the name."""

    def __init__(self, dock: QDockWidget, link: PanelLink | None = None) -> None:
        super().__init__(dock)
        self._dock = dock
        self._link = link
        self._plain = dock.windowTitle()
        self._collapsed = False
        self._focused = False
        self._name = PlainLabel(dock.accessibleName(), self)
        self._name.setFont(ui_font(0.92, bold=True))
        self._name.setProperty("role", "muted")
        self._height = 0
        layout = QHBoxLayout(self)
        layout.setContentsMargins(7, 0, 2, 0)
        layout.setSpacing(0)
        layout.addWidget(self._name, 1)
        float_words, close_words = self.tr("Float or dock"), self.tr("Close")
        self.buttons = (
            self._button("□", float_words, lambda: dock.setFloating(not dock.isFloating())),
            self._button("×", close_words, dock.close),
        )
        if link is not None:
            self.group = self._group_button(link)
            layout.addWidget(self.group)
            link.changed.connect(self._show_link)
            link.regrouped.connect(self._show_link)
            self._show_link()
        for button in self.buttons:
            layout.addWidget(button)

    @property
    def is_collapsed(self) -> bool:
        """Whether the title is taken away."""
        return self._collapsed

    @property
    def is_marked(self) -> bool:
        """Whether it is marked as the one that has the keyboard."""
        return self._focused

    def collapse(self, collapsed: bool) -> None:
        """Take the title away or bring it back."""
        if collapsed != self._collapsed:
            self._collapsed = collapsed
            self.setVisible(not collapsed)
            self.updateGeometry()
            layout = self._dock.layout()
            if layout is not None:
                layout.invalidate()

    def show_focus(self, focused: bool) -> None:
        """Mark the panel as the one that has the keyboard."""
        if focused != self._focused:
            self._focused = focused
            self._name.setProperty("role", "" if focused else "muted")
            self._name.style().polish(self._name)
            self.update()

    def sizeHint(self) -> QSize:
        # Asked for thousands of times while docks find their places.
        if not self._height:
            self._height = QFontMetrics(self._name.font()).height() + PADDING
        return QSize(0, 0 if self._collapsed else self._height)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._height = 0
            self._show_link()
        super().changeEvent(event)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), active()
        painter.fillRect(self.rect(), theme.colour("raised"))
        if self._focused:
            painter.fillRect(0, 0, self.width(), MARK_HEIGHT, theme.colour("focus"))

    def _group_button(self, link: PanelLink) -> QToolButton:
        button = self._button("", self.tr("Link group"), None)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for name in GROUPS:
            menu.addAction(self.tr("Group %1").replace("%1", name), partial(link.join, name))
        menu.addAction(self.tr("Alone"), partial(link.join, ""))
        button.setMenu(menu)
        return button

    def _show_link(self) -> None:
        """Say the pair in the title, the group as a letter beside its colour; both in its tab, too."""
        link = self._link
        if link is None:
            return
        traded = link.group == GROUPS[0]
        self._name.setText(f"{self._dock.accessibleName()}  {link.symbol}")
        self._dock.setWindowTitle(
            self._plain if traded else f"{self._plain} · {link.group or '–'} {link.symbol}"
        )
        self.group.setText(link.group or "–")
        self.group.setIcon(_square(link.group))
        self.group.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        words = self.tr("Link group %1: panels of a group show the same pair").replace(
            "%1", link.group or "–"
        )
        self.group.setToolTip(words)
        self.group.setAccessibleName(f"{words}: {self._dock.accessibleName()}")

    def _button(self, mark: str, words: str, action: Callable[[], object] | None) -> QToolButton:
        button = QToolButton(self)
        button.setText(mark)
        button.setToolTip(words)
        button.setAccessibleName(f"{words}: {self._dock.accessibleName()}")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setProperty("role", "title")
        if action is not None:
            button.clicked.connect(action)
        return button


def _square(group: str) -> QIcon:
    theme = active()
    names = {"A": theme.focus, "B": theme.danger, "C": theme.good, "D": theme.warning}
    picture = QPixmap(10, 10)
    picture.fill(QColor(names.get(group, theme.muted)))
    return QIcon(picture)
