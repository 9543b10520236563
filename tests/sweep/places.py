"""A sandbox with its client, and what it was asked."""

from __future__ import annotations

import collections
import threading


class Wishes:
    """What goes wrong, by the word in the prompt; and gates that hold requests back."""

    def __init__(self):
        self.faults = {}
        self.once = {}
        self._lock = threading.Lock()

    def __call__(self, _number, arrival):
        prompt = str(arrival.fields.get("prompt")) if arrival is not None else ""
        with self._lock:
            for word in [word for word in self.once if word in prompt]:
                return self.once.pop(word)
        return next((fault for word, fault in self.faults.items() if word in prompt), None)


def asked(sandbox):
    """Count the requests for images by prompt; some replies only point to files, which are fetched."""
    return collections.Counter(one.fields.get("prompt") for one in sandbox.requests if one.method == "POST")


class Place:
    """A sandbox, a client of it, and what it was asked."""

    def __init__(self, sandbox, client, wishes):
        self.sandbox, self.client, self.wishes = sandbox, client, wishes

    def asked(self):
        """Count the requests by prompt."""
        return asked(self.sandbox)
