"""Finding a title by some of its letters, in their order. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def score(query: str, title: str) -> int | None:
    """Return how well a title answers a query, ``None`` when it lacks a letter. More is better.

    Beginnings of words and letters that stand together count; an empty query answers to everything alike.
    """
    if not query.strip():
        return 0
    letters, text = query.lower().replace(" ", ""), title.lower()
    if query.lower().strip() in text:
        first = text.startswith(query.lower().strip())
        return 1000 - len(text) + 500 * first
    total, at, before = 0, 0, -2
    for letter in letters:
        starts = [n for n in range(at, len(text)) if text[n] == letter and _begins_word(text, n)]
        next_to = before + 1 if before + 1 < len(text) and text[before + 1] == letter else -1
        found = next_to if next_to >= at else starts[0] if starts else text.find(letter, at)
        if found < 0:
            return None
        total += 8 if found == next_to else 5 if _begins_word(text, found) else 1
        before, at = found, found + 1
    return total - len(text) // 8


def best(query: str, items: Iterable[tuple[str, Item]], most: int) -> list[Item]:
    """Return the items whose titles answer the query, the best first, at most so many."""
    ranked = [
        (-found, at, item)
        for at, (title, item) in enumerate(items)
        if (found := score(query, title)) is not None
    ]
    ranked.sort(key=lambda row: row[:2])
    return [item for _, _, item in ranked[:most]]


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()
