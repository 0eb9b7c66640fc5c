"""The commented configuration file that `rekisteri init` writes."""

import os
from pathlib import Path

from config.errors import ConfigError
from config.layers import FILE_NAME

TEMPLATE = Path(__file__).with_name(FILE_NAME)


def write_template(path: Path) -> Path:
    """Write the commented file to `path`, or into it where it is a folder, with mode 0600, and say where it went.

    Never overwrites and makes no folder: `ConfigError`. What is not there is a file where it ends in `.toml`.
    """
    target = path / FILE_NAME if path.is_dir() else path
    if path.suffix != TEMPLATE.suffix and not path.exists():
        # A slash at the end of PATH is lost on the way here, so the name alone tells what was meant.
        raise ConfigError(f"the folder {path} is not there; make it first, or name a file that ends in .toml")
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
