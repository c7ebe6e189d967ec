"""`scratchae explore`: write a page in which a saved model's decoder runs in the browser; see `scratchae.explore`."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scratchae.cli.inputs import KINDS, add_reading_arguments, load_for, load_model
from scratchae.console import parser as types
from scratchae.console.outputs import ready_file
from scratchae.console.parser import UsageError
from scratchae.console.table import say

if TYPE_CHECKING:
    from scratchae.explore.latent_space import Explorable
    from scratchae.nets.network import Array

DESCRIPTION = """\
Write one HTML page in which the decoder of a saved model runs in the browser: drag in the plane of a 2-D latent
space, or move the sliders of a larger one, and the image follows. The page needs neither a network nor a server.
"""
EXAMPLES = """\
examples:
  scratchae explore vae.npz -o page.html                      then open page.html in a browser
  scratchae explore model.npz --data digits -o page.html      sliders that cover the range of the digits' codes
  scratchae explore table.npz --data rows.csv -o page.html    bars, in the units of rows.csv if it was standardised
  scratchae explore vae.npz --attributes directions.npz -o page.html
                                                              a slider for each direction in the file
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae explore`."""
    add = parser.add_argument
    add("model", metavar="MODEL", help="a model saved by `scratchae train --out` or by `save`")
    add("-o", "--out", metavar="PAGE.html", required=True, help="file to write the page to")
    add(
        "--image-shape",
        metavar="HxW",
        type=types.image_shape_or_none,
        help="shape of the images, or none for bars (default: as trained; square, if that is unknown and possible)",
    )
    kinds = f"data that give the range of the codes: digits, mnist, …, {KINDS}"
    add("--data", metavar="NAME|FILE", help=kinds)
    add("--data-dir", metavar="DIR", help="folder with the files of mnist or fashion-mnist")
    add_reading_arguments(add)
    directions = "named arrays of shape (J,): a slider for each direction in the latent space"
    add("--attributes", metavar="FILE.npz", help=directions)


def run(args: Namespace) -> int:
    """Write the page of a saved model."""
    for option in ("model", "data", "attributes"):
        given = getattr(args, option)
        if given is not None and os.path.realpath(args.out) == os.path.realpath(given):
            raise UsageError(f"--out {args.out} is also an input file; name another file for the page")
    if os.path.isdir(args.out):
        raise UsageError(f"--out {args.out} is a folder; name a file, such as {os.path.join(args.out, 'page.html')}")
    out = ready_file(args.out, "--out")
    if args.data is None and args.data_dir is not None:
        raise UsageError("--data-dir is the folder of --data mnist or fashion-mnist; give --data too")
    model = load_model(args.model)
    attributes = None if args.attributes is None else _directions(args.attributes)
    image_shape, rows = args.image_shape, {}
    if args.data is not None:
        data = load_for(model, args)
        image_shape, rows = image_shape or data.image_shape, {"X": data.x_train, "y": data.y_train}
        if hasattr(model, "classes_") and data.y_train is None:
            raise UsageError(
                f"--data {args.data} has no labels (y_train), which {args.model} needs; give labelled data, or --label-column"
            )

    from scratchae.explore import write_page

    write_page(cast("Explorable", model), out, image_shape, attributes, **rows)
    if not rows and not model.has_prior:
        say("without --data the range of this model's codes is unknown; the sliders use a guess")
    say(f"saved     {out} ({os.path.getsize(out):,} bytes); open it in a browser")
    return 0


def _directions(text: str) -> dict[str, Array]:
    """Read the directions of a file, by name."""
    import numpy as np

    path = Path(text).expanduser()
    if not path.is_file():
        raise UsageError(f"--attributes {text}: there is no such file; give an .npz of directions")
    try:
        loaded: Any = np.load(path, allow_pickle=False)
        with loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except MemoryError:
        raise
    except OSError as error:
        raise OSError(f"--attributes {text} cannot be read ({error.strerror or error})") from None
    except Exception as error:  # NumPy and zipfile raise many kinds of errors for a damaged archive
        raise UsageError(f"--attributes {text} is not a readable .npz file ({error}); give another") from None
    if not arrays:
        raise UsageError(f"--attributes {text} contains no arrays; give one or more directions")
    return arrays
