# SPDX-License-Identifier: Apache-2.0
"""A link that does to connections whatever links do."""
import collections
import random
import socket
import threading
import time

from fleet import Plug, close, reset

# What may become of a connection. TLS is under it, so nothing can be changed or doubled unseen: what is doubled here is
# a connection's beginning (`twice`) and bytes on their way to the cloud (`replay`), which TLS must refuse. A request
# doubled whole is what comes of `lost_answer`: the cloud has acted on it, nobody heard, and the same is asked again.
FATES = ("refused", "twice", "late", "truncated", "reset", "replay", "lost_answer", "half_open", "black_hole")
WELL = 2              # so many connections of a round live as long as they like
BYTES_MIN, BYTES_MAX = 200, 400_000
LATE_S_MAX = 0.03
HANDSHAKE_BLOCKS = 4  # the cloud's first flights are no answers


class NastyLink(Plug):
    """Each connection has a fate, dealt from a shuffled deck, so that a round of it has them all; and a number of
    bytes after which it comes. While `nasty` is false, connections that come live well.

    `silence_s`: a connection that went silent (`half_open`: the cloud's side is closed; `black_hole`: nobody's) ends in
    a reset after that, as one behind a router that has forgotten it. With more than a terminal's patience (30 s) the
    terminal has to give up by itself.
    """

    def __init__(self, target, seed=0, silence_s=2.0):
        self.silence_s = silence_s
        self.nasty = False
        self.deck = []
        self.met = collections.Counter()
        super().__init__(target, seed)

    def calm_down(self):
        """No more of it, also not for the connections that there are."""
        self.nasty = False
        self.reset()

    def _deal(self):
        if not self.deck:
            self.deck = [*FATES, *[None] * WELL]
            self.random.shuffle(self.deck)
        # Small numbers are as likely as large ones: in the handshake, in the first request, in the tenth batch.
        return self.deck.pop(), int(BYTES_MIN * (BYTES_MAX / BYTES_MIN) ** self.random.random())

    def _carry(self, near):
        with self.lock:
            fate, after = self._deal() if self.nasty else (None, 0)
        if fate == "refused":
            self.met[fate] += 1
            return reset(near)
        try:
            far = socket.create_connection(("127.0.0.1", self.target)) if self.plugged else None
        except OSError:
            far = None  # the cloud does not run
        if far is None:
            return close(near)
        with self.lock:
            self.open |= {near, far}
        pair = Pair(self, near, far, fate, after)
        threading.Thread(target=pair.pass_on, args=(near, far, False), daemon=True).start()
        pair.pass_on(far, near, True)
        pair.over.wait()
        with self.lock:
            self.open -= {near, far}
        close(near, far)


class Pair:
    """A connection and the one behind it."""

    def __init__(self, link, near, far, fate, after):
        self.link, self.near, self.far, self.fate, self.left = link, near, far, fate, after
        self.lock = threading.Lock()
        self.delays = None
        self.happened = False
        self.over = threading.Event()
        if fate == "late":
            link.met[fate] += 1
            self.fate, self.delays = None, random.Random(after)

    def pass_on(self, source, sink, answers):
        blocks = 0
        try:
            while block := source.recv(65536):
                blocks += 1
                if self.delays is not None:
                    time.sleep(self.delays.random() * LATE_S_MAX)
                with self.lock:
                    if not self.bear(block, sink, answers, blocks):
                        return
        except OSError:
            pass
        with self.lock:
            if not self.happened:
                self.end(close)

    def bear(self, block, sink, answers, blocks):
        """False: this direction is over."""
        if self.happened:
            return False
        self.left -= len(block)
        if not self.is_due(answers, blocks):
            sink.sendall(block)
            return True
        self.link.met[self.fate] += 1
        return getattr(self, self.fate)(block, sink)

    def is_due(self, answers, blocks):
        if self.fate == "twice":
            return not answers
        if self.fate == "replay":
            return not answers and self.left <= 0
        if self.fate == "lost_answer":
            return answers and blocks > HANDSHAKE_BLOCKS and self.left <= 0
        return self.fate is not None and self.left <= 0

    # --- the fates; what they return is whether this direction goes on ---

    def twice(self, block, sink):
        """What the terminal says first is said on a second connection, too, which then is given up."""
        self.fate = None
        with socket.create_connection(("127.0.0.1", self.link.target)) as second:
            second.sendall(block)
        sink.sendall(block)
        return True

    def replay(self, block, sink):
        """The second time it is not the record that TLS waits for: the cloud ends the connection."""
        self.fate = None
        sink.sendall(block + block)
        return True

    def truncated(self, block, sink):
        sink.sendall(block[:len(block) // 2])
        return self.end(close)

    def reset(self, block, sink):
        sink.sendall(block[:len(block) // 2])
        return self.end(reset)

    def lost_answer(self, _block, _sink):
        return self.end(close)

    def half_open(self, _block, _sink):
        close(self.far)
        return self.fall_silent()

    def black_hole(self, _block, _sink):
        return self.fall_silent()

    def fall_silent(self):
        self.happened = True
        forgotten = threading.Timer(self.link.silence_s, self.end, (reset,))
        forgotten.daemon = True
        forgotten.start()
        return False

    def end(self, how):
        self.happened = True
        how(self.near, self.far)
        self.over.set()
        return False
