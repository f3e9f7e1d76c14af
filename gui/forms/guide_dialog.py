"""The guide inside the program: the same texts as in ``docs``, readable without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, QUrl
from PySide6.QtGui import (
    QImage,
    QKeySequence,
    QShortcut,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextTable,
)
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QTextBrowser, QVBoxLayout, QWidget

from gui.theme import active

FOLDER = Path(__file__).resolve().parents[2] / "docs"
PAGES = (
    ("user-guide.md", str(QT_TRANSLATE_NOOP("GuideDialog", "Using it"))),
    ("strategies.md", str(QT_TRANSLATE_NOOP("GuideDialog", "Strategies"))),
    ("operations.md", str(QT_TRANSLATE_NOOP("GuideDialog", "Running it"))),
    ("security.md", str(QT_TRANSLATE_NOOP("GuideDialog", "Security"))),
)
LIST_WIDTH = 130
MARGIN = 14
LINE_HEIGHT = 125
"""Percent."""

SIZE = (940, 680)


class GuidePage(QTextBrowser):
    """Shows pages of the guide's own folder. Other links do nothing: no address in a text is ever opened."""

    def doSetSource(
        self, url: QUrl | str, type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource
    ) -> None:
        """Open a page, whatever kind it is said to be."""
        full = self.source().resolved(QUrl(url))
        target = Path(full.toLocalFile()).resolve()
        if full.isLocalFile() and target.parent == FOLDER and target.suffix == ".md" and target.exists():
            super().doSetSource(full, QTextDocument.ResourceType.MarkdownResource)
            typeset(self.document())

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return what a page asks for; pictures no wider than the page."""
        found = super().loadResource(kind, QUrl(name))
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return found
        image = found if isinstance(found, QImage) else QImage.fromData(found)
        width = int((self.viewport().width() - 40) * self.devicePixelRatioF())
        if image.width() > width > 0:
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(self.devicePixelRatioF())
        return image


def typeset(document: QTextDocument) -> None:
    """Give a page air and quiet lines: Markdown says nothing of either."""
    document.setDocumentMargin(MARGIN)
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        shape, heading = block.blockFormat(), block.blockFormat().headingLevel() > 0
        in_table = QTextCursor(block).currentTable() is not None
        shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        shape.setTopMargin(0 if in_table else MARGIN if heading else 2)
        shape.setBottomMargin(0 if in_table else 6)
        cursor.setPosition(block.position())
        cursor.setBlockFormat(shape)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            table = frame.format().toTableFormat()
            table.setBorderBrush(active().colour("border"))
            table.setBorder(1)
            table.setCellPadding(4)
            table.setBottomMargin(8)
            frame.setFormat(table)


class GuideDialog(QDialog):
    """Not modal: the guide is read beside the window it tells of. Opened with ``show()``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("guide")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Guide"))
        self.resize(*SIZE)
        self.pages = QListWidget(self)
        self.pages.setAccessibleName(self.tr("Pages of the guide"))
        self.pages.addItems([QCoreApplication.translate("GuideDialog", title) for _, title in PAGES])
        self.pages.setFixedWidth(LIST_WIDTH)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Find in this page"))
        self.search.setAccessibleName(self.tr("Find in this page"))
        self.search.setClearButtonEnabled(True)
        self.page = GuidePage(self)
        self.page.setAccessibleName(self.tr("Guide"))
        self.page.sourceChanged.connect(self._show_where)
        self.pages.currentRowChanged.connect(self.open_page)
        self.search.returnPressed.connect(self.find_next)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)
        self._lay_out()
        self.pages.setCurrentRow(0)
        self.page.setFocus()

    def open_page(self, row: int) -> None:
        """Show one page by its place in the list."""
        self.page.setSource(QUrl.fromLocalFile(str(FOLDER / PAGES[row][0])))

    def find_next(self) -> None:
        """Go to the next place where the text searched for stands; from the top again after the last one."""
        text = self.search.text()
        if text and not self.page.find(text):
            self.page.moveCursor(self.page.textCursor().MoveOperation.Start)
            found = self.page.find(text)
            self.search.setProperty("invalid", not found)

    def _show_where(self, url: QUrl) -> None:
        names = [name for name, _ in PAGES]
        if url.fileName() in names:
            self.pages.setCurrentRow(names.index(url.fileName()))

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.addWidget(self.search)
        side.addWidget(self.page, 1)
        layout = QHBoxLayout(self)
        layout.addWidget(self.pages)
        layout.addLayout(side, 1)
