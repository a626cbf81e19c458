"""Becomes another program, as another user, that is told to shut down (SIGINT) when the process that started it dies.

Started by path, with the standard library only. A step of its own instead of a `preexec_fn`: that may deadlock in a
process with threads. The signal is asked for after the change of user, which would clear it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: str, uid: str, gid: str, *command: str) -> None:
    """Runs `command` in place of this process; `parent` is the starter's process id, uid and gid matter for root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != int(parent):
            sys.exit("the process that started PostgreSQL died meanwhile")
    os.execv(command[0], command)  # noqa: S606 - there is no shell to go round


if __name__ == "__main__":
    main(*sys.argv[1:])
