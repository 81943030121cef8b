"""Pixels of pictures as Chromium shows them."""

from __future__ import annotations

import base64
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page

_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
_SCRIPT: Final = """
async ([type, encoded]) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const image = new Image();
  const isLoaded = new Promise((resolve) => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
  });
  image.src = URL.createObjectURL(new Blob([bytes], { type }));
  if (!await isLoaded) return null;
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d", { colorSpace: "srgb" });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let at = 0; at < data.length; at += 32768) {
    text += String.fromCharCode.apply(null, data.subarray(at, at + 32768));
  }
  return { width: canvas.width, height: canvas.height, pixels: btoa(text) };
}
"""


async def read_picture(page: Page, name: str, data: bytes) -> NDArray[np.uint8] | None:
    """Return the pixels of a file as height x width x RGBA in sRGB; None if it isn't shown."""
    kind = _TYPES[name.rpartition(".")[2]]
    encoded = base64.b64encode(data).decode()
    found: dict[str, Any] | None = await page.evaluate(_SCRIPT, [kind, encoded])
    if found is None:
        return None
    pixels = np.frombuffer(base64.b64decode(found["pixels"]), np.uint8)
    return pixels.reshape(found["height"], found["width"], 4)
