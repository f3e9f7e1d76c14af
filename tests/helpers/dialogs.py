"""Every dialog of the program, opened over the hand-filled desk, for pictures and for what holds in all of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QDialog

from core.app.drill import FireDrill
from core.app.live_guard import LiveGuard
from core.app.preflight import Preflight
from core.domain.ids import Symbol
from core.domain.limits import Finding, Reason, Severity
from core.domain.mode import Mode
from core.domain.orders import OrderStatus
from core.domain.passport import NEEDED, KeyInfo, judge
from core.runtime.tasks import Supervisor
from core.sim.faults import FaultPlan
from gui.bridge import Bridge
from gui.forms.again_dialog import AgainDialog
from gui.forms.alert_dialog import AlertDialog
from gui.forms.amend_dialog import AmendDialog
from gui.forms.consent_dialog import ConsentDialog
from gui.forms.drill_dialog import DrillDialog
from gui.forms.incident_dialog import IncidentDialog
from gui.forms.live_dialog import LiveDialog
from gui.forms.order_dialog import OrderDialog
from gui.forms.preflight_dialog import PreflightDialog
from gui.forms.quit_dialog import QuitDialog
from gui.forms.seal_dialog import SealDialog
from gui.forms.welcome_dialog import WelcomeDialog
from gui.main_window import MainWindow
from tests.helpers.market import Desk, full_desk

COMMANDS = (
    *("palette", "preferences", "keys", "guide", "scaled", "layouts", "flatten_to", "dead_man"),
    "add_strategy",
)
"""Commands that open one."""

PAIR = Symbol("BTC/USD")


def ways(window: MainWindow, desk: Desk) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield a name and what opens the dialog, one after the other."""
    for command in COMMANDS:
        yield command, window.actions_by_name[command].trigger
    for dialog_name, make in makers(window, desk).items():
        yield dialog_name, partial(_open, make)


def visible(window: MainWindow) -> list[QDialog]:
    """Return the dialogs on screen."""
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def _open(make: Callable[[], QDialog]) -> None:
    make().open()


def makers(window: MainWindow, desk: Desk) -> dict[str, Callable[[], QDialog]]:
    """Dialogs that need more than a command: an order, a finding, live money."""
    stores, clock = desk.stores, desk.clock
    order = next(order for order in stores.orders.open() if order.status is OrderStatus.NEW)
    instrument = stores.instruments.get(PAIR)
    assert instrument is not None
    findings = [
        Finding(Reason.NOTIONAL, Severity.HOLD, "worth 90,000 USD, more than 25,000"),
        Finding(Reason.NOTIONAL, Severity.TYPE, "takes 12 % of the book within 1 %"),
    ]
    locked = full_desk()
    guard = LiveGuard(Mode.LIVE, locked.stores.health, clock)
    guard.passport = judge(KeyInfo(permissions=NEEDED, addresses=("203.0.113.7",)), 0)
    drill = FireDrill(FaultPlan(7, clock), stores, clock, ignore)
    day, file = datetime.date(2026, 3, 1), Path("/home/trader/tidewire.sealed")
    return {
        "amend": lambda: AmendDialog(stores, order, ignore, window),
        "order": lambda: OrderDialog(stores, order.cl_ord_id or order.order_id, order, window),
        "again": lambda: AgainDialog(order, stores.books.view(PAIR), ignore, window),
        "alert": lambda: AlertDialog(instrument, Decimal("61234.5"), ignore, window),
        "consent": lambda: ConsentDialog("Buy 1.5 BTC/USD", Decimal("1.5"), findings, ignore, window),
        "quit": lambda: QuitDialog(stores.orders.open(), ignore, ignore, window, 42.0),
        "live": lambda: LiveDialog(guard, window),
        "preflight": lambda: PreflightDialog(Preflight(guard, locked.stores, ignore), window),
        "drill": lambda: DrillDialog(drill, lambda: PAIR, ignore, window),
        "incident": lambda: IncidentDialog(file, "Recording, 12 MB so far.", ignore, window),
        "seal": lambda: SealDialog(day, lambda _: file, ignore, ignore, window),
        "welcome": lambda: WelcomeDialog(Bridge(Supervisor("welcome")), ignore, ignore, window),
    }


def ignore(*_: object) -> None:
    """Do nothing with what a dialog is given."""
