"""Files of models that earlier versions wrote, and the codes that they gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "saved_models"
CODES = np.load(FOLDER / "codes.npz")
NAMES = sorted(path.stem for path in FOLDER.glob("*_*.npz"))
