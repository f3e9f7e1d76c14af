from core.domain.ids import Symbol
from gui.symbol_link import SymbolLink

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")


def test_linked_panels_are_told_the_new_symbol_once(qapp):
    link, told = SymbolLink(BTC), []
    link.changed.connect(told.append)

    link.show_symbol(ETH)
    link.show_symbol(ETH)

    assert (told, link.symbol) == ([ETH], ETH)


def test_the_symbol_shown_already_tells_nobody(qapp):
    link, told = SymbolLink(BTC), []
    link.changed.connect(told.append)

    link.show_symbol(BTC)

    assert told == []


def test_a_panel_asking_while_it_is_told_sees_the_new_symbol(qapp):
    link, seen = SymbolLink(BTC), []
    link.changed.connect(lambda _: seen.append(link.symbol))

    link.show_symbol(ETH)

    assert seen == [ETH]
