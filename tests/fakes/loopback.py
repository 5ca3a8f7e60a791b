"""An HTTP server on a free loopback port, for fakes of remote services."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Loopback[Owner](ThreadingHTTPServer):
    """Serves requests between `begin` and `end`; `owner` is the fake that handlers consult."""

    daemon_threads = True

    def __init__(self, owner: Owner, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.owner = owner
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    @property
    def address(self) -> str:
        """The host and port."""
        return f"127.0.0.1:{self.server_port}"

    def begin(self) -> None:
        """Start serving."""
        self._thread.start()

    def end(self) -> None:
        """Stop serving and free the port."""
        self.shutdown()
        self._thread.join()
        self.server_close()
