"""What a photo is announced as, how far it is, and why one is refused. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gis.errors import Conflict, InvalidInput

MAX_BYTES = 3 * 1024 * 1024
MAX_PIECE = 256 * 1024
MAX_PER_RECORD = 20
MAX_EDGE = 4096
"""Pixels. Phones send 1600; this lets a camera's 12 megapixels through and keeps bombs out."""
MEDIA_TYPES = ("image/jpeg", "image/webp", "image/png")


def N_(message: str) -> str:
    """Mark a message for the catalogues; `webmap.http.problem` looks the translation up."""
    return message


class State(StrEnum):
    """How far a photo is; the phone may forget it once it is complete."""

    UPLOADING = "uploading"
    COMPLETE = "complete"
    REFUSED = "refused"


REFUSALS = {
    "wrong-hash": N_("The photo that arrived is not the one announced; send it anew."),
    "wrong-type": N_("The photo is of another kind than announced."),
    "not-a-photo": N_("This is no JPEG, WebP or PNG picture."),
    "broken-photo": N_("The picture is cut off or damaged."),
    "too-many-pixels": N_("The picture is wider or higher than 4096 pixels."),
    "moving-picture": N_("Moving pictures are not taken."),
}
"""Why a photo that has arrived is refused, by the code that is stored."""


def refusal(code: str, *, pointer: str = "content") -> InvalidInput:
    """The error that tells why a photo is refused."""
    message = REFUSALS[code]
    return InvalidInput(message, pointer=pointer, code=code)


class WrongOffset(Conflict):
    """The piece does not begin where the last one ended."""

    code = "wrong-offset"

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Announcement:
    """A photo to come: its ids, what it will be, when and where it was taken (WGS84 degrees, if known)."""

    client_id: UUID
    record_id: UUID
    sha256: bytes
    bytes: int
    media_type: str
    taken_at: datetime
    position: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.media_type not in MEDIA_TYPES:
            raise refusal("not-a-photo", pointer="media_type")
        if not 1 <= self.bytes <= MAX_BYTES:
            raise InvalidInput("A photo has at most 3 MB.", pointer="bytes", code="out-of-range")
        if len(self.sha256) != 32:
            raise InvalidInput("A SHA-256 has 64 hexadecimal digits.", pointer="sha256", code="bad-hash")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a photo is.

    Attributes
    ----------
    offset : bytes the server holds, from the first on without a gap.
    sha256 : of the whole, in hex, once the photo is complete: the receipt. None before.
    refusal : the code of why it was refused, if it was.
    """

    client_id: str
    state: State
    offset: int
    bytes: int
    sha256: str | None = None
    refusal: str | None = None
