"""Photographs to measure with; the repository contains only its own drawn samples."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

VARIABLE: Final = "EXPANSE_PHOTOGRAPHS"
SAMPLES: Final = Path(__file__).parents[2] / "sandbox/web/samples"
SMALLEST: Final = 160
"""Shortest side that leaves enough of a picture after the margins are cut."""
IN_PACKAGES: Final = {
    "skimage/data": ("astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg"),
    "sklearn/datasets/images": ("china.jpg", "flower.jpg"),
    "imgaug": ("quokka.jpg",),
    "gradio/media_assets/images": ("tower.jpg",),
    "ultralytics/assets": ("bus.jpg", "zidane.jpg"),
}
"""The ten photographs behind the bars, by folder in the installed packages."""
HINT: Final = f"""The bars were set with ten photographs that ship inside Python packages:
  scikit-image   skimage/data: astronaut.png coffee.png chelsea.png rocket.jpg
  scikit-learn   sklearn/datasets/images: china.jpg flower.jpg
  imgaug         imgaug: quokka.jpg
  gradio         gradio/media_assets/images: tower.jpg
  ultralytics    ultralytics/assets: bus.jpg zidane.jpg
`pip download --no-deps NAME` fetches a wheel, which is a ZIP file: copy them out of it into a
folder, and name that with --photographs or {VARIABLE}."""


def load_photographs(folder: Path | None, *, limit: int | None = None) -> dict[str, Pixels]:
    """Return name -> (height, width, 3) for a folder's pictures, or for defaults without one.

    The defaults are the installed photographs of `IN_PACKAGES`, or the project's drawn samples if
    none is installed.
    """
    named = folder or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    files = _find_pictures(named) if named else _find_installed() or _find_pictures(SAMPLES)
    loaded = {path.stem: _open_picture(path) for path in files}
    usable = {name: each for name, each in loaded.items() if min(each.shape[:2]) >= SMALLEST}
    if not usable:
        raise SystemExit(f"There is no photograph in {named}.\n\n{HINT}")
    return dict(list(usable.items())[:limit])


def missing(found: dict[str, Pixels]) -> list[str]:
    """Return those of the ten that were not found."""
    ten = [Path(name).stem for names in IN_PACKAGES.values() for name in names]
    return [name for name in ten if name not in found]


def _find_pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise SystemExit(f"There is no folder {folder}.\n\n{HINT}")
    kinds = {".jpg", ".jpeg", ".png"}
    return [path for path in sorted(folder.iterdir()) if path.suffix.lower() in kinds]


def _find_installed() -> list[Path]:
    wanted = [Path(folder, name) for folder, names in IN_PACKAGES.items() for name in names]
    places = [Path(entry) / each for each in wanted for entry in sys.path]
    return [place for place in places if place.is_file()]


def _open_picture(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
