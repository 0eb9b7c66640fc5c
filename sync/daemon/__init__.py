"""The background service: schedules, the run in progress, deliveries, signals."""
