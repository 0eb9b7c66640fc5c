"""The same pull with dlt: `rest_api` source, merge by primary key into SQLite. Runs in an environment of its own.

dlt is given its best case: lists stay JSON instead of becoming tables of their own, and telemetry and progress are off.
With `keys` the tables get primary keys, which dlt does not make by default: without them its merge compares every new
row with every old one, and a second run over 20,000 users takes seven times as long.
Users have no time of change at the platform, so both programs read them whole; enrollments are read by
`query[updated_after]` from the second run on, 48 hours back, as ours are.

Usage: python peer_dlt.py SETTINGS FOLDER [keys]    prints {"rows": …, "seconds": …} as JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source

PAGE = 250
SWEPT = ("users", "courses", "products", "orders", "custom_profile_field_definitions")
OVERLAP_S = 48 * 3600


def stream(name: str, further: dict[str, Any]) -> dict[str, Any]:
    """One list endpoint."""
    endpoint = {"path": name, "data_selector": "items", "params": {"limit": PAGE}} | further
    return {"name": name, "endpoint": endpoint, "max_table_nesting": 0}


def source(settings: dict[str, Any]) -> Any:
    """The platform as dlt sees it."""
    pages = {
        "type": "page_number",
        "base_page": 1,
        "page_param": "page",
        "total_path": "meta.pagination.total_pages",
        "stop_after_empty_page": True,
    }
    changed = {
        "incremental": {
            "cursor_path": "updated_at",
            "start_param": "query[updated_after]",
            "initial_value": "1970-01-01T00:00:00Z",
            "lag": OVERLAP_S,
        }
    }
    return rest_api_source(
        {
            "client": {
                "base_url": f"{settings['base_url']}/",
                "headers": {"X-Auth-API-Key": settings["api_key"], "X-Auth-Subdomain": settings["subdomain"]},
                "paginator": pages,
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
            "resources": [*(stream(name, {}) for name in SWEPT), stream("enrollments", changed)],
        }
    )


def load(settings: dict[str, Any], folder: Path, keys: bool) -> int:
    """Pull and merge; rows taken in by this run."""
    database = f"sqlite:///{folder / 'dlt.db'}"
    destination = dlt.destinations.sqlalchemy(credentials=database, create_primary_keys=keys)
    pipeline = dlt.pipeline(
        "peer", destination=destination, dataset_name="peer", pipelines_dir=str(folder / "pipelines")
    )
    pipeline.run(source(settings))
    counts = pipeline.last_trace.last_normalize_info.row_counts
    return sum(rows for name, rows in counts.items() if not name.startswith("_dlt"))


def main() -> None:
    """Load and print the figures."""
    begun = time.perf_counter()
    rows = load(json.loads(sys.argv[1]), Path(sys.argv[2]).resolve(), "keys" in sys.argv[3:])
    print(json.dumps({"rows": rows, "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    main()
