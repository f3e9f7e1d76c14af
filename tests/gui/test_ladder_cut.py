"""A ladder that reaches out of its place, as in a window too narrow for all panels, still shows the book."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.symbol_link import SymbolLink
from gui.theme import apply_theme
from gui.views.ladder_canvas import LadderCanvas
from tests.helpers.market import BTC
from tests.helpers.waiting import eventually

PLACE = 150


async def test_a_ladder_of_which_a_part_is_out_of_sight_shows_the_book_and_comes_to_rest(qapp, desk):
    apply_theme(qapp)
    place = QWidget()
    canvas = LadderCanvas(desk, SymbolLink(BTC), place)  # type: ignore[arg-type]  # it asks for stores alone
    lived = []
    canvas.first_live_paint.connect(lambda: lived.append(True))
    canvas.setGeometry(0, 0, PLACE + 60, 400)
    place.resize(PLACE, 400)
    place.show()

    await eventually(lambda: bool(lived))

    assert canvas.visibleRegion().boundingRect().width() == PLACE
    assert canvas.price_at(0) is not None
    place.close()
