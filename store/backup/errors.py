"""What can be wrong with the files of a backup.

BackupError         the command ends with status 1; the text is one line, with the way out, and quotes nobody
├── UnreadableError this file cannot be read as a backup: cut, changed, foreign, newer, or for another identity
└── SidecarError    what was erased cannot be told for sure: nothing may be restored
"""


class BackupError(Exception):
    """A backup that cannot be made or restored as things stand."""


class UnreadableError(BackupError):
    """The file is no whole backup that this program and this identity can read."""


class SidecarError(BackupError):
    """The sidecar of erasures is not there, was cut or changed, or belongs to another key."""
