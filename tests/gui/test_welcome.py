"""The first start: three cards, and for live money a key whose passport is shown before it is kept."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from core.app.key_check import KeyReport
from core.domain.errors import StartError
from core.domain.mode import Mode
from core.domain.passport import NEEDED, KeyInfo, judge
from core.runtime.clock import SystemClock
from core.runtime.redaction import Redactor
from core.runtime.secrets import SecretsError
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.forms.welcome_dialog import WelcomeDialog
from gui.theme import apply_theme
from gui.welcome import Welcome
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


class Kraken:
    """Answers for a key, and a keychain that keeps it."""

    def __init__(self, info: KeyInfo) -> None:
        self.info = info
        self.kept = []
        self.failure = None

    async def ask(self, keys):
        if self.failure:
            raise self.failure
        return KeyReport(self.info, judge(self.info, 1_800_000_000))

    async def keep(self, keys):
        if self.failure:
            raise self.failure
        self.kept.append((keys.key.reveal(), keys.secret.reveal()))


@pytest.fixture
def kraken():
    return Kraken(KeyInfo(permissions=NEEDED, valid_until_s=1_900_000_000, addresses=("203.0.113.7",)))


@pytest.fixture
async def page(qapp, kraken):
    apply_theme(qapp)
    async with Supervisor("welcome") as tasks:
        dialog = WelcomeDialog(Bridge(tasks), kraken.ask, kraken.keep)
        dialog.picked = []
        dialog.chosen.connect(dialog.picked.append)
        dialog.show()
        yield dialog
        dialog.close()
        dialog.deleteLater()


def type_key(page, secret="c2VjcmV0"):
    QTest.mouseClick(page.buttons[Mode.LIVE], Qt.MouseButton.LeftButton)
    QTest.keyClicks(page.key_page.key, "the-key")
    QTest.keyClicks(page.key_page.secret, secret)


@pytest.mark.parametrize("mode", [Mode.DEMO, Mode.PAPER])
async def test_play_money_is_one_click(page, mode):
    QTest.mouseClick(page.buttons[mode], Qt.MouseButton.LeftButton)

    assert page.picked == [mode]
    assert not page.isVisible()


async def test_enter_starts_the_demo(page):
    QTest.keyClick(page, Qt.Key.Key_Return)

    assert page.picked == [Mode.DEMO]


async def test_live_shows_the_passport_and_then_keeps_the_key(page, kraken):
    type_key(page)
    assert not page.key_page.go_on.isEnabled()

    QTest.mouseClick(page.key_page.check, Qt.MouseButton.LeftButton)
    await eventually(page.key_page.go_on.isEnabled)
    told = page.key_page.passport.text()
    assert "✓ cannot withdraw" in told
    assert "✓ may trade" in told
    assert "modify-trades" in told
    assert "203.0.113.7" in told
    assert "2030-03-17" in told

    QTest.mouseClick(page.key_page.go_on, Qt.MouseButton.LeftButton)
    await eventually(lambda: page.picked == [Mode.LIVE])
    assert kraken.kept == [("the-key", "c2VjcmV0")]
    assert page.key_page.secret.text() == ""


async def test_a_key_that_can_withdraw_is_refused_and_not_kept(page, kraken):
    kraken.info = KeyInfo(permissions=NEEDED | {"withdraw-funds"})
    type_key(page)

    QTest.mouseClick(page.key_page.check, Qt.MouseButton.LeftButton)
    await eventually(lambda: "take money out" in page.key_page.passport.text())

    assert not page.key_page.go_on.isEnabled()
    assert kraken.kept == []


async def test_a_key_changed_after_the_check_must_be_checked_again(page):
    type_key(page)
    QTest.mouseClick(page.key_page.check, Qt.MouseButton.LeftButton)
    await eventually(page.key_page.go_on.isEnabled)

    QTest.keyClicks(page.key_page.key, "x")

    assert not page.key_page.go_on.isEnabled()
    assert page.key_page.passport.text() == ""


@pytest.mark.parametrize(
    "failure",
    [
        StartError(user_message="Kraken did not answer."),
        SecretsError("x", user_message="Kraken did not answer."),
    ],
)
async def test_what_fails_is_said_and_can_be_tried_again(page, kraken, failure):
    kraken.failure = failure
    type_key(page)

    QTest.mouseClick(page.key_page.check, Qt.MouseButton.LeftButton)
    await eventually(lambda: "did not answer" in page.key_page.passport.text())

    assert page.key_page.check.isEnabled()
    assert page.picked == []


async def test_the_secret_is_never_on_the_screen(page):
    type_key(page, secret="U0VDUkVU")

    shown = [label.text() for label in page.findChildren(QLabel)]
    assert "U0VDUkVU" not in page.key_page.secret.displayText() + "".join(shown)


@pytest.mark.parametrize("answer", [Mode.PAPER, None])
async def test_the_first_start_waits_for_an_answer_and_closing_is_none(qapp, answer):
    apply_theme(qapp)
    async with Supervisor("welcome") as tasks:
        welcome = Welcome(tasks, "default", SystemClock(), Redactor())
        asked = asyncio.ensure_future(welcome.first())
        await eventually(lambda: welcome.dialog is not None and welcome.dialog.isVisible())

        if answer is None:
            welcome.dialog.close()
        else:
            QTest.mouseClick(welcome.dialog.buttons[answer], Qt.MouseButton.LeftButton)

        assert await asked is answer
        await eventually(
            lambda: not any(isinstance(one, WelcomeDialog) for one in QApplication.topLevelWidgets())
        )
