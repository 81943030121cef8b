"""Transparent colours and palettes of PNG, at every depth."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.support.images.raw_png import build_chunk
from tests.support.images.shown.colours import Named, gama, iccp, spoil
from tests.support.images.shown.patterns import PALETTE, build_samples, pack_png
from tests.support.images.shown.profiles import PROFILES


def build_key_variants() -> Iterator[Named]:
    yield from _build_grey_keys()
    for depth in (8, 16):
        yield from _build_rgb_keys(depth)
    for depth in (1, 2, 4, 8):
        yield from _build_palette_alphas(depth)


def _trns(*values: int) -> bytes:
    return build_chunk(b"tRNS", struct.pack(f">{len(values)}H", *values))


def _build_grey_keys() -> Iterator[Named]:
    for depth in (1, 2, 4, 8, 16):
        top, samples = (1 << depth) - 1, build_samples(0, depth)
        for key in sorted({0, 1, top // 2, top, int(samples[20, 30, 0])}):
            name = f"key-grey-{depth}-{key}"
            for interlaced in (False, True):
                picture = pack_png(samples, depth, 0, before=[_trns(key)], interlaced=interlaced)
                yield f"{name}-{interlaced}.png", picture
            linear = pack_png(samples, depth, 0, before=[gama(100_000), _trns(key)])
            yield f"{name}-linear.png", linear
            if depth < 16:
                too_high = _trns(key + top + 1)
                yield f"{name}-high.png", pack_png(samples, depth, 0, before=[too_high])


def _build_rgb_keys(depth: int) -> Iterator[Named]:
    top = (1 << depth) - 1
    samples = build_samples(2, depth)
    middle = (top // 2, top // 3, top // 5)
    colours = ((top, top, top), (0, 0, 0), middle, (top // 2 + 1, *middle[1:]))
    for index, colour in enumerate(colours):
        samples[10 + index * 10 : 20 + index * 10, 10:40] = colour
    for key in ((0, 0, 0), (top, top, top), middle):
        name = f"key-rgb-{depth}-{key[0]}"
        for interlaced in (False, True):
            picture = pack_png(
                samples, depth, 2, behind_palette=[_trns(*key)], interlaced=interlaced
            )
            yield f"{name}-{interlaced}.png", picture
        p3 = [iccp(PROFILES["p3"]), _trns(*key)]
        yield f"{name}-p3.png", pack_png(samples, depth, 2, before=p3)
    white = _trns(top, top, top)
    for name, chunks in {
        "short": [_trns(0)],
        "spoilt": [spoil(white)],
        "two": [white, _trns(0, 0, 0)],
    }.items():
        yield f"key-rgb-{depth}-{name}.png", pack_png(samples, depth, 2, before=chunks)
    alpha = build_samples(6, depth)
    yield f"key-rgba-{depth}.png", pack_png(alpha, depth, 6, before=[_trns(0, 0, 0)])


def _build_palette_alphas(depth: int) -> Iterator[Named]:
    samples, count = build_samples(3, depth), 1 << depth
    for name, alphas in {
        "all": bytes(count),
        "rising": bytes(range(0, 256, 256 // count)),
        "first": b"\0",
        "half": b"\x80" * (count // 2),
        "opaque": b"\xff" * count,
        "long": bytes(count + 5),
    }.items():
        chunk = build_chunk(b"tRNS", alphas)
        yield (
            f"alphas-{depth}-{name}.png",
            pack_png(samples, depth, 3, behind_palette=[chunk]),
        )
        linear = pack_png(samples, depth, 3, before=[gama(100_000)], behind_palette=[chunk])
        yield f"alphas-{depth}-{name}-linear.png", linear
    early = build_chunk(b"tRNS", bytes(count))
    yield f"alphas-{depth}-early.png", pack_png(samples, depth, 3, before=[early])
    # a palette that is shorter than its indices need
    short = PALETTE[: 3 * max(count // 2, 1)]
    yield f"palette-{depth}-short.png", pack_png(samples, depth, 3, palette=short)
