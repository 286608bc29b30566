"""Prepares photos ahead of the network: in their order, and so many at most that memory stays bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import (
    Future,
    wait,
)
from dataclasses import replace
from functools import partial
from pathlib import Path

from camviewer.core.review.helper_process import Lost
from camviewer.core.review.pool import (
    AHEAD,
    MOST_THREADS,
    Pool,
    usable_cores,
)
from camviewer.core.review.preparing import (
    PreparationPlan,
    PreparedPhoto,
    prepare_photo,
)

CHUNK = 8
"""Photos that a process is given at once, so that asking costs little."""
LEAST_CORES, LEAST_PHOTOS = 4, 300
"""From so many on, processes prepare photos: with fewer they take longer to start than they win."""
PROCESS_BYTES = 1_000_000_000
"""Memory for each process, which holds one decoded photo, of 64 megapixels at most, and copies of it."""
AHEAD_BYTES = 100_000_000
"""Of inputs that are prepared and wait."""
BATCH_BYTES = 96_000_000
"""A batch ends early when its inputs have so many bytes."""


def pool_for(photos: int, *, on_cpu: bool) -> Pool:
    """The pool that prepares so many photos best, beside a network on the CPU or on another device.

    On the CPU one thread: the network takes the cores.
    """
    cores = usable_cores()
    if on_cpu:
        return Pool(1)
    if cores >= LEAST_CORES and photos >= LEAST_PHOTOS:
        import psutil

        room = psutil.virtual_memory().available // PROCESS_BYTES
        return Pool(max(min(cores - 1, room), 2), processes=True)
    return Pool(max(min(MOST_THREADS, cores - 1), 1))


class PhotosAhead:
    """One thread takes the photos, batch by batch."""

    def __init__(self, photos: Sequence[Path], pool: Pool, plan: PreparationPlan, batch: int) -> None:
        """batch: so many are taken at once, at most."""
        self._photos, self._pool, self._plan = photos, pool, plan
        room = AHEAD_BYTES // plan.most_bytes
        self._chunk = max(min(CHUNK, room // (AHEAD * pool.workers)), 1) if pool.processes else 1
        wanted = 2 * batch + (AHEAD * self._chunk * pool.workers if pool.processes else 0)
        self.most = min(wanted, max(room, pool.workers))
        """So many photos are prepared, or being prepared, at most."""
        self._begun = self._taken = 0
        self._chunks: deque[tuple[int, Future[list[PreparedPhoto | str | Lost]]]] = deque()
        self._ready: deque[PreparedPhoto | str | Lost] = deque()

    def wait(self, count: int, side: int | None, seconds: float) -> bool:
        """Begin with the next ones, and wait until `take` has its photos; False if that takes longer."""
        self._begin_more(side)
        there, needed = len(self._ready), []
        for size, chunk in self._chunks:
            if there >= count:
                break
            needed.append(chunk)
            there += size
        return not wait(needed, seconds).not_done

    def take(self, count: int, side: int | None) -> list[PreparedPhoto | str | Lost]:
        """The next photos, at least one if there are more; fewer than count where they are large.

        A sentence, or a Lost, stands for one that can't be read. side: of the thumbnails that are made with
        photos that haven't begun; None for none.
        """
        taken: list[PreparedPhoto | str | Lost] = []
        size = 0
        while len(taken) < count and size < BATCH_BYTES:
            if not self._ready:
                self._begin_more(side)
                if not self._chunks:
                    break
                self._ready.extend(self._chunks.popleft()[1].result())
            photo = self._ready.popleft()
            self._taken += 1
            taken.append(photo)
            size += photo.pixels.nbytes if isinstance(photo, PreparedPhoto) else 0
        self._begin_more(side)  # while the network is busy with these
        return taken

    def _begin_more(self, side: int | None) -> None:
        prepare = partial(prepare_photo, plan=replace(self._plan, side=side))
        while left := len(self._photos) - self._begun:
            # Smaller ones towards the end, so that all processes end at the same time.
            chunk = min(self._chunk, max(left // (AHEAD * self._pool.workers), 1))
            if self._begun - self._taken + chunk > self.most:
                break
            paths = self._photos[self._begun : self._begun + chunk]
            self._chunks.append((chunk, self._pool.submit(prepare, paths)))
            self._begun += chunk
