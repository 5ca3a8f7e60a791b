"""Run the practice models on their own: `python -m local.practice --port 8123`."""

import argparse
import threading

from local.practice.server import BANNER, PracticeServer


def main() -> None:
    """Serve the practice models until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m local.practice", description=BANNER)
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes a free port")
    parser.add_argument("--latency", type=float, default=1.0, help="factor; 0 answers at once")
    options = parser.parse_args()
    try:
        server = PracticeServer(port=options.port, latency_factor=options.latency)
    except OSError as error:
        parser.error(f"port {options.port} cannot be used: {error.strerror}; try another --port")
    with server:
        print(f"{BANNER}\nServing {server.url} – Ctrl+C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Ended.")


if __name__ == "__main__":
    main()
