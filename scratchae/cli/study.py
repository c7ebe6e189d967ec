"""`scratchae study`: compare networks trained from pre-trained and from random layers, with few labels and with many."""

from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from scratchae.cli.inputs import add_reading_arguments, check_classes, load_data, reading_of, say_notes
from scratchae.console.outputs import ready_file, ready_folder
from scratchae.console.parser import UsageError, sizes, whole_number
from scratchae.console.table import say, table

if TYPE_CHECKING:
    from pathlib import Path

    from scratchae.cli.inputs import LoadedData
    from scratchae.studies import PretrainingStudy

DESCRIPTION = """\
Train the same network on labels three times: from layers pre-trained without labels, from random layers
with the same number of updates, and from random layers with additional updates that cost as much as the pre-training.
Repeats this for several numbers of labels and seeds; prints the means with 95 % confidence intervals, and draws them.
"""
EXAMPLES = """\
examples:
  scratchae study                                                 on the embedded digits, a few minutes
  scratchae study --data mnist --data-dir DIR --labels 100,1000,10000,all --keep study.npz
                                                                  about half an hour; can be resumed
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `scratchae study`."""
    add = parser.add_argument
    add("--data", metavar="NAME|FILE", default="digits", help="labelled data, as in train (default: digits)")
    add("--data-dir", metavar="DIR", help="folder with the files of mnist or fashion-mnist")
    add_reading_arguments(add)
    add(
        "--labels",
        metavar="N,N,…",
        type=_counts,
        default=(50, 200, None),
        help="numbers of labels (default: 50,200,all)",
    )
    add("--seeds", metavar="N", type=whole_number(2), default=5, help="number of seeds for each run (default: 5)")
    add(
        "--hidden",
        metavar="SIZES",
        type=sizes,
        default=(200, 200),
        help="sizes of the hidden layers (default: 200,200)",
    )
    add(
        "--pretrain-epochs",
        metavar="N",
        type=whole_number(1),
        default=10,
        help="epochs of pre-training per layer (default: 10)",
    )
    add(
        "--updates",
        metavar="N",
        type=whole_number(1),
        default=4000,
        help="updates of the labelled training (default: 4000)",
    )
    add("--keep", metavar="FILE", help="save the results there after every run, and resume from them")
    add("--out", metavar="DIR", default="scratchae-study", help="folder for the figure (default: scratchae-study)")


def _counts(text: str) -> tuple[int | None, ...]:
    """Parse numbers of labels, such as "100,1000,all"; "all" becomes None."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part == "all" or (part.isdecimal() and int(part) > 0) for part in parts):
        raise ArgumentTypeError(f"{text!r} is not a list of numbers of labels; give one such as 100,1000,all")
    return tuple(None if part == "all" else int(part) for part in parts)


def run(args: Namespace) -> int:
    """Run the study, print the table, and draw the figure."""
    folder = ready_folder(args.out, "--out")
    if args.keep:
        ready_file(args.keep, "--keep")
    data = load_data(args.data, args.data_dir, None, {**reading_of(args), "missing": args.missing})
    say_notes(data)
    if data.x_test is None or data.y_train is None or data.y_test is None:
        raise UsageError(f"--data {args.data} has no labels or no test rows; give x_train, y_train, x_test and y_test")
    check_classes(data.y_train, {"y_test": data.y_test})
    study = _study(args, data)
    extra, start = study.extra_updates(), time.perf_counter()
    say(
        f"{len(study.seeds)} seeds; {args.updates:,} updates with labels; the pre-training costs as much as {extra:,} further updates, "
        "which the third arm makes\n"
    )
    study.run(progress=lambda text: say(f"{time.perf_counter() - start:7.0f} s  {text}"))
    say("\n" + report(study))
    say(f"\nFigure: {_draw(study, folder)}")
    return 0


def _study(args: Namespace, data: LoadedData) -> PretrainingStudy:
    from scratchae.studies import PretrainingStudy, Setting

    counts = sorted({len(data.x_train) if count is None else count for count in args.labels})
    assert data.y_train is not None and data.x_test is not None and data.y_test is not None  # checked by `run`
    setting = Setting(hidden_sizes=args.hidden, pretrain_epochs=args.pretrain_epochs, updates=args.updates)
    try:
        return PretrainingStudy(
            data.x_train, data.y_train, data.x_test, data.y_test, counts, range(args.seeds), setting, args.keep
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def report(study: PretrainingStudy) -> str:
    """The table: mean test error with its 95 % interval, for each arm and number of labels."""
    from scratchae.plots import half_interval
    from scratchae.studies import ARMS

    rows = [["labels", *ARMS, "gain over same updates", "over same work"]]
    errors = {arm: 100 * (1 - study.accuracies(arm)) for arm in ARMS}
    for i, count in enumerate(study.counts):
        cells = [f"{count:,}"]
        pairs = [errors[arm][i] for arm in ARMS] + [errors[arm][i] - errors[ARMS[0]][i] for arm in ARMS[1:]]
        for values in pairs:  # gains are paired by seed: all arms train on the same labelled rows
            cells.append(f"{values.mean():.2f} ± {half_interval(values[None])[0]:.2f}")
        rows.append(cells)
    return (
        table(rows)
        + "\n\ntest error in %, mean over the seeds ± half the 95 % interval; gain: that arm's error minus that of the pre-trained arm"
    )


def _draw(study: PretrainingStudy, folder: Path) -> Path:
    from scratchae import plots
    from scratchae.studies import ARMS

    figure = plots.accuracy_curves(
        {arm: (study.counts, study.accuracies(arm)) for arm in ARMS},
        title="Pre-trained against random layers",
        note=f"test accuracy, mean of {len(study.seeds)} seeds with its 95 % interval",
    )
    return plots.save(figure, folder / "pretraining.png")
