"""Where each source and stream stands, runs, and what platforms sent by themselves."""

from datetime import datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel


class StreamState(SQLModel, table=True):
    """Where the reads of a stream stand (`connectors.base.Position`). `began_at`: when the sweep that ended at
    `swept_at` began; of what was said of a row before that, the sweep knew better."""

    __tablename__ = "stream_state"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    cursor: str | None = None
    newest: datetime | None = None
    swept_at: datetime | None = None
    began_at: datetime | None = None


class SourceState(SQLModel, table=True):
    """Whether a source is held until a person acts, when it last went well, how many of its runs failed in a row,
    since when they do, and when the daemon means to run it next."""

    __tablename__ = "source_state"
    source: str = Field(primary_key=True)
    held_since: datetime | None = None
    held_reason: str | None = None
    last_ok_at: datetime | None = None
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    lost_since: datetime | None = None
    next_run_at: datetime | None = None


class Run(SQLModel, table=True):
    """One run. `registry_counts` is JSON. `trigger`: `command`, `schedule` or `event`, by which it came about."""

    __tablename__ = "run"
    id: str = Field(primary_key=True)
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str
    full: bool
    registry_counts: str | None = Field(default=None, sa_column=Column(Text))
    trigger: str = Field(default="command", sa_column_kwargs={"server_default": "command"})


class SourceRun(SQLModel, table=True):
    """One source in one run."""

    __tablename__ = "source_run"
    run_id: str = Field(primary_key=True, foreign_key="run.id")
    source: str = Field(primary_key=True)
    outcome: str
    error: str | None = None
    requests: int
    retries: int
    waited_s: float


class StreamRun(SQLModel, table=True):
    """The numbers of one stream in one run: fetched = new + changed + unchanged + quarantined. `erased`: rows of erased
    people that were dropped, not among the fetched."""

    __tablename__ = "stream_run"
    run_id: str = Field(primary_key=True, foreign_key="run.id")
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    outcome: str
    complete: bool
    fetched: int
    new: int
    changed: int
    unchanged: int
    vanished: int
    held: int
    quarantined: int
    skipped: int
    masked: int
    erased: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class RunProblem(SQLModel, table=True):
    """What a person should look at after a run. Never quotes a value."""

    __tablename__ = "run_problem"
    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id", index=True)
    source: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    reason: str


class PlatformEvent(SQLModel, table=True):
    """What a platform sent by itself, known by the platform's own id of it, so that a repetition is seen.

    `fields` is JSON of the allow-listed fields, emptied once the event is processed. `state`: `waiting`; `landed` or
    `unchanged`; `stale` (newer data was there); `kept` (a topic of no use to the registry); `refused` (could not be
    mapped, or may be an erased person's, and is in quarantine); `dropped` (an erased person's); `failed` (given up).
    `created_at` is the platform's, `received_at` ours.
    """

    __tablename__ = "platform_event"
    __table_args__ = (
        Index("platform_event_row", "source", "stream", "external_id"),
        Index("platform_event_waiting", "state", "try_at"),
    )
    source: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    topic: str
    stream: str | None = None
    external_id: str | None = None
    deleted: bool
    created_at: datetime
    received_at: datetime
    fields: str | None = Field(default=None, sa_column=Column(Text))
    state: str
    tries: int
    try_at: datetime
    processed_at: datetime | None = None
    run_id: str | None = None
