"""``tidewire paper reset``: a fresh paper account at the next start. No window, no display."""

from __future__ import annotations

import sys

from core.app.paper_account import forget_paper
from core.domain.errors import StartError
from core.runtime.paths import find_paths
from gui.single_instance import SingleInstance


def reset_paper(profile: str) -> int:
    """Forget the paper account of a profile. StartError while a Tidewire uses it, or when it cannot be deleted."""
    paths = find_paths(profile)
    paths.make()
    instance = SingleInstance(paths.state)
    if not instance.hold():
        raise StartError(
            user_message=f"Close the Tidewire that uses the profile {profile} first ({instance.holder})."
        )
    try:
        was_there = forget_paper(paths)
    finally:
        instance.release()
    text = "forgotten; the next start in paper mode begins a new one" if was_there else "not there"
    sys.stdout.write(f"The paper account of profile {profile} is {text}.\n")
    return 0
