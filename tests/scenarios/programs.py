"""The program in a process that is forked, where starting an interpreter each time would take too long."""

import os
import sys
from pathlib import Path

NEEDED = ("connectors.thinkific", "connectors.timma.both", "connectors.http", "sync.cli.running", "sync.run")
"""What a run imports late."""


def sync(folder: Path) -> None:
    """`rekisteri sync` in this folder; what it says is thrown away."""
    from sync.cli import main

    os.chdir(folder)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    sys.argv = ["rekisteri", "sync"]
    main()
