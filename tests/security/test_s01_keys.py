"""S1: keys live in the system's keychain or the environment, and in no other place."""

import sys

import pytest

from core.app.venue import open_venue
from core.domain.mode import Mode
from core.runtime.clock import SystemClock
from core.runtime.secrets import Keychain, KeyPair, Secret, SecretsError, open_keychain

PLAIN_BACKENDS = ("keyring.backends.null.Keyring", "keyrings.alt.file.PlaintextKeyring")


class Remembering:
    def __init__(self):
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.mark.skipif(
    sys.platform != "linux", reason="a desktop without a keychain service exists on Linux only"
)
@pytest.mark.parametrize("backend", PLAIN_BACKENDS)
def test_s01_no_environment_puts_another_keychain_in_place_of_the_systems(monkeypatch, tmp_path, backend):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")

    with pytest.raises(SecretsError, match="cannot be opened"):
        open_keychain()


@pytest.mark.skipif(
    sys.platform != "linux", reason="a desktop without a keychain service exists on Linux only"
)
def test_s01_no_configuration_file_puts_another_keychain_in_place_of_the_systems(monkeypatch, tmp_path):
    folder = tmp_path / "python_keyring"
    folder.mkdir()
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")

    with pytest.raises(SecretsError, match="cannot be opened"):
        open_keychain()


async def test_s01_keys_of_the_environment_are_gone_from_it_when_live_mode_has_read_them(monkeypatch):
    import os

    monkeypatch.setenv("KRAKEN_API_KEY", "canary-key")
    monkeypatch.setenv("KRAKEN_API_SECRET", "Y2FuYXJ5")

    async with open_venue(
        Mode.LIVE, clock=SystemClock(), seed=1, speed=1.0, endpoints_file=None, profile="default"
    ) as venue:
        assert venue.keys == KeyPair(Secret("canary-key"), Secret("Y2FuYXJ5"))

    assert "canary-key" not in os.environ.values()
    assert "Y2FuYXJ5" not in os.environ.values()


def test_s01_storing_a_key_writes_no_file_of_ours(own_home):
    Keychain(Remembering()).store("default", KeyPair(Secret("canary-key"), Secret("Y2FuYXJ5")))

    assert [path for path in own_home.rglob("*") if path.is_file()] == []
