"""CPU time and memory of this process tree."""

import os
from contextlib import suppress
from pathlib import Path

# A laptop cloud's own process, its workers, and the sandbox processes below them.
DEPTHS = ("cloud_seconds", "functions_seconds", "sandbox_seconds")


def computing_seconds() -> float:
    """Return the CPU time of this process tree, which hardly depends on the load."""
    return _ticks(os.getpid(), own=True) + children_seconds()


def children_seconds() -> float:
    """Return the CPU time of all descendants, including those that have exited."""
    me = os.getpid()
    return _ticks(me, own=False) + sum(_ticks(pid, own=None) for pid in family(me) if pid != me)


def computing_by_depth() -> dict[str, float]:
    """Return the CPU time of this process, its children, and their descendants."""
    me = os.getpid()
    generations = [[me], _below([me])]
    generations.append([pid for pid in family(me) if pid not in (me, *generations[1])])
    running = [sum(_ticks(pid, own=True) for pid in pids) for pids in generations]
    ended = [sum(_ticks(pid, own=False) for pid in pids) for pids in generations]
    found = (running[0], running[1] + ended[0], running[2] + ended[1] + ended[2])
    return dict(zip(DEPTHS, found, strict=True))


def _ticks(pid: int, *, own: bool | None) -> float:
    """Return a process's CPU time: its own, its exited children's, or both for None."""
    with suppress(OSError):  # the process has ended
        text = Path(f"/proc/{pid}/stat").read_text()
        user, system, *ended = map(int, text.rpartition(")")[2].split()[11:15])
        chosen = {True: (user, system), False: ended, None: (user, system, *ended)}[own]
        return float(sum(chosen)) / os.sysconf("SC_CLK_TCK")
    return 0.0


def family(root: int) -> list[int]:
    """Return a process and all its descendants."""
    children = _children()
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _below(parents: list[int]) -> list[int]:
    children = _children()
    return [pid for parent in parents for pid in children.get(parent, [])]


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue  # the process has ended
        parent = int(text.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(stat.parent.name))
    return children


def pss_kb(pid: int) -> int:
    """Return a process's proportional set size, which counts shared pages once."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0  # the process has ended
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
