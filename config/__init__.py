"""Settings, the processing register and logging: what the owner states about this installation."""
