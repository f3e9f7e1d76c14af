"""Benchmarks: Tidewire and other libraries doing the same work in one run. Started by `make bench`."""
