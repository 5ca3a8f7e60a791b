"""Runs only the practice models: `python -m local.practice --port 8123`."""

import argparse
import threading

from local.practice.server import BANNER, PracticeServer


def main() -> None:
    """Serve the practice models until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m local.practice", description=BANNER)
    parser.add_argument(
        "--port", type=int, default=0, help="port to listen on; 0 (default) picks a free one"
    )
    parser.add_argument(
        "--latency", type=float, default=1.0, help="latency factor; 0 answers immediately"
    )
    options = parser.parse_args()
    try:
        server = PracticeServer(port=options.port, latency_factor=options.latency)
    except OSError as error:
        parser.error(f"port {options.port} cannot be used: {error.strerror}; choose another --port")
    with server:
        print(f"{BANNER}\nServing at {server.url}. Press Ctrl+C to stop.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopped.")


if __name__ == "__main__":
    main()
