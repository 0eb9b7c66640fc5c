"""The commented configuration file that `rekisteri init` writes."""

import os
from pathlib import Path

from config.errors import ConfigError
from config.layers import FILE_NAME

TEMPLATE = Path(__file__).with_name(FILE_NAME)


def write_template(path: Path) -> Path:
    """Write the commented file to `path`, or into it where it is a folder, with mode 0600, and say where it went.

    Never overwrites and makes no folder: `ConfigError`.
    """
    target = path / FILE_NAME if path.is_dir() else path
    try:
        # O_EXCL: two `init` at once cannot overwrite each other, as they could between a look and a write.
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{target} is there already and is never overwritten; edit it, or name another") from None
    except OSError as error:
        raise ConfigError(f"{target} cannot be written ({error.strerror}); name a folder that is there") from None
    with os.fdopen(handle, "wb") as file:
        file.write(TEMPLATE.read_bytes())
    return target
