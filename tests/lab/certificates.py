"""Certificates for tests, made by the openssl of this machine."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate that signs itself, and its key."""

    cert: Path
    key: Path


def self_signed(folder: Path, name: str, host: str, *, passphrase: str | None = None, days: int = 2) -> Pair:
    """Return a new pair for *host* (``IP:127.0.0.1``, ``DNS:agent``); days below zero: it expired so long ago.

    Skips the test where the machine has no ``openssl``.
    """
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine: install the package 'openssl'")
    pair, request = Pair(folder / f"{name}.crt", folder / f"{name}.key"), folder / f"{name}.csr"
    made = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", str(pair.key)]
    locked = ["-nodes"] if passphrase is None else ["-passout", f"pass:{passphrase}"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={host}", "-out", str(request)]
    _openssl(*made, *locked, *names)
    signed = ["x509", "-req", "-in", str(request), "-signkey", str(pair.key), "-copy_extensions", "copy"]
    unlocked = [] if passphrase is None else ["-passin", f"pass:{passphrase}"]
    _openssl(*signed, *unlocked, "-days", str(days), "-out", str(pair.cert))
    return pair


def serving(pair: Pair, *, clients: Pair | None = None) -> ssl.SSLContext:
    """Return what serves *pair*, to those only who show *clients* where it is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients.cert)
    return context


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)
