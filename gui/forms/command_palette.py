"""One line for everything: commands found by some of their letters, and orders read by the order grammar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.app.order_grammar import parse
from core.app.order_wishes import CancelWish, FlattenWish, OrderWish, ShowWish, Wish
from core.app.order_words import VERBS, GrammarError
from core.app.session import TradingSession
from core.domain.ids import Symbol
from core.domain.subscription import book
from gui import formats
from gui.commands import Commands
from gui.forms.palette_wish import Ghost, Told, tell
from gui.fuzzy import best
from gui.hands import Hands
from gui.symbol_link import SymbolLink
from gui.theme import figure_font, ui_font
from gui.widgets.plain_text import PlainLabel

BOOK_DEPTH = 100
MOST_ROWS = 9
WIDTH = 620


class Entry(NamedTuple):
    """A command of the palette: what it does, its key as printed, and how it is done."""

    title: str
    keys: str
    run: Callable[[], object]


class CommandPalette(QDialog):
    """Opened with ``open()``. Enter does what the chosen row says, once; Esc closes. Nothing here needs a mouse."""

    def __init__(
        self,
        session: TradingSession,
        link: SymbolLink,
        commands: Commands,
        hands: Hands,
        entries: Sequence[Entry],
        show_ghosts: Callable[[Sequence[Ghost]], None],
        parent: QWidget,
        *,
        may_trade: bool = True,
    ) -> None:
        super().__init__(parent, Qt.WindowType.FramelessWindowHint | Qt.WindowType.Dialog)
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Command palette"))
        self._window = parent
        self._session = session
        self._link = link
        self._commands = commands
        self._hands = hands
        self._entries = entries
        self._show_ghosts = show_ghosts
        self._may_trade = may_trade
        self._wish: Wish | None = None
        self._told: Told | None = None
        self._watched: Symbol | None = None
        self._release: Callable[[], None] = _nothing
        self._build()
        self._stop = session.stores.books.observe(self._book_changed)
        self._look()

    def _build(self) -> None:
        self.line = QLineEdit(self)
        self.line.setFont(figure_font(1.15))
        self.line.setAccessibleName(self.tr("Command or order"))
        self.line.setPlaceholderText(self.tr("buy 0.1 btc/usd limit 60000 post · or a command"))
        self.line.setMaxLength(200)
        self.line.textChanged.connect(self._look)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("What Enter does"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.currentRowChanged.connect(lambda _: self._show_told())
        self.list.itemClicked.connect(lambda _: self._enter())
        self.error = PlainLabel(self)
        self.error.setWordWrap(True)
        self.error.setProperty("role", "error")
        self.head = PlainLabel(self)
        self.head.setFont(ui_font(1.05, bold=True))
        self.head.setWordWrap(True)
        self.figures = PlainLabel(self)
        self.figures.setFont(figure_font(0.95))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(6)
        for widget in (self.line, self.error, self.list, self.head, self.figures):
            layout.addWidget(widget)
        self.setFixedWidth(min(WIDTH, self._window.width() - 40))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -5, Qt.Key.Key_PageDown: 5}
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self._enter()
        elif key in steps and self.list.count():
            row = self.list.currentRow() + steps[key]
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._stop()
        self._show_ghosts(())
        self._release()
        self._release = _nothing
        super().done(result)

    # What is typed.

    def _look(self) -> None:
        text = self.line.text()
        self._wish, problem = self._read(text)
        self.list.clear()
        if self._wish is not None:
            self.list.addItem(QListWidgetItem(f"↵ {text.strip()}"))
        titled = [(entry.title, entry) for entry in self._entries]
        self._found = best(text.strip(), titled, MOST_ROWS)
        for entry in self._found:
            gap = max(2, 58 - len(entry.title))
            self.list.addItem(QListWidgetItem(f"{entry.title}{' ' * gap}{entry.keys}"))
        self.list.setFont(figure_font(0.95))
        self.list.setCurrentRow(0 if self.list.count() else -1)
        shown = problem if problem is not None and (_is_order(text) or not self._found) else None
        self.error.setText(shown.message if shown is not None and text.strip() else "")
        self.error.setProperty("role", "muted" if shown is not None and shown.incomplete else "error")
        self.error.style().polish(self.error)
        self.error.setVisible(bool(self.error.text()))
        self._mark(problem if shown is not None else None)
        self._watch(self._wish)
        self._show_told()

    def _read(self, text: str) -> tuple[Wish | None, GrammarError | None]:
        pairs = self._session.stores.instruments.symbols()
        try:
            wish = parse(text, pairs, self._link.symbol)
        except GrammarError as wrong:
            return None, wrong
        allowed = self._may_trade or isinstance(wish, ShowWish)
        return (wish if allowed else None), None

    def _mark(self, problem: GrammarError | None) -> None:
        wrong = problem is not None and not problem.incomplete
        if bool(self.line.property("invalid")) != wrong:
            self.line.setProperty("invalid", wrong)
            self.line.style().polish(self.line)

    def _watch(self, wish: Wish | None) -> None:
        symbol = wish.symbol if isinstance(wish, (OrderWish, FlattenWish)) else None
        if symbol == self._watched:
            return
        old, self._watched = self._release, symbol
        wanted = symbol is not None and self._session.stores.instruments.get(symbol) is not None
        self._release = (
            self._session.market_data.watch(book(symbol, BOOK_DEPTH)) if symbol and wanted else _nothing
        )
        old()

    def _book_changed(self, symbols: frozenset[Symbol]) -> None:
        if self._watched in symbols:
            self._show_told()

    # What Enter does.

    def _show_told(self) -> None:
        chosen = self._wish is not None and self.list.currentRow() == 0
        told = tell(self._wish, self._session, self._hands) if chosen and self._wish is not None else None
        self._told = told
        mode = self._session.mode.word
        self.head.setText(formats.plain(f"{told.head} · {mode}") if told is not None else "")
        self.head.setProperty("role", "" if told is None or told.ready else "warning")
        self.head.style().polish(self.head)
        self.figures.setText(told.figures if told is not None else "")
        self.head.setVisible(told is not None)
        self.figures.setVisible(bool(self.figures.text()))
        here = (
            told is not None and isinstance(self._wish, OrderWish) and self._wish.symbol == self._link.symbol
        )
        self._show_ghosts(told.ghosts if told is not None and here else ())
        rows = self.list.count()
        self.list.setFixedHeight(
            max(1, min(rows, MOST_ROWS + 1)) * (self.list.sizeHintForRow(0) if rows else 1) + 4
        )
        self.list.setVisible(bool(rows))
        self.adjustSize()

    def _enter(self) -> None:
        row = self.list.currentRow()
        if row < 0 or not self.isVisible():
            return  # hidden: what it said was done, and it waits to be deleted
        if self._wish is None or row > 0:
            entry = self._found[row - (self._wish is not None)]
            self.accept()
            entry.run()
            return
        wish, told = self._wish, tell(self._wish, self._session, self._hands)
        if not told.ready:
            self._show_told()
            return
        if isinstance(wish, (OrderWish, FlattenWish)):
            # Its book must stay live until the order has passed its checks, and the trader wants to see it.
            self._link.show_symbol(wish.symbol)
        self.accept()
        self._do(wish, told)

    def _do(self, wish: Wish, told: Told) -> None:
        match wish:
            case OrderWish():
                assert told.request is not None, "an order that is ready was built"
                self._commands.submit(told.request)
            case CancelWish(symbol):
                self._commands.cancel_all(symbol)
            case FlattenWish(symbol):
                self._hands.flatten_now(symbol)
            case ShowWish(symbol):
                self._link.show_symbol(symbol)


def _is_order(text: str) -> bool:
    words = text.split()
    return bool(words) and words[0].lower() in VERBS


def _nothing() -> None:
    return None
