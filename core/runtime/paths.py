"""Where settings, journal, logs and recordings live on each system. Makes folders; reads and writes no file.

By the platform's convention (XDG on Linux), or all below one folder when TIDEWIRE_HOME names it. Each
profile has folders of its own, readable by their owner alone.
"""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import PlatformDirs

from core.domain.errors import StartError

HOME_VARIABLE = "TIDEWIRE_HOME"
DEFAULT_PROFILE = "default"
KINDS = ("config", "data", "state", "cache")
PRIVATE_FOLDER = 0o700
NEEDED_FREE_BYTES = 500 * 1024 * 1024
"""Room for weeks of journal and logs; with less the user is told at start."""

PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one profile, named by it. Nothing exists before ``make``."""

    config: Path
    data: Path
    state: Path
    cache: Path
    profile: str = field(default=DEFAULT_PROFILE, kw_only=True)

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    @property
    def layout_file(self) -> Path:
        return self.config / "layout.ini"

    @property
    def layouts_folder(self) -> Path:
        """Where layouts with a name are kept."""
        return self.config / "layouts"

    def journal_file(self, mode: str) -> Path:
        """The journal of a mode: what is play and what is real never meet in one file."""
        return self.data / f"journal-{mode}.sqlite"

    def alerts_file(self, mode: str) -> Path:
        """Price alerts that wait, of one mode."""
        return self.data / f"alerts-{mode}.json"

    def profit_file(self, mode: str) -> Path:
        """Bases told and ledger entries heard, of one mode."""
        return self.data / f"profit-{mode}.jsonl"

    @property
    def paper_file(self) -> Path:
        """The paper account."""
        return self.data / "paper-account.sqlite"

    @property
    def recordings(self) -> Path:
        return self.data / "recordings"

    @property
    def log_file(self) -> Path:
        return self.state / "tidewire.log"

    @property
    def fault_file(self) -> Path:
        """Where the interpreter writes its last words when it crashes."""
        return self.state / "fault.log"

    @property
    def lock_file(self) -> Path:
        """Held by the one running instance of this profile."""
        return self.state / "instance.lock"

    def make(self) -> None:
        """Make the folders, closed to others. StartError names the folder that cannot be made."""
        for folder in (self.config, self.data, self.state, self.cache, self.recordings):
            make_private_folder(folder)

    def low_disk(self) -> str:
        """Return a sentence when the journal may soon find no room, empty when there is enough."""
        free = shutil.disk_usage(self.data).free
        if free >= NEEDED_FREE_BYTES:
            return ""
        return f"only {free // 2**20} MiB are free on the disk of {self.data}"


def find_paths(profile: str = DEFAULT_PROFILE, env: Mapping[str, str] = os.environ) -> Paths:
    """Return the paths of a profile. StartError when its name cannot be a folder's."""
    if not PROFILE_NAME.fullmatch(profile):
        raise StartError(
            f"profile {profile!r}",
            user_message="A profile's name has 1 to 40 letters, digits, hyphens or underscores.",
        )
    if home := env.get(HOME_VARIABLE):
        root = Path(home).expanduser().absolute()
        return Paths(*(root / kind / profile for kind in KINDS), profile=profile)
    system = PlatformDirs("tidewire", appauthor=False)
    kinds = (system.user_config_path, system.user_data_path, system.user_state_path, system.user_cache_path)
    folders = (folder / kind / profile for folder, kind in zip(kinds, _kinds(kinds), strict=True))
    return Paths(*folders, profile=profile)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, and close one that stood open."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if os.name == "posix" and folder.stat().st_mode & 0o077:
            folder.chmod(PRIVATE_FOLDER)
    except OSError as problem:
        raise StartError(
            f"{folder}: {problem}",
            user_message=f"The folder {folder} cannot be used: {problem.strerror}.",
        ) from problem


def _kinds(folders: tuple[Path, ...]) -> tuple[str, ...]:
    # On macOS and Windows several kinds share a folder: keep them apart below it.
    shared = len(set(folders)) < len(folders)
    return KINDS if shared else ("", "", "", "")
