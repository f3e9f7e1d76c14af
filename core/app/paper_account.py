"""The paper account as a file of the profile: forgotten on request."""

from __future__ import annotations

from core.domain.errors import StartError
from core.runtime.paths import Paths


def forget_paper(paths: Paths) -> bool:
    """Delete the paper account; return whether there was one. Its journal is set aside at the next start.

    StartError when the file cannot be deleted.
    """
    from core.sim.paper_store import forget

    try:
        return forget(paths.paper_file)
    except OSError as failure:
        raise StartError(
            str(failure), user_message=f"The paper account cannot be deleted: {failure.strerror}."
        ) from failure
