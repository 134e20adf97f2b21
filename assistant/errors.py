"""The errors of the assistant, caught by its command line.

AssistantError
├── InputError       a file or a line given by the user is not what was expected
└── ListenError      the page cannot be served at the address asked
    └── PortInUseError   another program listens there already
"""

from __future__ import annotations


class AssistantError(Exception):
    """Root of the errors a user of the assistant may meet."""


class InputError(AssistantError):
    """A file or a line is not what was expected; says which and what to do."""
