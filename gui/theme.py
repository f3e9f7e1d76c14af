"""Colours, fonts and style. Buy is blue and sell is orange, so that most colour-blind eyes tell them apart; a sign,
a shape or a word always stands beside the colour.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from core.domain.instrument import Side
from core.domain.mode import Mode

FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"
UI_FAMILY = "Inter"
FIGURE_FAMILY = "JetBrains Mono"
SMALLEST_PIXELS, LARGEST_PIXELS = 12, 22


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by meaning, as ``#rrggbb``. Text colours reach 4.5:1 on every surface they are used on.

    Surfaces: ``window`` behind everything, ``panel`` under figures, ``raised`` under controls and titles, ``field``
    where something is typed, ``select`` under a chosen row. ``buy`` and ``sell`` colour bids and asks, rises and
    falls, takers and orders; the ``_fill`` ones are surfaces for ``on_fill`` text, and so are ``demo``, ``paper``,
    ``live``, ``replay`` and the ``_back`` ones.
    """

    name: str
    window: str
    panel: str
    raised: str
    field: str
    select: str
    grid: str
    border: str
    focus: str
    text: str
    muted: str
    buy: str
    sell: str
    buy_fill: str
    sell_fill: str
    on_fill: str
    good: str
    warning: str
    danger: str
    good_back: str
    warning_back: str
    danger_back: str
    demo: str
    paper: str
    live: str
    replay: str

    def colour(self, name: str) -> QColor:
        """Return one of the colours by its field name."""
        return _colour(getattr(self, name))

    def side(self, side: Side) -> QColor:
        """Colour of an order or taker side."""
        return _colour(self.buy if side is Side.BUY else self.sell)

    def signed(self, sign: int) -> QColor:
        """Colour of a change: up, down, or none."""
        return _colour(self.text if sign == 0 else self.buy if sign > 0 else self.sell)

    def mode(self, mode: Mode) -> QColor:
        """Colour of the band that says whose money is at stake."""
        return _colour(getattr(self, mode.value))


@cache
def _colour(text: str) -> QColor:
    # Cells ask for colours thousands of times a second; nobody changes the one they get.
    return QColor(text)


DARK = Theme(
    name="dark",
    window="#07090d",
    panel="#0d1117",
    raised="#171d27",
    field="#07090d",
    select="#1c2b45",
    grid="#161c26",
    border="#2b3544",
    focus="#6ea8fe",
    text="#d8dfea",
    muted="#8b97aa",
    buy="#58a6ff",
    sell="#ff9e4a",
    buy_fill="#14406e",
    sell_fill="#6b3a0c",
    on_fill="#ffffff",
    good="#4cc38a",
    warning="#f2c14e",
    danger="#ff7272",
    good_back="#0c3b26",
    warning_back="#4a3a08",
    danger_back="#6d1523",
    demo="#1f6b4a",
    paper="#6b5a1e",
    live="#a3152b",
    replay="#5b2e91",
)

LIGHT = Theme(
    name="light",
    window="#dfe4ea",
    panel="#fbfcfd",
    raised="#eceff3",
    field="#ffffff",
    select="#d3e2f8",
    grid="#e6eaef",
    border="#b4bfcc",
    focus="#1857c4",
    text="#10161f",
    muted="#4a5566",
    buy="#0a4fa6",
    sell="#8f3d00",
    buy_fill="#0a4fa6",
    sell_fill="#8f3d00",
    on_fill="#ffffff",
    good="#0b5d38",
    warning="#6b4c00",
    danger="#a50f1f",
    good_back="#0b5d38",
    warning_back="#6b4c00",
    danger_back="#a50f1f",
    demo="#1f6b4a",
    paper="#6b5a1e",
    live="#a3152b",
    replay="#5b2e91",
)

HIGH_CONTRAST = Theme(
    name="high contrast",
    window="#000000",
    panel="#000000",
    raised="#101010",
    field="#000000",
    select="#00325f",
    grid="#2a2a2a",
    border="#8a8a8a",
    focus="#ffe14d",
    text="#ffffff",
    muted="#d0d0d0",
    buy="#7cc4ff",
    sell="#ffb066",
    buy_fill="#00458a",
    sell_fill="#7a3b00",
    on_fill="#ffffff",
    good="#6dffb3",
    warning="#ffe14d",
    danger="#ff9a9a",
    good_back="#00401f",
    warning_back="#4d3d00",
    danger_back="#7a0014",
    demo="#00522f",
    paper="#5c4a00",
    live="#9c0018",
    replay="#5b2e91",
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
_active = DARK


def active() -> Theme:
    """Return the theme the program is drawn in."""
    return _active


@cache
def _load_fonts() -> None:
    for file in sorted(FONTS.glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(file))


@cache
def base_pixels() -> int:
    """Text height in pixels: the system's font size, but never so small that digits blur nor so large that none fit."""
    size = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).pixelSize()
    return max(SMALLEST_PIXELS, min(LARGEST_PIXELS, size))


def ui_font(scale: float = 1.0, *, bold: bool = False) -> QFont:
    """Font of labels and buttons."""
    _load_fonts()
    font = QFont(UI_FAMILY)
    font.setPixelSize(max(9, round(base_pixels() * scale)))
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def figure_font(scale: float = 1.0, *, bold: bool = False) -> QFont:
    """Font of numbers: every digit is as wide as every other."""
    _load_fonts()
    font = QFont(FIGURE_FAMILY)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(max(9, round(base_pixels() * scale)))
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    return font


BOX_OUTLINE = 140
"""Percent by which the style darkens the window's colour for an outline."""

STYLED = "tidewire_styled"
"""Property of an application whose style is ours."""


