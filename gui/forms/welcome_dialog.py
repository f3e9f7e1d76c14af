"""The first start: whose money, told in three cards; live asks for the key and shows its passport (product C6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.app.key_check import KeyReport, key_pair
from core.domain.errors import StartError, TerminalError
from core.domain.mode import Mode
from core.runtime.secrets import KeyPair
from gui.bridge import Bridge
from gui.theme import active, base_pixels, ui_font
from gui.widgets.plain_text import PlainLabel

Ask = Callable[[KeyPair], Awaitable[KeyReport]]
Keep = Callable[[KeyPair], Awaitable[None]]
WIDTH, HEIGHT = 60, 30
"""In heights of the font: room for every word at any size."""


class WelcomeDialog(QDialog):
    """Opened with ``open()``. ``chosen`` carries the mode; closing it chooses nothing.

    ``ask`` asks the exchange what a key may do, ``keep`` puts it into the system's keychain.
    """

    chosen = Signal(Mode)

    def __init__(self, bridge: Bridge, ask: Ask, keep: Keep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setWindowTitle(self.tr("Welcome to Tidewire"))
        self.setMinimumSize(WIDTH * base_pixels(), HEIGHT * base_pixels())
        self.buttons: dict[Mode, QPushButton] = {}
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._cards())
        self.key_page = KeyPage(bridge, ask, keep, self)
        self.key_page.back.clicked.connect(lambda: self._pages.setCurrentIndex(0))
        self.key_page.kept.connect(lambda: self._choose(Mode.LIVE))
        self._pages.addWidget(self.key_page)
        layout = QVBoxLayout(self)
        layout.addWidget(self._pages)

    def _cards(self) -> QWidget:
        page = QWidget(self)
        title = PlainLabel(self.tr("Whose money is at stake?"), page)
        title.setFont(ui_font(1.4, bold=True))
        hint = PlainLabel(
            self.tr("This is asked once. File → Mode at next start changes it, and so does --mode."), page
        )
        hint.setProperty("role", "muted")
        row = QHBoxLayout()
        row.setSpacing(12)
        for mode, words in self._words().items():
            row.addWidget(self._card(mode, words, page), 1)
        layout = QVBoxLayout(page)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addLayout(row, 1)
        layout.addWidget(hint)
        self.buttons[Mode.DEMO].setDefault(True)
        return page

    def _words(self) -> dict[Mode, tuple[str, str]]:
        return {
            Mode.DEMO: (
                self.tr("Start the demo"),
                self.tr(
                    "An exchange inside this program with markets of its own.\n\nNo account, no network. "
                    "Lines can be cut on purpose to see what the terminal does."
                ),
            ),
            Mode.PAPER: (
                self.tr("Trade on paper"),
                self.tr(
                    "Kraken's real market, play money.\n\nOrders never leave this computer. They queue behind "
                    "the volume shown and pay real fees. No account."
                ),
            ),
            Mode.LIVE: (
                self.tr("Go live…"),
                self.tr(
                    "Your Kraken account, real money.\n\nNeeds an API key that can trade and cannot withdraw. "
                    "It is kept in this system's keychain alone."
                ),
            ),
        }

    def _card(self, mode: Mode, words: tuple[str, str], parent: QWidget) -> QWidget:
        card = QFrame(parent)
        card.setFrameShape(QFrame.Shape.StyledPanel)
        band = PlainLabel(mode.word, card)
        band.setAlignment(Qt.AlignmentFlag.AlignCenter)
        band.setFont(ui_font(1.1, bold=True))
        _fill(band, active().mode(mode), active().colour("on_fill"))
        text = PlainLabel(words[1], card)
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        button = self.buttons[mode] = QPushButton(words[0], card)
        button.setAccessibleDescription(words[1])
        button.clicked.connect(partial(self._picked, mode))
        layout = QVBoxLayout(card)
        layout.setSpacing(10)
        layout.addWidget(band)
        layout.addWidget(text, 1)
        layout.addWidget(button)
        return card

    def _picked(self, mode: Mode) -> None:
        if mode is Mode.LIVE:
            self._pages.setCurrentWidget(self.key_page)
            self.key_page.key.setFocus()
        else:
            self._choose(mode)

    def _choose(self, mode: Mode) -> None:
        self.chosen.emit(mode)
        self.accept()


class KeyPage(QWidget):
    """Takes a key, shows its passport, keeps it. ``kept`` says that it lies in the keychain."""

    kept = Signal()

    def __init__(self, bridge: Bridge, ask: Ask, keep: Keep, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ask = ask
        self._keep = keep
        self._keys: KeyPair | None = None
        self.key = self._field(self.tr("API key"))
        self.secret = self._field(self.tr("API secret"))
        self.passport = PlainLabel(self)
        self.passport.setWordWrap(True)
        self.passport.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.passport.setAccessibleName(self.tr("Passport of the key"))
        self.back = QPushButton(self.tr("Back"), self)
        self.check = QPushButton(self.tr("Check the key"), self)
        self.go_on = QPushButton(self.tr("Keep the key and go live"), self)
        self.check.clicked.connect(self._check)
        self.go_on.clicked.connect(self._store)
        self._lay_out()
        self._typed()

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(name)
        field.textChanged.connect(self._typed)
        return field

    def _lay_out(self) -> None:
        title = PlainLabel(self.tr("The key of your Kraken account"), self)
        title.setFont(ui_font(1.4, bold=True))
        words = PlainLabel(
            self.tr(
                "Make it at Kraken under Settings, API: query funds, query and modify orders, cancel orders, "
                "WebSocket. Leave every withdrawal permission off: a key that can withdraw is refused."
            ),
            self,
        )
        words.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.check)
        row.addWidget(self.go_on)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(title)
        layout.addWidget(words)
        fields = QFormLayout()
        fields.addRow(PlainLabel(self.key.accessibleName(), self), self.key)
        fields.addRow(PlainLabel(self.secret.accessibleName(), self), self.secret)
        layout.addLayout(fields)
        layout.addWidget(self.passport, 1)
        layout.addLayout(row)

    def _typed(self) -> None:
        self._keys = None
        is_whole = bool(self.key.text().strip() and self.secret.text().strip())
        self.check.setEnabled(is_whole)
        self.go_on.setEnabled(False)
        self.passport.setText("")

    def _tell(self, text: str, colour: str = "text") -> None:
        palette = self.passport.palette()
        palette.setColor(self.passport.foregroundRole(), active().colour(colour))
        self.passport.setPalette(palette)
        self.passport.setText(text)

    def _check(self) -> None:
        try:
            keys = key_pair(self.key.text(), self.secret.text())
        except StartError as failure:
            self._failed(failure)
            return
        self.check.setEnabled(False)
        self._tell(self.tr("Asking Kraken what this key may do…"), "muted")
        self._bridge.spawn(self._ask_of(keys), name="key passport", on_error=self._failed)

    async def _ask_of(self, keys: KeyPair) -> None:
        report = await self._ask(keys)
        self.check.setEnabled(True)
        if report.passport.refusal:
            self._tell(f"✕ {report.passport.refusal}", "danger")
            return
        self._keys = keys
        self._tell(self._words(report), "warning" if report.passport.read_only else "text")
        self.go_on.setEnabled(True)
        self.go_on.setFocus()

    def _words(self, report: KeyReport) -> str:
        info, passport = report.info, report.passport
        lines = [self.tr("✓ cannot withdraw")]
        if passport.read_only:
            lines.append("! " + self.tr("reads only: %1").replace("%1", passport.read_only))
        else:
            lines.append(self.tr("✓ may trade"))
        lines.append(self.tr("may: %1").replace("%1", ", ".join(sorted(info.permissions))))
        until = datetime.fromtimestamp(info.valid_until_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
        lines.append(
            self.tr("valid until %1").replace("%1", until) if info.valid_until_s else self.tr("never expires")
        )
        if info.addresses:
            lines.append(self.tr("works from: %1").replace("%1", ", ".join(info.addresses)))
        return "\n".join([*lines, *(f"! {warning}" for warning in passport.warnings)])

    def _failed(self, failure: TerminalError) -> None:
        self.check.setEnabled(True)
        self._tell(f"✕ {failure.user_message}", "danger")

    def _store(self) -> None:
        if self._keys is not None:
            self.go_on.setEnabled(False)
            self._bridge.spawn(self._kept(self._keys), name="keep key", on_error=self._failed)

    async def _kept(self, keys: KeyPair) -> None:
        await self._keep(keys)
        self._keys = None
        self.key.clear()
        self.secret.clear()
        self.kept.emit()


def _fill(label: PlainLabel, back: QColor, fore: QColor) -> None:
    label.setAutoFillBackground(True)
    label.setMargin(5)
    palette = label.palette()
    palette.setColor(label.backgroundRole(), back)
    palette.setColor(label.foregroundRole(), fore)
    label.setPalette(palette)
