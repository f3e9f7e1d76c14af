"""Observable state: written in one place, read anywhere, told to views once a frame."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)


class Store(Generic[K]):
    """Base of all stores. ``touch`` while state changes, ``flush`` once a frame.

    Keys touched between two flushes reach each observer in one call. ``failures`` counts observers that raised.
    """

    def __init__(self) -> None:
        self._dirty: set[K] = set()
        self._observers: list[Callable[[frozenset[K]], None]] = []
        self.failures = 0

    def touch(self, key: K) -> None:
        """Mark ``key`` as changed. No callback happens here."""
        self._dirty.add(key)

    @property
    def is_dirty(self) -> bool:
        """Whether anything changed since the last flush."""
        return bool(self._dirty)

    def take_over(self, other: Store[K]) -> None:
        """Become what another store of this kind is; observers stay, and so do the stores this one reads."""
        for name, value in vars(other).items():
            if name not in ("_observers", "needed") and not isinstance(value, Store):
                setattr(self, name, value)

    def observe(self, observer: Callable[[frozenset[K]], None]) -> Callable[[], None]:
        """Tell ``observer`` of changed keys at each flush, until the returned function is called."""
        self._observers.append(observer)

        def stop() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return stop

    def flush(self) -> bool:
        """Hand the changed keys to every observer once. Returns whether there were any.

        A border: an observer that raises is logged and counted, and the others are still told.
        """
        if not self._dirty:
            return False
        keys = frozenset(self._dirty)
        self._dirty.clear()
        for observer in tuple(self._observers):
            try:
                observer(keys)
            except Exception:
                self.failures += 1
                log.exception("observer failed store=%s", type(self).__name__)
        return True


SLACK_SHARE = 10
"""A tenth more than its bound is kept before a store looks for what may go: looking costs a walk through all."""


class BoundedStore(Store[K]):
    """A store of things that end. Of those it keeps ``bound``; the oldest others go, counted in ``forgotten``.

    Nothing goes that an observer has not been told of, or that anybody in ``needed`` still wants.
    """

    def __init__(self, bound: int) -> None:
        super().__init__()
        self.bound = bound
        self.forgotten = 0
        self.needed: list[Callable[[K], bool]] = []
        self._look_at = self._full()

    def flush(self) -> bool:
        if self._size() > self._look_at:
            self._forget_oldest()
        return super().flush()

    def _size(self) -> int:
        """How many there are."""
        raise NotImplementedError

    def _ended(self) -> Iterable[K]:
        """Keys of what has ended, oldest first."""
        raise NotImplementedError

    def _drop(self, key: K) -> None:
        """Let one go."""
        raise NotImplementedError

    def _full(self) -> int:
        return self.bound + self.bound // SLACK_SHARE

    def _forget_oldest(self) -> None:
        ended = list(self._ended())
        for key in ended[: max(0, len(ended) - self.bound)]:
            if key not in self._dirty and not any(needs(key) for needs in self.needed):
                self._drop(key)
                self.forgotten += 1
        # What may not go now is not looked at again with every frame.
        self._look_at = max(self._full(), self._size() + self.bound // SLACK_SHARE)
