"""Ground floor: clock, tasks, settings, paths, logs, secrets. Knows nothing of trading."""
