"""ICC profiles of every kind, packed here by the specification (ICC.1:2022)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""CIE x and y of white, red, green and blue, in the order of PNG's chunk cHRM."""

SRGB: Chromaticities = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
DISPLAY_P3: Chromaticities = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
ADOBE: Chromaticities = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
PRO_PHOTO: Chromaticities = (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)
REC_2020: Chromaticities = (0.3127, 0.329, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)
WARM: Chromaticities = (0.3457, 0.3585, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
D50 = np.array([0.96422, 1.0, 0.82521])
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
LINEAR = b"curv\0\0\0\0\0\0\0\0"
Array = NDArray[np.float64]


def pack_numbers(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def pack_xyz(values: Iterable[float]) -> bytes:
    return b"XYZ \0\0\0\0" + pack_numbers(*values)


def pack_gamma(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256))


SRGB_CURVE = b"para\0\0\0\0\0\3\0\0" + pack_numbers(
    2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045
)
TABLE = struct.pack(">4sII", b"curv", 0, 256) + (
    (np.linspace(0, 1, 256) ** 1.5 * 65535).astype(">u2").tobytes()
)


def compute_columns(colours: Chromaticities) -> Array:
    """Return XYZ of full red, green and blue under D50, one in each row."""
    white_x, white_y, *rest = colours
    columns = np.array(
        [[x / y, 1, (1 - x - y) / y] for x, y in zip(rest[::2], rest[1::2], strict=True)]
    ).T
    white = np.array([white_x / white_y, 1, (1 - white_x - white_y) / white_y])
    gains = np.diag((BRADFORD @ D50) / (BRADFORD @ white))
    adapt = np.linalg.inv(BRADFORD) @ gains @ BRADFORD
    found: Array = (adapt @ (columns * np.linalg.solve(columns, white))).T
    return found


def pack_profile(
    space: bytes,
    tags: Sequence[tuple[bytes, bytes]],
    *,
    pcs: bytes = b"XYZ ",
    kind: bytes = b"mntr",
) -> bytes:
    start, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags:
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", start + len(body), len(padded))
        body += padded
    size = struct.pack(">I4sI", start + len(body), b"", 0x02400000)
    header = size + kind + space + pcs + bytes(12) + b"acsp" + bytes(28) + pack_numbers(*D50)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def build_rgb(colours: Chromaticities, curve: bytes, order: tuple[int, ...] = (0, 1, 2)) -> bytes:
    columns = compute_columns(colours)[list(order)]
    tags = [(b"wtpt", pack_xyz(D50))]
    tags += [(b"%cXYZ" % name, pack_xyz(row)) for name, row in zip(b"rgb", columns, strict=True)]
    tags += [(b"%cTRC" % name, curve) for name in b"rgb"]
    return pack_profile(b"RGB ", tags)


def build_grey(curve: bytes) -> bytes:
    return pack_profile(b"GRAY", [(b"wtpt", pack_xyz(D50)), (b"kTRC", curve)])


def build_table(space: bytes, channels: int, mapping: Callable[[Array], Array]) -> bytes:
    """Build a profile of a table of 9 steps (lut16Type); `mapping` is from device to sRGB."""
    steps = 9
    axes = [np.linspace(0, 1, steps)] * channels
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, channels)
    lab = _convert_to_lab(mapping(grid))
    codes = np.stack([lab[:, 0] * 652.8, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], -1)
    data = (
        b"mft2\0\0\0\0" + bytes((channels, 3, steps, 0)) + pack_numbers(1, 0, 0, 0, 1, 0, 0, 0, 1)
    )
    data += struct.pack(">HH", 2, 2) + struct.pack(">2H", 0, 65535) * channels
    data += np.clip(np.rint(codes), 0, 65535).astype(">u2").tobytes()
    data += struct.pack(">2H", 0, 65535) * 3
    return pack_profile(
        space, [(b"wtpt", pack_xyz(D50)), (b"A2B0", data)], pcs=b"Lab ", kind=b"scnr"
    )


def _convert_to_lab(rgb: Array) -> Array:
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = light @ compute_columns(SRGB) / D50
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    lab = (116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2]))
    found: Array = np.stack(lab, -1)
    return found


def _print_inks(inks: Array) -> Array:
    colours: Array = (1 - inks[:, :3]) * (1 - inks[:, 3:]) * np.array([1, 0.9, 0.8])
    return colours


WIDE = build_rgb(PRO_PHOTO, pack_gamma(1.8))
PROFILES = {
    "srgb": build_rgb(SRGB, SRGB_CURVE),
    "p3": build_rgb(DISPLAY_P3, SRGB_CURVE),
    "adobe": build_rgb(ADOBE, pack_gamma(2.2)),
    "wide": WIDE,
    "linear": build_rgb(SRGB, LINEAR),
    "table": build_rgb(SRGB, TABLE),
    "swapped": build_rgb(SRGB, SRGB_CURVE, (2, 0, 1)),
    "grey-linear": build_grey(pack_gamma(1.0)),
    "grey-1.8": build_grey(pack_gamma(1.8)),
    "rgb-lut": build_table(b"RGB ", 3, lambda rgb: rgb[:, [1, 2, 0]]),
    "grey-lut": build_table(b"GRAY", 1, lambda grey: np.repeat(grey**2, 3, axis=1)),
    "cmyk-lut": build_table(b"CMYK", 4, _print_inks),
    "printer": WIDE.replace(b"mntr", b"prtr"),
    "abstract": WIDE.replace(b"mntr", b"abst"),
    "version-4": WIDE.replace(b"\x02\x40\0\0", b"\x04\x20\0\0", 1),
    "version-5": WIDE.replace(b"\x02\x40\0\0", b"\x05\0\0\0", 1),
    "longer": WIDE + b"xx" * 100,
    "says-longer": struct.pack(">I", 4000) + WIDE[4:],
    "half": WIDE[: len(WIDE) // 2],
    "no-signature": WIDE.replace(b"acsp", b"none"),
    "junk": b"not a profile at all" * 10,
}