def apply_theme(app: QApplication, theme: Theme = DARK) -> None:
    """Give the whole program one look, whatever the desktop's."""
    global _active
    _active = theme
    if not app.property(STYLED):
        # Once: another style would cost a quarter of a second and pull the old one from under whatever is drawn.
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setProperty(STYLED, True)
    app.setPalette(_palette(theme))
    app.setPalette(_box_palette(theme), "QCheckBox")  # type: ignore[arg-type]  # the stub asks for bytes, the call for a str
    app.setFont(ui_font())
    app.setStyleSheet(_style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.danger,
        QPalette.ColorRole.Link: theme.focus,
        QPalette.ColorRole.Highlight: theme.select,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.Mid: theme.border,
        QPalette.ColorRole.Dark: theme.window,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette


def _box_palette(theme: Theme) -> QPalette:
    """The outline of a box to tick is derived from the window's colour: on a dark one nobody would see it."""
    palette = _palette(theme)
    palette.setColor(QPalette.ColorRole.Window, QColor(theme.muted).lighter(BOX_OUTLINE))
    palette.setColor(QPalette.ColorRole.Base, QColor(theme.field))
    return palette


def _style_sheet(theme: Theme) -> str:
    names = {field.name: getattr(theme, field.name) for field in fields(theme) if field.name != "name"}
    sheet = _SHEET
    for name in sorted(names, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", names[name])
    return sheet


_SHEET = """
QMainWindow::separator { background: @window; width: 3px; height: 3px; }
QDockWidget { color: @muted; }
QDockWidget::title { background: @raised; padding: 3px 6px; text-align: left; }
QDockWidget > QWidget { border: 1px solid @grid; }
QTabBar::tab { background: @panel; color: @muted; padding: 4px 10px; border: 0; border-top: 2px solid @panel; }
QTabBar::tab:selected { background: @raised; color: @text; border-top: 2px solid @focus; }
QTabBar::tab:hover { color: @text; }
QTableView { background: @panel; border: 0; gridline-color: @grid; selection-background-color: @select; }
QTableView:focus { border: 1px solid @focus; }
QHeaderView { background: @panel; }
QHeaderView::section { background: @panel; color: @muted; border: 0; border-bottom: 1px solid @border;
    padding: 3px 6px; }
QLineEdit, QComboBox, QAbstractSpinBox { background: @field; color: @text; border: 1px solid @border;
    border-radius: 2px; padding: 2px 5px; selection-background-color: @select; placeholder-text-color: @muted; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus { border: 1px solid @focus; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: 0; }
QAbstractSpinBox { padding: 1px 7px 1px 5px; }
QComboBox::drop-down { border: 0; width: 18px; }
QComboBox::down-arrow { width: 0; height: 0; border-left: 4px solid @field; border-right: 4px solid @field;
    border-top: 5px solid @muted; }
QComboBox::down-arrow:disabled { border-top: 5px solid @panel; border-left-color: @panel; border-right-color: @panel; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { background: @panel; color: @muted; }
QLineEdit[invalid="true"] { border: 1px solid @danger; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @border; selection-background-color: @select; }
QPushButton { background: @raised; color: @text; border: 1px solid @border; border-radius: 2px; padding: 3px 8px; }
QPushButton:hover { border: 1px solid @muted; }
QPushButton:focus { border: 1px solid @focus; }
QPushButton:checked { background: @select; border: 1px solid @focus; }
QPushButton:disabled { color: @muted; background: @panel; }
QPushButton[side="buy"]:checked, QPushButton[send="buy"] {
    background: @buy_fill; color: @on_fill; border: 1px solid @buy; }
QPushButton[side="sell"]:checked, QPushButton[send="sell"] {
    background: @sell_fill; color: @on_fill; border: 1px solid @sell; }
QPushButton[send="none"], QPushButton[send]:disabled { background: @panel; color: @muted; border: 1px solid @border; }
QPushButton[flat="true"] { background: transparent; border: 0; padding: 2px 6px; color: @muted; }
QPushButton[flat="true"]:checked { color: @text; background: @select; }
QPushButton[flat="true"]:focus { border: 1px solid @focus; }
QDialog#palette { background: @raised; border: 2px solid @focus; }
QListWidget, QTableWidget { background: @panel; border: 1px solid @border; selection-background-color: @select; }
QTableCornerButton::section { background: @panel; border: 0; border-bottom: 1px solid @border; }
QListWidget:focus { border: 1px solid @focus; }
QListWidget::item:selected { background: @select; color: @text; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="good"] { color: @good; }
QLabel[role="error"] { color: @danger; }
QLabel[role="warning"] { color: @warning; }
QLabel[role="killed"] { background: @danger; color: @window; padding: 3px 6px; }
QPushButton[kill="armed"] { color: @danger; border: 1px solid @danger; }
QPushButton[arm="on"] { background: @danger; color: @window; border: 1px solid @danger; padding: 2px 5px; }
QPushButton[arm="off"] { color: @muted; padding: 2px 5px; }
QPushButton[kill="armed"]:hover { background: @danger; color: @window; }
QStatusBar { background: @raised; color: @text; }
QStatusBar::item { border: 0; }
QMenuBar { background: @raised; color: @text; }
QMenuBar::item { padding: 3px 9px; }
QMenuBar::item:selected, QMenu::item:selected { background: @select; }
QMenu { background: @raised; border: 1px solid @border; }
QScrollBar:vertical { background: @panel; width: 9px; margin: 0; }
QScrollBar:horizontal { background: @panel; height: 9px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; min-height: 24px; min-width: 24px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; }
QScrollArea { border: 0; background: @panel; }
QCheckBox { spacing: 5px; }
"""
