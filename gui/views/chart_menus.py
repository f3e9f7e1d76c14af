"""The menus of the chart: what can be done at a price, and the list of alerts."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu

from core.app.price_alerts import PriceAlerts
from core.domain.instrument import Side
from gui import formats
from gui.forms.alert_dialog import AlertDialog
from gui.views.chart_lines import LineKind
from gui.views.chart_orders import alert_number

if TYPE_CHECKING:
    from gui.views.price_chart_view import PriceChartView


def open_price_menu(chart: PriceChartView, where: QPointF, on_screen: QPoint) -> None:
    """Offer what can be done at a scene position: with the line there, else with the price."""
    menu = QMenu(chart)
    menu.setObjectName("price_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    line = chart.canvas.lines.movable_at(where)
    if line is not None and line.kind is LineKind.ALERT:
        number = alert_number(line)
        menu.addAction(chart.tr("&Remove this alert"), lambda: chart.alerts.remove(number))
    elif line is not None:
        order = chart.orders.order_of(line)
        if order is not None:
            words = chart.tr("&Cancel this order") + f"  ({formats.plain(line.words)} @ {line.tag})"
            menu.addAction(words, lambda: chart.cancel_wished.emit(order))
    _add_price_actions(menu, chart, where)
    menu.popup(on_screen)


def fill_alert_menu(chart: PriceChartView, alerts: PriceAlerts) -> None:
    """List the alerts of the pair and offer a new one."""
    menu, digits = chart.bar.alert_menu, chart.digits
    menu.clear()
    new = menu.addAction(chart.tr("&New alert …"), lambda: open_alert_dialog(chart))
    new.setEnabled(chart.instrument is not None)
    waiting = alerts.all(chart.symbol)
    if waiting:
        menu.addSeparator()
    for alert in waiting:
        words = chart.tr("Remove %1").replace("%1", formats.fixed(alert.price, digits))
        menu.addAction(words, partial(alerts.remove, alert.number))


def open_alert_dialog(chart: PriceChartView) -> None:
    """Ask for the price of a new alert."""
    instrument = chart.instrument
    if instrument is not None:
        AlertDialog(instrument, chart.last, chart.add_alert, chart).open()


def _add_price_actions(menu: QMenu, chart: PriceChartView, where: QPointF) -> None:
    price = chart.price_at(where)
    if price is None:
        return
    if menu.actions():
        menu.addSeparator()

    def offer(words: str, side: Side | None, at: Decimal = price) -> None:
        text = words.replace("%1", formats.fixed(at, chart.digits))
        if side is None:
            menu.addAction(text, lambda: chart.add_alert(at))
        else:
            menu.addAction(text, lambda: chart.price_chosen.emit(side, at))

    offer(chart.tr("&Alert at %1"), None)
    offer(chart.tr("&Buy at %1 in the ticket"), Side.BUY)
    offer(chart.tr("&Sell at %1 in the ticket"), Side.SELL)
