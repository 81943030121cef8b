"""Pictures with declared colours: PNG's chunks, profiles in every container, precedence."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import product

from tests.support.images.raw_png import build_chunk
from tests.support.images.shown import profiles
from tests.support.images.shown.patterns import (
    DEPTHS,
    build_samples,
    draw_pattern,
    pack_pattern,
    pack_png,
    save_picture,
)
from tests.support.images.shown.profiles import PROFILES

Named = tuple[str, bytes]
GAMMAS = (1000, 20_000, 38_462, 45_000, 45_455, 47_619, 50_000, 65_909, 100_000, 150_000, 500_000)
CHROMATICITIES = {
    "srgb": profiles.SRGB,
    "p3": profiles.DISPLAY_P3,
    "adobe": profiles.ADOBE,
    "wide": profiles.PRO_PHOTO,
    "2020": profiles.REC_2020,
    "warm": profiles.WARM,
    "zero": (0,) * 8,
    "one-line": (0.3127, 0.329, 0.6, 0.3, 0.4, 0.2, 0.2, 0.1),
    "beyond": (2, 2, 3, 3, 4, 4, 5, 5),
}


def gama(value: int) -> bytes:
    return build_chunk(b"gAMA", struct.pack(">I", value))


def chrm(values: tuple[float, ...]) -> bytes:
    return build_chunk(b"cHRM", struct.pack(">8I", *(round(each * 100_000) for each in values)))


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return build_chunk(b"cICP", bytes((primaries, transfer, matrix, full)))


def iccp(profile: bytes, name: bytes = b"x") -> bytes:
    return build_chunk(b"iCCP", name + b"\0\0" + zlib.compress(profile))


SRGB_CHUNK = build_chunk(b"sRGB", b"\0")


def spoil(chunk: bytes) -> bytes:
    """Return a chunk with a wrong checksum."""
    return chunk[:-4] + b"abcd"


def build_gamma_variants() -> Iterator[Named]:
    for value in GAMMAS:
        yield f"gamma-{value}.png", pack_pattern(2, 8, gama(value))
        yield f"gamma-{value}-adobe.png", pack_pattern(2, 8, gama(value), chrm(profiles.ADOBE))
    for (name, values), value in product(CHROMATICITIES.items(), (45_455, 100_000)):
        yield f"chrm-{name}-{value}.png", pack_pattern(2, 8, gama(value), chrm(values))
        yield f"chrm-{name}-{value}-grey.png", pack_pattern(0, 8, gama(value), chrm(values))
    for colour, depth in DEPTHS:
        yield f"linear-{colour}-{depth}.png", pack_pattern(colour, depth, gama(100_000))
        p3 = chrm(profiles.DISPLAY_P3)
        yield f"p3-{colour}-{depth}.png", pack_pattern(colour, depth, gama(55_556), p3)
        yield f"chrm-alone-{colour}-{depth}.png", pack_pattern(colour, depth, p3)


def build_code_point_variants() -> Iterator[Named]:
    for primaries in (0, 1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 22, 30, 255):
        yield f"primaries-{primaries}.png", pack_pattern(2, 8, cicp(primaries, 13))
    for transfer, primaries in product(range(20), (1, 12)):
        yield f"transfer-{transfer}-{primaries}.png", pack_pattern(2, 8, cicp(primaries, transfer))
    for transfer, (colour, depth) in product((8, 13, 16, 18), DEPTHS):
        name = f"codes-{transfer}-{colour}-{depth}.png"
        yield name, pack_pattern(colour, depth, cicp(9, transfer))
    yield "limited-range.png", pack_pattern(2, 8, cicp(12, 13, 0, 0))
    yield "short-codes.png", pack_pattern(2, 8, build_chunk(b"cICP", b"\x0c\x0d\0"))
    yield "long-codes.png", pack_pattern(2, 8, build_chunk(b"cICP", b"\x0c\x0d\0\1\0"))


def build_profile_variants() -> Iterator[Named]:
    for name, profile in PROFILES.items():
        yield f"icc-{name}.png", pack_pattern(2, 8, iccp(profile))
        for mode in ("RGB", "L", "CMYK"):
            jpeg = save_picture(draw_pattern(mode), "JPEG", quality=95, icc_profile=profile)
            yield f"icc-{name}-{mode}.jpg", jpeg
        webp = save_picture(draw_pattern("RGBA"), "WEBP", lossless=True, icc_profile=profile)
        yield f"icc-{name}.webp", webp
    names = ("p3", "wide", "swapped", "grey-linear", "rgb-lut", "grey-lut", "cmyk-lut")
    for name, (colour, depth) in product(names, DEPTHS):
        yield f"icc-{name}-{colour}-{depth}.png", pack_pattern(colour, depth, iccp(PROFILES[name]))


def build_precedence_variants() -> Iterator[Named]:
    wide, linear, codes = iccp(PROFILES["wide"]), gama(100_000), cicp(12, 13)
    deflated = zlib.compress(PROFILES["wide"])
    for name, chunks in {
        "codes-icc": [codes, wide],
        "icc-codes": [wide, codes],
        "icc-srgb": [wide, SRGB_CHUNK],
        "srgb-icc": [SRGB_CHUNK, wide],
        "srgb-gamma": [SRGB_CHUNK, linear, chrm(profiles.DISPLAY_P3)],
        "gamma-srgb": [linear, SRGB_CHUNK],
        "codes-srgb-gamma": [codes, SRGB_CHUNK, linear],
        "junk-icc-gamma": [iccp(PROFILES["junk"]), linear],
        "half-icc-gamma": [iccp(PROFILES["half"]), linear],
        "grey-icc-gamma": [iccp(PROFILES["grey-linear"]), linear],
        "cmyk-icc-gamma": [iccp(PROFILES["cmyk-lut"]), linear],
        "unknown-codes-icc": [cicp(2, 2), wide],
        "unknown-codes-gamma": [cicp(2, 2), linear],
        "two-gammas": [linear, gama(45_455)],
        "two-iccs": [wide, iccp(PROFILES["swapped"])],
        "spoilt-gamma": [spoil(linear)],
        "spoilt-icc-gamma": [spoil(wide), linear],
        "spoilt-codes-icc": [spoil(codes), wide],
        "spoilt-srgb-gamma": [spoil(SRGB_CHUNK), linear],
        "short-gamma": [build_chunk(b"gAMA", b"\0\1")],
        "long-gamma": [build_chunk(b"gAMA", struct.pack(">II", 100_000, 0))],
        "zero-gamma": [gama(0)],
        "short-chrm": [gama(45_455), build_chunk(b"cHRM", bytes(20))],
        "srgb-9-gamma": [build_chunk(b"sRGB", b"\x09"), linear],
        "srgb-empty-gamma": [build_chunk(b"sRGB"), linear],
        "icc-nameless-gamma": [iccp(PROFILES["wide"], b""), linear],
        "icc-long-name": [iccp(PROFILES["wide"], b"x" * 100)],
        "icc-method-1": [build_chunk(b"iCCP", b"x\0\1" + deflated)],
        "icc-cut": [build_chunk(b"iCCP", b"x\0\0" + deflated[:-6])],
        "icc-bad-adler": [build_chunk(b"iCCP", b"x\0\0" + deflated[:-4] + b"abcd")],
    }.items():
        yield f"order-{name}.png", pack_pattern(2, 8, *chunks)
    samples = build_samples(2, 8)
    for name, chunk in {"gamma": linear, "icc": wide, "codes": codes}.items():
        yield f"late-{name}.png", pack_png(samples, 8, 2, after=[chunk])
        indices = build_samples(3, 8)
        yield f"behind-palette-{name}.png", pack_png(indices, 8, 3, behind_palette=[chunk])
