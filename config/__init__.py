"""Settings, the processing register and logging: what the owner states about this installation."""

UPKEEP = "register_upkeep"
"""The purpose of keeping the register itself; every processing register has it."""
