"""What the mapping's files look like from outside: an edit is noticed without reading them."""

from pathlib import Path

from bacnet_bridge.mapping.load import looked_at

Look = tuple[tuple[str, int, int, int], ...]
"""Every file: path, size, and when content and permissions or name were changed last."""


def look(folder: Path) -> Look:
    """The files that `load` has a look at. Polled, because network drives announce nothing.

    Nothing where the folder is not there; what vanishes meanwhile is left out. The two times together see an editor's
    rename, a copy that keeps the time of the original, and a permission that came or went.
    """
    seen = []
    for path in sorted(looked_at(folder)):
        try:
            found = path.stat()
        except OSError:
            continue
        seen.append((str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns))
    return tuple(seen)
