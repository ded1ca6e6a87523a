"""Files elsewhere, by fsspec: what an address names, and its bytes."""

from __future__ import annotations

from glob import has_magic
from typing import Any, BinaryIO

from extract.errors import CommuniqueError, ReadError, UsageError
from extract.inputs import shown

_WEB = ("http://", "https://")


def is_address(argument: str) -> bool:
    """Whether it names something by protocol, as `s3://bucket/a.txt` does."""
    return "://" in argument


def named_by(address: str) -> tuple[list[str], bool]:
    """The files that an address names, sorted, and whether it names them itself, not by folder or pattern.

    Raises `UsageError` where it names none.
    """
    if address.startswith(_WEB):  # has no folders, and a question mark there is no pattern
        return [address], True
    try:
        system, path = _looked_up(address)
        if system.isdir(path):
            return [system.unstrip_protocol(one) for one in sorted(system.find(path))], False
        if system.exists(path):
            return [system.unstrip_protocol(path)], True
        found = sorted(system.glob(path)) if has_magic(path) else []
        matches = [system.unstrip_protocol(one) for one in found if system.isfile(one)]
    except CommuniqueError as error:
        raise UsageError(f"{shown(address)} {error}") from error
    except Exception as error:  # whatever the libraries of each protocol raise
        raise UsageError(
            f"{shown(address)} cannot be looked up ({type(error).__name__}); check it and its keys"
        ) from error
    if not matches:
        raise UsageError(
            f"{shown(address)!r} names no file or folder; check the address and its spelling"
        )
    return matches, False


def opened(address: str) -> BinaryIO:
    """The file, to be read at any place. Raises `ReadError`."""
    system, path = _looked_up(address)
    file: BinaryIO = system.open(path, "rb")
    try:
        file.seek(file.seek(1) - 1)
    except ValueError as error:
        file.close()
        raise ReadError(
            "comes from a server that gives no parts of a file; fetch it first"
        ) from error
    return file


def head(address: str, size: int) -> bytes:
    """The first so many bytes, or all there are. Raises `ReadError`."""
    data = bytearray()
    try:
        system, path = _looked_up(address)
        whole = {"block_size": 0} if address.startswith(_WEB) else {}  # in one request
        with system.open(path, "rb", **whole) as file:
            while len(data) < size and (part := file.read(size - len(data))):
                data += part
    except ReadError:
        raise
    except Exception as error:
        why = (
            "there is no such file"
            if isinstance(error, FileNotFoundError)
            else type(error).__name__
        )
        raise ReadError(f"cannot be fetched ({why}); check the address and try again") from error
    return bytes(data)


def _looked_up(address: str) -> tuple[Any, str]:
    """The file system and the path in it. Raises `ReadError` where there is no library for it."""
    if "::" in address:
        raise ReadError("is a chain of addresses; name the file itself, unpacked")
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # ships no types

        system, path = url_to_fs(address)
    except ImportError as error:
        raise ReadError(
            f"needs more to be read: pip install 'communique[remote]' ({error})"
        ) from error
    except ValueError as error:
        raise ReadError(f"is of no known kind ({error}); check its spelling") from error
    return system, path
