"""What takes long holds a thread of the process: nobody may hold more than a share of them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turns:
    """So many at once for each one who asks, within this process. most: how many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def taken(self, who: str) -> Iterator[bool]:
        """Whether there was a turn left; it is held until the end of the block."""
        with self._lock:
            is_mine = self._held[who] < self.most
            self._held[who] += is_mine
        try:
            yield is_mine
        finally:
            with self._lock:
                self._held[who] -= is_mine
                if not self._held[who]:
                    del self._held[who]
