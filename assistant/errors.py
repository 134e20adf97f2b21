"""The errors of the assistant, caught by its command line.

AssistantError
├── InputError       a file or a line given by the user is not what was expected
├── SettingError     a setting of the installation means nothing
├── StorageError     what the staff desk keeps cannot be read or written; nothing half-written is left
│   ├── UnreachableError    the database cannot be opened or joined
│   ├── LockedError         somebody else has held it for too long
│   ├── DamagedError        it is no database, or a broken one
│   ├── NewerError          a newer version of the assistant made it
│   ├── DiskFullError       no room is left on the disk
│   └── ReadOnlyError       it may be read, not written
└── ListenError      the page cannot be served at the address asked
    └── PortInUseError   another program listens there already
"""

from __future__ import annotations


class AssistantError(Exception):
    """Root of the errors a user of the assistant may meet."""


class InputError(AssistantError):
    """A file or a line is not what was expected; says which and what to do."""


class SettingError(AssistantError):
    """A setting read from the environment means nothing; the message names it and says what to write."""


class StorageError(AssistantError):
    """What the staff desk keeps cannot be read or written; the message, in French, says what to do."""


class UnreachableError(StorageError):
    """The database cannot be opened or joined."""


class LockedError(StorageError):
    """Somebody else has held the database for too long."""


class DamagedError(StorageError):
    """The file is no database, or a broken one."""


class NewerError(StorageError):
    """A newer version of the assistant made the database."""


class DiskFullError(StorageError):
    """No room is left on the disk of the database."""


class ReadOnlyError(StorageError):
    """The database may be read, not written."""


class ListenError(AssistantError):
    """The server cannot listen where it was asked to; the message, in French, says what to do."""


class PortInUseError(ListenError):
    """Another program already listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Le port {port} de {host} est déjà utilisé par un autre programme. "
            f"Arrêtez ce programme ou choisissez un autre port, par exemple --port {port + 1}."
        )
