"""The two ways in which a side of a book is kept, for tests that must hold for both."""

import pytest

from core.processing.book_side import COMPILED, BookSide, make_side

needs_compiled = pytest.mark.skipif(COMPILED is None, reason="the set-up found no C compiler")

BOTH_SIDES = [
    pytest.param(BookSide, id="python"),
    pytest.param(make_side, id="compiled", marks=needs_compiled),
]
