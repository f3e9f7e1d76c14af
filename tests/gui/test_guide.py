"""The guide in the program: every page, its pictures, its links, and nothing else."""

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest

from gui.forms.guide_dialog import FOLDER, PAGES, GuideDialog
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


@pytest.fixture
async def guide(qapp):
    dialog = GuideDialog()
    dialog.show()
    await eventually(dialog.isVisible)
    yield dialog
    dialog.close()


@pytest.mark.parametrize("row", range(len(PAGES)))
async def test_every_page_is_drawn_with_its_pictures(guide, row):
    guide.pages.setCurrentRow(row)

    assert guide.page.source().fileName() == PAGES[row][0]
    document = guide.page.document()
    assert len(document.toPlainText()) > 2_000
    source = (FOLDER / PAGES[row][0]).read_text()
    for line in source.splitlines():
        if line.startswith("!["):
            name = line.partition("](")[2].rstrip(")")
            image = document.resource(QTextDocument.ResourceType.ImageResource.value, QUrl(name))
            assert 0 < image.width() <= guide.page.viewport().width() * guide.devicePixelRatioF()


async def test_a_link_leads_to_another_page_and_the_list_follows(guide):
    guide.pages.setCurrentRow(2)

    guide.page.setSource(QUrl("user-guide.md"))

    assert guide.page.source().fileName() == "user-guide.md"
    assert guide.pages.currentRow() == 0


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "file:///etc/hostname", "../README.md", "missing.txt", "ftp://a/b.md"],
)
async def test_no_other_address_is_opened(guide, address):
    before = guide.page.toPlainText()

    guide.page.setSource(QUrl(address))

    assert guide.page.toPlainText() == before


async def test_searching_goes_on_from_the_top(guide):
    guide.search.setText("Unknown, checking")
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    first = guide.page.textCursor().position()
    assert guide.page.textCursor().selectedText() == "Unknown, checking"
    for _ in range(5):
        QTest.keyClick(guide.search, Qt.Key.Key_Return)
        assert guide.page.textCursor().selectedText() == "Unknown, checking"
    assert first > 0
    guide.search.setText("no such words anywhere")
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.search.property("invalid") is True
