"""Small real fakes, builders and waiting for tests."""
