from PySide6.QtCore import QCoreApplication, QEvent

from core.runtime.clock import SystemClock
from core.runtime.memory import Collector
from tests.helpers.table_stress import Stress

STEPS = 30


def test_a_table_is_painted_while_its_rows_come_go_and_change_places(qtbot):
    with Collector(SystemClock()) as collector, Stress(seed=7) as stress:
        qtbot.addWidget(stress.table)
        for _ in range(STEPS):
            stress.step()
            collector.look()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

        shown = [stress.model.key_at(row) for row in range(stress.model.rowCount())]
        assert shown == stress.model.keys()
        assert [stress.model.row_of(key) for key in shown] == list(range(len(shown)))
