"""The one error of this room: an act on a person's rights that cannot be done as things stand."""


class NotPossibleError(Exception):
    """What was named is not there, or it is too late, too early or settled already; the command ends with status 1.

    The text is one line for the person who asked, with the way out. It quotes ids and dates only.
    """
