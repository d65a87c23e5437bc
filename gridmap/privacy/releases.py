"""What a project remembers of its releases: a secret for new ids, and the areas that products share.

Both must outlive a single product: with another secret a receiver's ids change from month to month, and
areas drawn anew for every product would let somebody who keeps them all lay them over each other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

from gridmap.errors import ConfigError

SECRET_BYTES = 32
FORMAT = 1
NOTE = (
    "本项目自用，请勿外传：据此可还原各对象产品的新编号。 / This project's own, never handed on: with it the "
    "new ids of products can be traced back. Without it, ids and areas of later products are new."
)


@dataclass(frozen=True, slots=True)
class Releases:
    """A secret, and partitions by name as plain data.

    Parameters
    ----------
    secret : bytes
        32 random bytes; never printed.
    partitions : mapping of str to mapping
        See `gridmap.privacy.partition.Partition.to_plain`.
    """

    secret: bytes = field(repr=False)
    partitions: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "partitions", MappingProxyType(dict(self.partitions)))

    @classmethod
    def fresh(cls) -> Self:
        """Return what a project begins with."""
        return cls(secrets.token_bytes(SECRET_BYTES))

    def with_partition(self, name: str, plain: Mapping[str, Any]) -> Releases:
        """Return these with one partition put in or replaced."""
        return replace(self, partitions={**self.partitions, name: plain})

    def keyed(self, *words: str) -> bytes:
        """Return the HMAC-SHA256 of some words under the secret (RFC 2104)."""
        # The lengths keep ("ab", "c") and ("a", "bc") apart, whatever the words hold.
        message = b"".join(len(word.encode()).to_bytes(4, "big") + word.encode() for word in words)
        return hmac.new(self.secret, message, hashlib.sha256).digest()

    def to_text(self) -> str:
        """Return the text of the file that keeps these."""
        plain = {
            "format": FORMAT,
            "note": NOTE,
            "secret": self.secret.hex(),
            "partitions": dict(self.partitions),
        }
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @classmethod
    def from_text(cls, text: str, *, where: str) -> Self:
        """Return what such a file keeps.

        Raises
        ------
        ConfigError
            GM112 if it is damaged, or of a later gridmap.
        """
        try:
            plain = json.loads(text)
            secret, partitions = bytes.fromhex(plain["secret"]), plain["partitions"]
            sound = plain["format"] == FORMAT and len(secret) == SECRET_BYTES and isinstance(partitions, dict)
        except (ValueError, KeyError, TypeError, RecursionError):
            sound = False
        if not sound:
            raise damaged(where)
        return cls(secret, partitions)


def damaged(where: str) -> ConfigError:
    """Return the error that says so, for whoever finds it."""
    return ConfigError(
        "GM112",
        "what the project remembers of its releases cannot be read",
        where=where,
        fix="put a copy back; without one move the file away: the ids and areas of later products are new "
        "then, and do not fit those of earlier ones",
    )
