# SPDX-License-Identifier: Apache-2.0
"""A listening port on loopback, with a thread for each link."""
import socket
import threading


class Port:
    """Calls `serve(link)`, which a class derived from this has. The first link may come before `__init__` returns, so what
    `serve` needs is set before this one is called. `patience`: seconds that a link may be silent."""

    def __init__(self, patience=None):
        self.patience = patience
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            link, _ = self.listener.accept()
            link.settimeout(self.patience)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()
