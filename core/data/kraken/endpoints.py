"""Where the exchange lives, and which hosts may see a signature. A mode is a choice of these addresses."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from core.domain.errors import StartError
from core.domain.health import Line
from core.runtime.secrets import KeyPair, Secret

Credentials = KeyPair
"""The key of one account, as ``signing`` uses it."""

KRAKEN_HOSTS = frozenset({"ws.kraken.com", "ws-auth.kraken.com", "ws-l3.kraken.com", "api.kraken.com"})
MAX_FILE_BYTES = 64 * 1024


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of one venue. REST addresses are without ``/0/...`` and without a closing slash."""

    public_ws: str
    private_ws: str
    level3_ws: str
    public_rest: str
    private_rest: str

    def socket(self, line: Line) -> str:
        """Return the WebSocket address of a line."""
        if line is Line.LEVEL3:
            return self.level3_ws
        return self.private_ws if line.is_private else self.public_ws


LIVE = Endpoints(
    public_ws="wss://ws.kraken.com/v2",
    private_ws="wss://ws-auth.kraken.com/v2",
    level3_ws="wss://ws-l3.kraken.com/v2",
    public_rest="https://api.kraken.com",
    private_rest="https://api.kraken.com",
)


class _Line(msgspec.Struct):
    """The one line of JSON that ``tidewire exchange`` prints."""

    public_ws: str
    private_ws: str
    public_rest: str
    private_rest: str
    key: str
    secret: str
    level3_ws: str = ""
    l3_ws: str = ""


def is_kraken_host(url: str) -> bool:
    """Whether the address is one of Kraken's own hosts over verified TLS."""
    parts = urlsplit(url)
    return parts.scheme in ("https", "wss") and parts.hostname in KRAKEN_HOSTS and parts.username is None


def is_loopback(url: str) -> bool:
    """Whether the address is this computer, written as a number: a name could be made to lead elsewhere."""
    parts = urlsplit(url)
    try:
        return parts.username is None and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def require_signable(endpoints: Endpoints) -> None:
    """Raise StartError unless every host that sees a signature or token is Kraken's, or every one is loopback."""
    private = (endpoints.private_ws, endpoints.level3_ws, endpoints.private_rest)
    if not (all(map(is_kraken_host, private)) or all(map(is_loopback, private))):
        raise StartError(
            f"will not sign for {', '.join(sorted({urlsplit(url).hostname or url for url in private}))}",
            user_message="API keys are used only with Kraken's own servers or with this computer.",
        )


def load_endpoints(file: Path) -> tuple[Endpoints, Credentials]:
    """Return the addresses and the worthless key that ``tidewire exchange`` wrote into ``file``.

    Raises StartError when the file cannot be read, is not such a line, or names a host other than loopback.
    """
    line = _read(file)
    level3 = line.level3_ws or line.l3_ws or line.private_ws
    endpoints = Endpoints(
        public_ws=line.public_ws,
        private_ws=line.private_ws,
        level3_ws=level3,
        public_rest=line.public_rest.rstrip("/"),
        private_rest=line.private_rest.rstrip("/"),
    )
    for url in msgspec.structs.astuple(endpoints):
        if not is_loopback(url):
            raise _refused(file, f"names a host other than this computer: {urlsplit(url).hostname}")
    if not line.key or not line.secret:
        raise _refused(file, "holds no key")
    return endpoints, Credentials(Secret(line.key), Secret(line.secret))


def _read(file: Path) -> _Line:
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_FILE_BYTES)
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}") from error
    try:
        return msgspec.json.decode(text, type=_Line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # Not chained: the cause might quote the key.
        raise _refused(file, "is not a line printed by `tidewire exchange`") from None


def _refused(file: Path, why: str) -> StartError:
    return StartError(f"{file}: {why}", user_message=f"The endpoints file {file.name} {why}.")
