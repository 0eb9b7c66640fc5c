"""A standby waits for months: the service manager must not take it for dead."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from store import locks
from store.engine import make_engine

CONFIGURATION = '[http]\nport = 0\n[thinkific]\nsubdomain = "school"\napi_key = "a-key"\n'


def test_a_standby_that_waits_tells_the_watchdog(tmp_path: Path, postgresql_url: str) -> None:
    file = tmp_path / "rekisteri.toml"
    file.write_text(CONFIGURATION, "utf-8")
    engine = make_engine(postgresql_url)
    environment = {
        "REKISTERI_DATABASE__URL": postgresql_url,
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
        "WATCHDOG_USEC": "60000000",
        "HOME": str(tmp_path),
    }
    command = [sys.executable, "-c", "from sync.cli import main; main()", "--config", str(file), "daemon", "--standby"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard, locks.holding(engine, "instance"):
        heard.bind(environment["NOTIFY_SOCKET"])
        heard.settimeout(90)
        standby = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        try:
            while not heard.recv(1024).startswith(b"READY=1\nSTATUS=standby"):
                pass
            until = time.monotonic() + 90
            while heard.recv(1024) != b"WATCHDOG=1":
                assert time.monotonic() < until
            standby.send_signal(signal.SIGTERM)
            standby.communicate(timeout=60)
        finally:
            standby.kill()
    assert standby.returncode == 0
    engine.dispose()
