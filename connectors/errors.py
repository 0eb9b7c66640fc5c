"""Errors of the connector seam, classed by what to do next.

ConnectorError
├── StopRun       the whole run must stop: the configuration or the program is wrong
├── HoldSource    this source waits until a person acts (rejected credentials, missing right, wrong plan)
├── RetryLater    every try is used up; the next run may succeed
└── RejectRow     one row cannot be mapped: quarantine it and go on

Texts are shown to people and written to logs: they name settings, statuses and columns, never a value of a row,
a secret, or a URL's query.
"""


class ConnectorError(Exception):
    """Root of everything that a connector may raise."""


class StopRun(ConnectorError):
    """Nothing of this run can be right; a person has to change something first."""


class HoldSource(ConnectorError):
    """The platform refuses us; the source is held until a call succeeds again. The text names the settings."""


class RetryLater(ConnectorError):
    """The platform did not answer usably within the allowed tries. What landed stays; the next run goes on."""


class RejectRow(ConnectorError):
    """A row that cannot be mapped.

    `reason` says why without quoting the row; `column` is the field or heading at fault, where there is one.
    """

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column
