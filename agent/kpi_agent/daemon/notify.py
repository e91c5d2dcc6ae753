"""Messages to systemd (sd_notify): one datagram each, nothing when no supervisor listens."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

logger = logging.getLogger(__name__)

# What a child must not inherit: it would speak in the daemon's name.
SUPERVISOR_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")

_STATUS_CHARACTERS = 1000  # a hundred problems of a bad file belong to the journal


@dataclass(frozen=True, slots=True)
class Notifier:
    """Speaks to the supervisor's socket *address* (a path, or ``@name`` in the abstract space); empty: to nobody."""

    address: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Notifier:
        """Return the notifier for ``$NOTIFY_SOCKET``; a silent one when it is not set."""
        return cls(environment.get("NOTIFY_SOCKET", ""))

    def ready(self, status: str) -> None:
        """Say that the service serves; also ends a reload."""
        self._send("READY=1", _status(status))

    def reloading(self) -> None:
        """Say that a reload has begun. The instant is what systemd 253 and later ask for; 252 ignores it."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that the service is on its way out."""
        self._send("STOPPING=1", _status("stopping"))

    def status(self, text: str) -> None:
        """Show *text* in ``systemctl status``."""
        self._send(_status(text))

    def watchdog(self) -> None:
        """Feed the watchdog: only a finished tick may call this."""
        self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if not self.address:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                # A supervisor that does not read must not stop the daemon: the watchdog judges, not this call.
                channel.setblocking(False)
                channel.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            logger.debug("supervisor not reached: %s", error.strerror)


def _status(text: str) -> str:
    # A line feed would end the field, and what follows would be read as another one.
    return "STATUS=" + " ".join(text.split())[:_STATUS_CHARACTERS]
