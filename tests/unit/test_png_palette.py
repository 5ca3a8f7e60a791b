"""Reducing a screenshot's colours does not visibly change it."""

import struct
import zlib

from tests.browser.png_palette import SIGNATURE, _chunk, _pixels, reduce_colours


def drawn(rows: list[list[tuple[int, int, int]]], kind: int) -> bytes:
    """Return a picture in which every line uses the same filter."""
    width, lines, above = len(rows[0]), b"", bytes(3 * len(rows[0]))
    for row in rows:
        line = bytes(value for colour in row for value in colour)
        left = bytes(3) + line[:-3]
        corner = bytes(3) + above[:-3]
        guesses = {
            0: bytes(len(line)),
            1: left,
            2: above,
            3: bytes((a + b) // 2 for a, b in zip(left, above, strict=True)),
            4: bytes(map(paeth, left, above, corner)),
        }
        lines += bytes([kind]) + bytes(
            (a - b) & 255 for a, b in zip(line, guesses[kind], strict=True)
        )
        above = line
    header = struct.pack(">2I5B", width, len(rows), 8, 2, 0, 0, 0)
    body = _chunk(b"IDAT", zlib.compress(lines))
    return SIGNATURE + _chunk(b"IHDR", header) + body + _chunk(b"IEND", b"")


def paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda neighbour: abs(guess - neighbour))


def test_a_picture_of_every_filter_is_read() -> None:
    rows = [[(x * 40 % 256, y * 90 % 256, (x + y) * 25 % 256) for x in range(9)] for y in range(5)]

    read = [_pixels(drawn(rows, kind)) for kind in range(5)]

    assert read == [(9, 5, [bytes(colour) for row in rows for colour in row])] * 5


def test_a_picture_of_few_colours_keeps_them_all() -> None:
    rows = [[(x % 2 * 255, y % 3 * 100, 7) for x in range(64)] for y in range(48)]

    small = reduce_colours(drawn(rows, 0))

    chunks = small[8:]
    palette = chunks[chunks.index(b"PLTE") + 4 :][: 6 * 3]
    data = zlib.decompress(chunks[chunks.index(b"IDAT") + 4 :])
    first = [tuple(palette[3 * at : 3 * at + 3]) for at in data[1:65]]
    assert first == rows[0]
    assert len(small) < 300
