"""Reduces screenshots to 256 colours to make them small enough to commit."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_COLOURS = 256


def reduce_colours(png: bytes) -> bytes:
    """Return the image with a palette of its 256 commonest colours, rounding all others."""
    width, height, pixels = _pixels(png)
    used = Counter(pixels)
    palette = [colour for colour, _count in used.most_common(MAX_COLOURS)]
    places = {colour: at for at, colour in enumerate(palette)}
    for colour in used:
        if colour not in places:
            places[colour] = min(range(len(palette)), key=lambda at: _distance(palette[at], colour))
    rows = (
        b"\0" + bytes(places[colour] for colour in pixels[row * width : (row + 1) * width])
        for row in range(height)
    )
    header = struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 9)
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", body), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, content) for name, content in parts)


def _distance(row: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(row, other, strict=True))


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Decode an image with 8 bits per channel, as written by browsers."""
    chunks = dict(_chunks(png))
    width, height, depth, kind = struct.unpack(">2I2B", chunks[b"IHDR"][:10])
    assert (depth, kind) in {(8, 2), (8, 6)}, "neither RGB nor RGBA"
    size = 3 if kind == 2 else 4
    raw = zlib.decompress(chunks[b"IDAT"])
    before, pixels = bytearray(width * size), []
    for row in range(height):
        at = row * (width * size + 1)
        line = _unfiltered(raw[at], bytearray(raw[at + 1 : at + 1 + width * size]), before, size)
        pixels += [bytes(line[x : x + 3]) for x in range(0, len(line), size)]
        before = line
    return width, height, pixels


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield a file's chunks by name, with all image data joined into one."""
    at, save_screenshot = len(SIGNATURE), b""
    while at < len(png):
        (length,), name = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        content = png[at + 8 : at + 8 + length]
        at += 12 + length
        if name == b"IDAT":
            save_screenshot += content
        else:
            yield name, content
    yield b"IDAT", save_screenshot


def _unfiltered(kind: int, line: bytearray, above: bytearray, size: int) -> bytearray:
    if kind == 2:
        return bytearray((byte + up) & 255 for byte, up in zip(line, above, strict=True))
    for x in range(len(line) if kind else 0):
        left = line[x - size] if x >= size else 0
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + above[x]) // 2
        else:
            guess = _paeth(left, above[x], above[x - size] if x >= size else 0)
        line[x] = (line[x] + guess) & 255
    return line


def _paeth(left: int, above: int, corner: int) -> int:
    across, down = abs(above - corner), abs(left - corner)
    both = abs(left + above - 2 * corner)
    if across <= down and across <= both:
        return left
    return above if down <= both else corner
