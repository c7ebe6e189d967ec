"""`scratchae sample`: generate new images with a saved model that has a prior, as a picture or an array."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from scratchae.cli.inputs import KINDS, add_reading_arguments, load_for, load_model
from scratchae.console import parser as types
from scratchae.console.outputs import ready_file
from scratchae.console.parser import UsageError
from scratchae.console.table import say
from scratchae.errors import nearest

if TYPE_CHECKING:
    from scratchae.cli.generated import Generated, Generative
    from scratchae.cli.inputs import LoadedData
    from scratchae.models.model import Model

DESCRIPTION = """\
Generate new images (or rows) with a saved model that has a prior, such as a variational or a Wasserstein
autoencoder: draws of z from the prior, decoded. With a conditional model, the same draws are decoded as every class,
or as the classes given. The result is a picture, an array or a table, in the units of the data that the model was
trained on.
"""
EXAMPLES = """\
examples:
  scratchae sample vae.npz                                      64 images in samples.png
  scratchae sample vae.npz -n 10000 --out samples.npy           an array of shape (10000, D)
  scratchae sample vae.npz -n 10000 --means --out samples.npy   without observation noise
  scratchae sample vae.npz -n 1000 -o samples.csv               a table with the names of the columns
  scratchae sample conditional.npz -n 12 --seed 1               12 images of each class
  scratchae sample conditional.npz --class 3 --class 5 --out both.npz    arrays x and y
  scratchae sample vae.npz --grid 30 --out plane.png            images decoded from a grid over the latent plane
  scratchae sample vae.npz --interpolate 0,7 --data digits --out path.png
                                                                from test image 0 to test image 7
"""
ENDINGS = (".png", ".csv", ".tsv", ".npy", ".npz")
NUMBER, OF_EACH_CLASS, STEPS, SIDE = 64, 12, 12, 20


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae sample`."""
    add = parser.add_argument
    add("model", metavar="MODEL", help="a model with a prior, saved by `scratchae train --out` or by `save`")
    number = (
        f"number of images (default: {NUMBER}), of images per class ({OF_EACH_CLASS}), or of steps of a path ({STEPS})"
    )
    add("-n", "--number", metavar="N", type=types.whole_number(1), help=number)
    of = "conditional models: only this class; may be repeated (default: all classes)"
    add("--class", dest="classes", metavar="LABEL", action="append", help=of)
    add("--seed", metavar="S", type=types.whole_number(0), default=0, help="random seed (default: 0)")
    observed = parser.add_mutually_exclusive_group().add_argument
    drawn = "draw x with its observation noise (default with --likelihood gaussian)"
    observed("--noise", action="store_true", default=None, help=drawn)
    means = "the means of x, without observation noise (default with --likelihood bernoulli)"
    observed("--means", action="store_false", dest="noise", help=means)
    files = (
        "a picture (.png), a table (.csv, .tsv), or an array with one row per image (.npy, .npz) (default: samples.png)"
    )
    add("-o", "--out", metavar="FILE", default="samples.png", help=files)
    shape = "shape of the images in the picture, or none for histograms (default: as trained; square, if that is unknown and possible)"
    add("--image-shape", metavar="HxW", type=types.image_shape_or_none, help=shape)
    plane = f"instead of draws, an N × N grid over the first two latent dimensions (default N: {SIDE})"
    add("--grid", metavar="N", nargs="?", type=types.whole_number(1), const=SIDE, help=plane)
    path = "instead of draws, a path between two rows of --data (test rows if there are any), counted from 0"
    add("--interpolate", metavar="A,B", type=_pair, help=path)
    add("--data", metavar="NAME|FILE", help=f"data for --interpolate: digits, strokes, mnist, …, {KINDS}")
    add("--data-dir", metavar="DIR", help="folder with the files of mnist or fashion-mnist")
    add_reading_arguments(add)


def _pair(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise ArgumentTypeError(f"{text!r} is not a pair of row numbers; give two, such as 0,7")
    return int(parts[0]), int(parts[1])


def run(args: Namespace) -> int:
    """Generate images and write them."""
    _check(args)
    out = ready_file(args.out, "--out")
    model = load_model(args.model)
    if not model.has_prior:
        kind = type(model).__name__
        raise UsageError(
            f"{args.model} ({kind}) has no prior to draw from; give a model with a prior, as `scratchae train variational` saves"
        )
    data = None if args.data is None else load_for(model, args)
    picture = out.suffix.lower() == ".png"
    image_shape = _image_shape(args, model, data) if picture else None

    made = _generate(args, cast("Generative", model), data).in_units(getattr(model, "preparation_", None))
    names = [str(name) for name in getattr(model, "feature_names_in_", ())] or None
    if picture:
        made.draw(out, image_shape, names)
    else:
        made.write(out, names)
    what = f"{len(made.x):,} {'images' if image_shape else 'rows'} of {made.x.shape[1]:,} numbers"
    say(f"saved     {out} ({what}, {os.path.getsize(out):,} bytes)")
    return 0


def _check(args: Namespace) -> None:
    """Reject contradictory arguments before anything is read."""
    suffix = Path(args.out).suffix.lower()
    if suffix not in ENDINGS:
        raise UsageError(
            f"--out {args.out} does not end in {', '.join(ENDINGS)}{nearest(suffix, ENDINGS)}; use one of these endings"
        )
    for given in filter(None, (args.model, args.data)):
        if os.path.realpath(args.out) == os.path.realpath(given):
            raise UsageError(f"--out {args.out} is also an input file; name another file")
    if args.grid is not None and args.interpolate is not None:
        raise UsageError("--grid and --interpolate cannot be combined; leave one of them out")
    if (args.interpolate is None) != (args.data is None):
        raise UsageError("--interpolate A,B and --data NAME|FILE belong together; give both or none")
    if args.data is None and args.data_dir is not None:
        raise UsageError("--data-dir is the folder of --data mnist or fashion-mnist; give --data too")
    if args.grid is not None and args.number is not None:
        raise UsageError("-n cannot be combined with --grid; give the size to --grid, such as --grid 30")
    if args.noise is not None and (args.grid is not None or args.interpolate is not None):
        flag = "--noise" if args.noise else "--means"
        raise UsageError(f"{flag} is for draws from the prior; a grid and a path are always means; leave it out")
    if args.interpolate is not None and args.classes is not None:
        raise UsageError(
            "--class cannot be combined with --interpolate, which uses the class of the two rows; leave it out"
        )


def _image_shape(args: Namespace, model: Model, data: LoadedData | None) -> tuple[int, int] | None:
    """Return the shape of the images in the picture; None for rows of a table."""
    from scratchae.explore.display import shape_to_show

    shape = shape_to_show(model, args.image_shape or (data.image_shape if data else None), model.n_features_in_)
    if shape is not None:
        return shape[0], shape[1]
    if args.grid is not None or args.interpolate is not None:
        raise UsageError(
            f"the {model.n_features_in_} features of {args.model} are not those of an image; give --image-shape, or write a table: --out samples.csv"
        )
    return None


def _generate(args: Namespace, model: Generative, data: LoadedData | None) -> Generated:
    from scratchae.cli import generated

    if args.interpolate is not None:
        assert data is not None  # `_check` requires both or neither
        a, b = args.interpolate
        return generated.walk_between(model, data, a, b, args.number or STEPS)
    classes = generated.classes_asked(model, args.classes, args.model)
    if args.grid is not None:
        return generated.plane(model, args.grid, classes)
    number = args.number or (NUMBER if classes is None else OF_EACH_CLASS)
    return generated.draws(model, number, classes, args.seed, args.noise)
