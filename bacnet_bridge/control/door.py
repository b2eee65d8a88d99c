"""Both ends of the control socket.

A question is `{"command": "status"}`; an answer is `{"result": …}` or `{"error": "a sentence"}`. The socket is
reached through its folder's descriptor, because a Unix socket's own path may have 107 bytes at the most.

Where there are no Unix sockets, as on Windows, the door is a port of the loopback; the file at its path then holds the
port and a token, which each question bears: who may read the file may ask.
"""

import asyncio
import json
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from bacnet_bridge.errors import BridgeError, NoServiceError, StateError

Command = Callable[[Mapping[str, Any]], Awaitable[Any]]
"""Takes the question, gives what JSON can say; a BridgeError's sentence goes back to whoever asked."""

_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_UNIX: Final = hasattr(socket, "AF_UNIX") and hasattr(asyncio, "start_unix_server")
_LONGEST: Final = 64 * 1024 * 1024  # an answer about thousands of meters
_LONGEST_QUESTION: Final = 4 * 1024 * 1024  # packets to be imported
_PATIENCE: Final = 10.0  # seconds; a service that does not answer is as bad as none
_log = structlog.get_logger()


@asynccontextmanager
async def open_door(path: Path, commands: Mapping[str, Command]) -> AsyncIterator[None]:
    """Answer questions at `path` until the context ends. Only the folder's owner gets in.

    The caller holds the state folder's lock, so a socket that is still there is a dead process's. Raises StateError
    where the folder takes no socket.
    """
    token = "" if _UNIX else secrets.token_urlsafe()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                question = await reader.readline()
            writer.write(await _answer(question, commands, token) + b"\n")
            await writer.drain()
        except (OSError, TimeoutError, ValueError):  # the asker went away, or sent a line without end
            _log.debug("control connection ended early")
        finally:
            writer.close()

    server = await (_at_socket(path, serve) if _UNIX else _at_port(path, token, serve))
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _at_socket(path: Path, serve: _Serve) -> asyncio.Server:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        with _short(path) as short:
            listener.bind(short)
        path.chmod(0o600)
    except OSError as error:
        listener.close()
        raise StateError(f"the control socket {path} cannot be made: {error.strerror or error}") from error
    return await asyncio.start_unix_server(serve, sock=listener, limit=_LONGEST_QUESTION)


async def _at_port(path: Path, token: str, serve: _Serve) -> asyncio.Server:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_LONGEST_QUESTION)
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"port": server.sockets[0].getsockname()[1], "token": token}), encoding="utf-8")
    except OSError as error:
        server.close()
        raise StateError(f"the control file {path} cannot be made: {error.strerror or error}") from error
    return server


async def ask(path: Path, command: str, *, patience: float = _PATIENCE, **details: Any) -> Any:
    """Put a question to the running service and give its result, which it has so many seconds for.

    Raises NoServiceError where no service runs, StateError where it does not answer; BridgeError with the service's
    own sentence.
    """
    try:
        async with asyncio.timeout(patience):
            reader, writer, token = await _reached(path)
            try:
                writer.write(json.dumps({"command": command, **token, **details}).encode() + b"\n")
                answer = json.loads(await reader.readline() or b'{"error": "the bridge hung up; its log says why"}')
            finally:
                writer.close()
    except (FileNotFoundError, ConnectionRefusedError):
        raise NoServiceError(
            f"no bridge runs on the state folder {path.parent.resolve()}: start it with `bacnet-bridge run`, "
            "or name the folder that it uses with --state"
        ) from None
    except PermissionError:
        raise StateError(f"{path} is another user's: ask as the user that runs the bridge") from None
    except (TimeoutError, OSError, ValueError) as error:
        raise StateError(f"the bridge on {path.parent} does not answer: {str(error) or 'no answer in time'}") from error
    if "error" in answer:
        raise BridgeError(answer["error"])
    return answer["result"]


async def _reached(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, dict[str, str]]:
    """A connection, and what a question needs besides. Raises OSError, or ValueError for a file that is none."""
    if _UNIX:
        with _short(path) as short:
            return *await asyncio.open_unix_connection(short, limit=_LONGEST), {}
    said = json.loads(path.read_text(encoding="utf-8"))
    return *await asyncio.open_connection("127.0.0.1", said["port"], limit=_LONGEST), {"key": said["token"]}


async def _answer(question: bytes, commands: Mapping[str, Command], token: str) -> bytes:
    try:
        asked = json.loads(question)
        if token and not secrets.compare_digest(str(asked.pop("key", "")).encode(), token.encode()):
            return _line(error="this is not the user's question whose bridge it is")
        name = asked["command"]
        command = commands[name]
    except (ValueError, KeyError, TypeError, AttributeError):
        return _line(error=f"not a question that this bridge knows; it knows {', '.join(sorted(commands))}")
    try:
        return _line(result=await command(asked))
    except BridgeError as error:
        return _line(error=str(error))
    except Exception:  # noqa: BLE001 - a question must neither end the service nor stay without an answer
        _log.exception("a question met a defect of the bridge; please report it", command=name)
        return _line(error="the bridge met a defect of its own; its log says more")


def _line(**answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


@contextmanager
def _short(path: Path) -> Iterator[str]:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
