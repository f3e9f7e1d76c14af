from core.processing.store import Store


def test_keys_touched_between_two_flushes_reach_an_observer_in_one_call():
    store, told = Store(), []
    store.observe(told.append)
    for key in ("a", "b", "a"):
        store.touch(key)

    assert store.is_dirty
    assert store.flush()
    assert told == [frozenset("ab")]


def test_a_flush_without_changes_tells_nobody():
    store, told = Store(), []
    store.observe(told.append)

    assert not store.flush()
    assert told == []


def test_nothing_is_told_before_the_flush():
    store, told = Store(), []
    store.observe(told.append)

    store.touch("a")

    assert told == []


def test_an_observer_that_stopped_is_not_told_again():
    store, told = Store(), []
    stop = store.observe(told.append)
    stop()
    stop()
    store.touch("a")

    assert store.flush()
    assert told == []


def test_an_observer_may_stop_itself_while_it_is_told():
    store, told = Store(), []

    def once(keys):
        told.append(keys)
        stop()

    stop = store.observe(once)
    store.observe(told.append)
    store.touch("a")
    store.flush()
    store.touch("b")
    store.flush()

    assert told == [frozenset("a"), frozenset("a"), frozenset("b")]


def test_a_change_made_while_telling_is_told_at_the_next_flush():
    store, told = Store(), []

    def echo(keys):
        told.append(keys)
        if "a" in keys:
            store.touch("b")

    store.observe(echo)
    store.touch("a")
    store.flush()

    assert told == [frozenset("a")]
    assert store.flush()
    assert told[1:] == [frozenset("b")]


def test_an_observer_that_raises_is_counted_and_the_others_are_still_told(expect_logs):
    expect_logs("core.processing.store", "observer failed store=Store")
    store, told = Store(), []
    store.observe(lambda _: 1 / 0)
    store.observe(told.append)
    store.touch("a")

    assert store.flush()
    assert (told, store.failures) == ([frozenset("a")], 1)


def test_the_same_observer_twice_is_told_twice_and_stops_one_at_a_time():
    store, told = Store(), []
    stop = store.observe(told.append)
    store.observe(told.append)
    stop()
    store.touch("a")
    store.flush()

    assert told == [frozenset("a")]
