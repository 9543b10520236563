"""A request on its way: shaped, sent, tried again where that costs nothing, read, and its errors named.

Sync and async share everything but the await: only ``transport.py`` does I/O, and the two clients move
bytes from it to the parts below.

====================  ================================================================================
``session.py``        what both clients are: provider, key, from arguments to a request
``place.py``          who is asked, and where
``checks.py``         what is looked at before anything is sent
``recording.py``      the seam to whoever writes down what was asked and what came
``client.py``         :class:`Client`; ``aclient.py`` :class:`AsyncClient`
``shape.py``          from a request to method, URL, headers and body
``body.py``           JSON and multipart bodies that are written while they are sent
``transport.py``      moves bytes; the only module that knows httpx
``flight.py``         one call on its way: how it is stopped, what its failure may have cost
``lanes.py``          connections that are used again, one call at a time
``keys.py``           where an API key comes from, and how it stays hidden
``key_store.py``      :func:`set_key`: from a person's keyboard into the keyring
``exchange.py``       one reply, from its headers to its pictures
``failure.py``        from an error's status and words to an exception; ``complaint.py`` reads the words
``paced.py``          the client that a sweep sends through
``traffic.py``        what was sent in the last minute, by whatever client, and what the provider said of it
``retry.py``          what may be tried again, and when
``outcome.py``        what came against what was asked: notes, usage, cost
``download.py``       one file behind an address; ``fetch.py`` judges the address
``listing.py``        uploads and lists of models
``limits.py``         how much of a reply is read
====================  ================================================================================

Which shape of a reply is read where:

==============================================  =========================  ==============================
what arrives                                    recognised by              read in
==============================================  =========================  ==============================
JSON, while it arrives                          ``exchange.py``            ``reader.py``, ``sink.py``
``data: [{b64_json | url}]`` (Images)           ``replies.py``             ``found.py``
``images: [{url}]`` (fal-like)                  ``replies.py``             ``found.py``
``choices: [...]`` (chat, all its forms)        ``replies.py``             ``chat.py``
``output: [{image_generation_call}]``           ``replies.py``             ``found.py``
a task, an error under a status of success      ``replies.py``             ``exchange.py``, ``failure.py``
raw ``image/*`` bytes, plain text               ``replies.py`` (read_raw)  ``found.py``
server-sent events                              ``exchange.py``            ``sse.py``, ``events.py``
addresses instead of pictures                   ``found.py``               ``fetch.py``, ``download.py``
a status of failure, in any of seven shapes     ``exchange.py``            ``complaint.py``, ``failure.py``
==============================================  =========================  ==============================
"""

from __future__ import annotations

from imgwidgets.client.aclient import AsyncClient
from imgwidgets.client.client import Client
from imgwidgets.client.key_store import set_key
from imgwidgets.client.limits import Limits

__all__ = ["AsyncClient", "Client", "Limits", "set_key"]
