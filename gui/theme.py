"""Colours, fonts and style. Buy is blue and sell is orange, so that most colour-blind eyes tell them apart; a sign,
a shape or a word always stands beside the colour.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from core.domain.instrument import Side
from core.domain.mode import Mode

FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"
UI_FAMILY = "Inter"
FIGURE_FAMILY = "JetBrains Mono"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by meaning, as ``#rrggbb``. Text colours reach 4.5:1 on the surfaces they are used on."""

    window: str
    panel: str
    raised: str
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
    select: str
    demo: str
    paper: str
    live: str

    def colour(self, name: str) -> QColor:
        """Return one of the colours by its field name."""
        return QColor(getattr(self, name))

    def side(self, side: Side) -> QColor:
        """Colour of an order or taker side."""
        return QColor(self.buy if side is Side.BUY else self.sell)

    def signed(self, sign: int) -> QColor:
        """Colour of a change: up, down, or none."""
        return QColor(self.text if sign == 0 else self.buy if sign > 0 else self.sell)

    def mode(self, mode: Mode) -> QColor:
        """Colour of the band that says whose money is at stake."""
        return QColor({Mode.DEMO: self.demo, Mode.PAPER: self.paper, Mode.LIVE: self.live}[mode])


DARK = Theme(
    window="#0a0d12",
    panel="#0f131a",
    raised="#19202b",
    grid="#1b222d",
    border="#2a3442",
    focus="#6ea8fe",
    text="#dbe2ec",
    muted="#8b98ab",
    buy="#5aa9ff",
    sell="#ffa04d",
    buy_fill="#14406e",
    sell_fill="#6b3a0c",
    on_fill="#ffffff",
    good="#4cc38a",
    warning="#f2c14e",
    danger="#ff6b6b",
    select="#22314a",
    demo="#2f6f4f",
    paper="#6b5a1e",
    live="#9b1c2e",
)


@cache
def _load_fonts() -> None:
    for file in sorted(FONTS.glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(file))


@cache
def base_pixels() -> int:
    """Text height in pixels, following the system's font size but never so small that digits blur."""
    points = QFont().pointSizeF()
    return max(11, min(22, round(points * 4 / 3))) if points > 0 else 12


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


def apply_theme(app: QApplication, theme: Theme = DARK) -> None:
    """Give the whole program one look, whatever the desktop's."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette(theme))
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


def _style_sheet(theme: Theme) -> str:
    names = {field.name: getattr(theme, field.name) for field in fields(theme)}
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
QLineEdit, QComboBox, QAbstractSpinBox { background: @window; color: @text; border: 1px solid @border;
    border-radius: 2px; padding: 2px 5px; selection-background-color: @select; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus { border: 1px solid @focus; }
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
QLabel[role="muted"] { color: @muted; }
QLabel[role="error"] { color: @danger; }
QLabel[role="warning"] { color: @warning; }
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
