import copy
import pickle
import subprocess
import sys

import msgspec
import pytest

from core.runtime.secrets import Keychain, KeyPair, Secret, SecretsError, open_keychain, take_from_environment

PAIR = KeyPair(Secret("the-key"), Secret("the-secret"))


class MemoryVault:
    """A keychain without a system behind it."""

    def __init__(self):
        self.entries = {}

    def get_password(self, service, username):
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.entries[service, username] = password

    def delete_password(self, service, username):
        del self.entries[service, username]


class LockedVault(MemoryVault):
    def get_password(self, service, username):
        from keyring.errors import KeyringLocked

        raise KeyringLocked("the-secret was not given")


def test_a_secret_shows_itself_nowhere_but_on_demand():
    secret = Secret("hunter2")

    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>40}",
        f"{secret!s}",
        repr([secret]),
        repr(PAIR),
    ]

    assert not any("hunter2" in text or "the-" in text for text in shown)
    assert secret.reveal() == "hunter2"


@pytest.mark.parametrize("spread", [pickle.dumps, copy.copy, copy.deepcopy, msgspec.json.encode, vars])
def test_a_secret_cannot_be_copied_or_encoded(spread):
    with pytest.raises(TypeError):
        spread(Secret("hunter2"))


def test_secrets_compare_by_value_and_cannot_be_keys_of_a_dict():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    with pytest.raises(TypeError):
        hash(Secret("a"))


def test_an_empty_secret_is_a_mistake():
    with pytest.raises(ValueError, match="empty"):
        Secret("")


def test_keys_leave_the_environment_when_they_are_read():
    env = {"KRAKEN_API_KEY": " the-key\n", "KRAKEN_API_SECRET": "the-secret", "HOME": "/"}

    pair = take_from_environment(env)

    assert pair == PAIR
    assert env == {"HOME": "/"}


def test_no_keys_in_the_environment_is_no_error():
    assert take_from_environment({"KRAKEN_API_KEY": ""}) is None


@pytest.mark.parametrize(
    ("given", "missing"),
    [("KRAKEN_API_KEY", "KRAKEN_API_SECRET"), ("KRAKEN_API_SECRET", "KRAKEN_API_KEY")],
)
def test_half_a_key_is_refused_and_still_removed(given, missing):
    env = {given: "hunter2"}

    with pytest.raises(SecretsError) as refusal:
        take_from_environment(env)

    assert refusal.value.user_message.startswith(missing)
    assert "hunter2" not in str(refusal.value)
    assert env == {}


def test_the_keychain_gives_back_what_it_was_given_for_each_profile():
    keychain = Keychain(MemoryVault())
    other = KeyPair(Secret("k2"), Secret("s2"))

    keychain.store("default", PAIR)
    keychain.store("second", other)

    assert keychain.load("default") == PAIR
    assert keychain.load("second") == other
    assert keychain.load("third") is None


def test_removing_a_key_twice_is_no_error():
    keychain = Keychain(MemoryVault())
    keychain.store("default", PAIR)

    keychain.remove("default")
    keychain.remove("default")

    assert keychain.load("default") is None


@pytest.mark.parametrize("text", ["", "the-secret", '["only"]', '["", ""]', '{"the-secret": 1}'])
def test_a_damaged_entry_is_told_without_its_content(text):
    vault = MemoryVault()
    Keychain(vault).store("default", PAIR)
    vault.entries = dict.fromkeys(vault.entries, text)

    with pytest.raises(SecretsError, match="damaged") as refusal:
        Keychain(vault).load("default")

    assert refusal.value.__cause__ is None
    assert "the-secret" not in str(refusal.value) + refusal.value.user_message


def test_a_locked_keychain_is_told_by_kind_only():
    with pytest.raises(SecretsError, match="KeyringLocked") as refusal:
        Keychain(LockedVault()).load("default")

    assert "the-secret" not in str(refusal.value)
    assert "KRAKEN_API_KEY" in refusal.value.user_message


def test_a_system_without_keychain_service_says_so_at_once(monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    if sys.platform == "linux":
        with pytest.raises(SecretsError):
            open_keychain()


def test_the_keychain_library_is_not_loaded_before_it_is_used():
    program = "import sys, core.runtime.secrets; sys.exit('keyring' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
