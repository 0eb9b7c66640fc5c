"""The one error of this room: something that the owner states about the installation is wrong."""


class ConfigError(Exception):
    """A setting or an entry of the processing register that cannot be used; the command ends with status 2.

    The text is one line: the setting's dotted name, what is wrong, and the way out. It never quotes a value that
    could be a secret. `setting` is that name, or `None` where no single setting is at fault.
    """

    def __init__(self, problem: str, setting: str | None = None) -> None:
        self.setting = setting
        line = " ".join(problem.split())
        super().__init__(f"{setting}: {line}" if setting else line)
