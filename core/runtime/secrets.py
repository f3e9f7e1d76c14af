"""API keys: from the system's keychain or the environment, never from a file of ours.

Calls into the keychain may wait for the user; run them in an executor, not on the loop. The keychain's
library is imported only when it is used.
"""

import contextlib
import hmac
import os
import sys
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol

import msgspec

from core.domain.errors import TerminalError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEY_VARIABLE = "KRAKEN_API_KEY"
SECRET_VARIABLE = "KRAKEN_API_SECRET"
SERVICE = "Tidewire"
REDACTED = "[redacted]"


class SecretsError(TerminalError):
    """Keys cannot be read or kept; ``user_message`` says why, never what they are."""

    user_message = "The API key cannot be read or stored."


class Secret:
    """A text that shows itself only to who asks by name (`reveal`). Cannot be printed, formatted or pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        if not value:
            raise ValueError("a secret must not be empty")
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret([redacted])"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, spec: str) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    # A hash would tell equal secrets apart, and unequal ones.
    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A Kraken API key and its private part. Both are secret: neither is ever shown."""

    key: Secret
    secret: Secret


def take_from_environment(env: MutableMapping[str, str] = os.environ) -> KeyPair | None:
    """Return the key of KRAKEN_API_KEY and KRAKEN_API_SECRET and remove both, so that no child inherits them.

    None when neither is set; SecretsError when one is missing.
    """
    found = [env.pop(name, "").strip() for name in (KEY_VARIABLE, SECRET_VARIABLE)]
    if not any(found):
        return None
    if not all(found):
        missing = KEY_VARIABLE if not found[0] else SECRET_VARIABLE
        raise SecretsError(f"{missing} is not set", user_message=f"{missing} is not set, but its partner is.")
    return KeyPair(Secret(found[0]), Secret(found[1]))


class Vault(Protocol):
    """What we use of a keychain: texts by service and name."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class Keychain:
    """The keys of all profiles in the system's keychain, one entry a profile. Blocking."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def load(self, profile: str) -> KeyPair | None:
        """Return the profile's key, None when there is none. SecretsError when the keychain does not answer."""
        with _keychain_errors("read"):
            text = self._vault.get_password(SERVICE, _entry(profile))
        if text is None:
            return None
        try:
            key, secret = msgspec.json.decode(text, type=tuple[str, str])
            return KeyPair(Secret(key), Secret(secret))
        except (msgspec.DecodeError, ValueError):
            # Not chained: the cause would carry the text into a traceback.
            raise SecretsError(
                f"entry {_entry(profile)} is damaged",
                user_message="The API key in the keychain is damaged. Remove it and enter it again.",
            ) from None

    def store(self, profile: str, pair: KeyPair) -> None:
        """Keep the profile's key, replacing an earlier one."""
        text = msgspec.json.encode((pair.key.reveal(), pair.secret.reveal())).decode()
        with _keychain_errors("written"):
            self._vault.set_password(SERVICE, _entry(profile), text)

    def remove(self, profile: str) -> None:
        """Forget the profile's key. Does nothing when there is none."""
        with _keychain_errors("written"):
            if self._vault.get_password(SERVICE, _entry(profile)) is not None:
                self._vault.delete_password(SERVICE, _entry(profile))


def open_keychain() -> Keychain:
    """Return this system's keychain. SecretsError when it has none that we trust.

    The backend is built by name: neither the environment nor a configuration file can put another in its place.
    """
    with _keychain_errors("opened"):
        backend = _backend_class()
        # Asking for the priority is keyring's way to ask whether the service answers; RuntimeError says no.
        backend.priority  # noqa: B018
        return Keychain(backend())


def _backend_class() -> "type[KeyringBackend]":
    if sys.platform == "darwin":
        from keyring.backends import macOS

        return macOS.Keyring
    if sys.platform == "win32":
        from keyring.backends import Windows

        return Windows.WinVaultKeyring
    from keyring.backends import SecretService

    return SecretService.Keyring


@contextlib.contextmanager
def _keychain_errors(action: str) -> Iterator[None]:
    """Turn whatever a keychain raises into SecretsError. Only the kind of error is told, never its text."""
    from keyring.errors import KeyringError

    try:
        yield
    except (KeyringError, RuntimeError, OSError) as problem:
        raise SecretsError(
            f"keychain cannot be {action}: {type(problem).__name__}",
            user_message=f"The system's keychain cannot be {action}. "
            f"{KEY_VARIABLE} and {SECRET_VARIABLE} in the environment serve instead.",
        ) from None


def _entry(profile: str) -> str:
    return f"{profile}/kraken-api-key"
