import math

from hypothesis import given
from hypothesis import strategies as st

from core.processing.histogram import Histogram

BUCKET_WIDTH = 1.125
"""A bucket is an eighth of its lower bound wide at most."""

SAMPLES = st.lists(
    st.integers(0, 40) | st.integers(0, 10**6) | st.integers(0, 2**62), min_size=1, max_size=300
)


def filled(samples):
    histogram = Histogram()
    for sample in samples:
        histogram.add(sample)
    return histogram


def exact(samples, percent):
    """The nearest-rank percentile."""
    return sorted(samples)[max(1, math.ceil(len(samples) * percent / 100)) - 1]


def test_an_empty_histogram_says_nought_everywhere():
    histogram = Histogram()

    assert (histogram.percentile(99), histogram.mean, histogram.maximum, histogram.buckets()) == (0, 0, 0, [])


def test_small_samples_are_exact():
    histogram = filled(range(16))

    assert [histogram.percentile(percent) for percent in (50, 100)] == [7, 15]
    assert histogram.buckets() == [(value, 1) for value in range(16)]


def test_negative_samples_count_as_nought():
    histogram = filled([-5, -1])

    assert (histogram.count, histogram.total, histogram.percentile(100)) == (2, 0, 0)


def test_a_sample_beyond_the_last_bucket_is_kept_in_it():
    histogram = filled([2**70])

    assert histogram.maximum == 2**70
    assert histogram.count == sum(count for _, count in histogram.buckets()) == 1
    assert histogram.percentile(50) <= 2**70


def test_reset_forgets_everything():
    histogram = filled([1, 2, 3])

    histogram.reset()

    assert (histogram.count, histogram.total, histogram.maximum, histogram.buckets()) == (0, 0, 0, [])


@given(SAMPLES, st.sampled_from([0, 1, 25, 50, 75, 90, 95, 99, 100]))
def test_a_percentile_lies_within_a_bucket_of_the_exact_one(samples, percent):
    told, true = filled(samples).percentile(percent), exact(samples, percent)

    assert true <= told <= true * BUCKET_WIDTH


@given(SAMPLES)
def test_percentiles_rise_and_end_at_the_maximum(samples):
    histogram = filled(samples)
    told = [histogram.percentile(percent) for percent in (0, 10, 50, 90, 99.9, 100)]

    assert told == sorted(told)
    assert told[-1] == histogram.maximum == max(samples)


@given(SAMPLES)
def test_no_sample_is_lost_and_each_is_below_its_bound(samples):
    histogram = filled(samples)
    bounds = histogram.buckets()

    assert sum(count for _, count in bounds) == len(samples) == histogram.count
    assert [bound for bound, _ in bounds] == sorted({bound for bound, _ in bounds})
    assert histogram.mean == sum(samples) / len(samples)
