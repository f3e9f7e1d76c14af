"""Forms that ask: they build requests and await services. They do not judge what is allowed."""
