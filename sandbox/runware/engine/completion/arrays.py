"""Types of the arrays that the stages exchange."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Places = NDArray[np.int32]
Mask = NDArray[np.bool_]
