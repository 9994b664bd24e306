"""One key: what it is for, its id, and the two things that can be done with it.

The bytes of a key go into OpenSSL's objects when its file is read and stay there. What a key shows of itself (`repr`,
a log line, a traceback with local variables) can therefore not hold them, and a key cannot be pickled.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Never, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SIZE = 32  # bytes: 256 bits, for AES-256 as for HMAC-SHA256


class Purpose(StrEnum):
    """What a key is for; no key serves two purposes."""

    SEAL = "seal"  # encrypts values in the database
    INDEX = "index"  # finds equal values among encrypted ones
    CODE = "code"  # the pepper of activation codes
    LOG = "log"  # pseudonyms in the log
    AUDIT = "audit"  # chains the audit events
    BACKUP = "backup"  # encrypts files


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    purpose: Purpose
    id: str  # k1, k2 … in the order they were made; never used again
    since: date
    _mac: hmac.HMAC = field(repr=False)

    @classmethod
    def of(cls, purpose: Purpose, key_id: str, since: date, material: bytes) -> Self:
        return cls(purpose, key_id, since, hmac.new(material, digestmod="sha256"))

    def mac(self, *parts: str | bytes) -> bytes:
        """HMAC-SHA256 over the parts, 32 bytes. No two lists of parts are the same message."""
        mac = self._mac.copy()
        mac.update(joined(*parts))
        return mac.digest()

    def cipher(self, *context: str | bytes) -> AESGCM:
        """AES-256-GCM under a key of its own for each context, made by HMAC as a key derivation (NIST SP 800-108)."""
        return AESGCM(self.mac("cipher", *context))

    def __reduce__(self) -> Never:
        raise TypeError("a key is never pickled or copied")

    def __reduce_ex__(self, _protocol: object) -> Never:
        self.__reduce__()


def joined(*parts: str | bytes) -> bytes:
    """The parts as one message, each with its length before it: ("ab", "c") and ("a", "bc") differ."""
    message = bytearray()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        message += len(data).to_bytes(8, "big") + data
    return bytes(message)


def fingerprint(purpose: Purpose, key_id: str, material: bytes) -> str:
    """Eight characters that tell a damaged or misplaced key from the right one and give nothing of it away."""
    return hashlib.sha256(joined("auskunft key", purpose, key_id, material)).hexdigest()[:8]
