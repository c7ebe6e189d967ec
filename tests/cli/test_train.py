"""`scratchae train`: data and options it takes or refuses, what it prints and keeps, and how it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import one_line, running

import scratchae as sae
from scratchae.cli import models, train
from scratchae.cli.inputs import LoadedData
from scratchae.cli.main import main
from scratchae.cli.train import _split
from scratchae.console.parser import Parser

QUICK = ["train", "--hidden", "8", "--code", "2", "--epochs", "2"]


def test_bad_data_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", np.full((5, 4), 7.0))
    assert main([*QUICK, "--data", str(tmp_path / "x.npy")]) == 2
    assert "outside [0, 1]" in one_line(capsys)
    np.save(tmp_path / "x.npy", np.array([[0.1, np.nan]]))
    assert main([*QUICK, "--data", str(tmp_path / "x.npy")]) == 2
    assert "row 1 (counted from 1), column 2" in one_line(capsys)


def test_test_rows_that_cannot_be_used_stop_the_training_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, x = tmp_path / "x.npz", np.full((6, 4), 0.5)
    for arrays, words in (
        ({"x_test": np.full((2, 4), np.nan)}, "column 1 of x_test, nor anywhere"),
        ({"x_test": np.ones((2, 3))}, "same columns"),
        ({"x_test": x, "y_test": np.zeros(5)}, "one label for each row"),
        ({"image_shape": np.array([3, 3])}, "3x3 does not match"),
    ):
        np.savez(path, x_train=x, **arrays)
        assert main([*QUICK, "--data", str(path), "--figures", str(tmp_path / "figures")]) == 2
        assert not (tmp_path / "figures").exists()
        captured = capsys.readouterr()
        assert words in captured.err and captured.err.count("\n") == 1 and "trained" not in captured.out


def test_bytes_become_numbers_and_images_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", np.arange(10 * 3 * 4, dtype=np.uint8).reshape(10, 3, 4))
    assert main([*QUICK, "--data", str(tmp_path / "x.npy"), "--figures", str(tmp_path / "figures")]) == 0
    assert "divided by 255" in capsys.readouterr().out and (tmp_path / "figures" / "reconstructions.png").exists()


def test_a_training_that_ended_too_early_is_a_warning_line_in_words_of_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always", sae.ConvergenceWarning)
        assert main(QUICK) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("scratchae: warning: ")]
    assert line.endswith("ended after only 90 steps; give --epochs auto (112), or a larger --learning-rate.")


@pytest.mark.parametrize("name", models.MODELS)
def test_what_is_not_given_is_as_the_model_has_it(name: str) -> None:
    parser = Parser(prog="scratchae train")
    train.add_arguments(parser)
    built = models.build(parser.parse_all([name]))
    default = type(built)(random_state=0, verbose=1)
    assert type(built).__name__ == models.MODELS[name] and built.get_params() == default.get_params()


def test_every_argument_of_a_model_is_an_option_of_some_model() -> None:
    parser = Parser(prog="scratchae train")
    models.add_arguments(parser)
    names = {action.dest for action in parser._actions} - {"help", *models.NOT_OF_THE_MODEL}
    options = {option for kind in models.MODELS.values() for option in getattr(sae, kind)().get_params()}
    assert len(names) > 20 and {models.RENAMED.get(name, name) for name in names} <= options


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--corruption", "masking"], "--corruption is not an option of autoencoder"),
        (["stacked", "--code", "3"], "--code is not an option of stacked"),
        (["k-sparse", "--k", "9", "--code", "4"], "k=9 is larger than latent_dim=4"),
        (["sparse", "--sparsity", "1"], "below 1"),
        (["denoising", "--level", "1.5"], "from 0 to 1"),
        (["denoising", "--optimizer", "lbfgs"], "deterministic objective"),
        (["contractive", "--activation", "relu"], "sigmoid"),
        (["contractive", "--hidden", "8"], "one layer"),
        (["stacked", "--base", "sparse", "--activation", "tanh"], "needs activation"),
        (["stacked", "--hidden", "none"], "no layer"),
        (["denoise"], "did you mean 'denoising'"),
        (["sparse", "--stack", "s.npz"], "for the classifier"),
        (["classifier", "--stack", "s.npz"], "s.npz"),
    ],
)
def test_options_of_other_models_are_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *arguments]) == 2
    assert words in one_line(capsys)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("denoising", "restored:"),
        ("sparse", "mean activation"),
        ("k-sparse", "entries are non-zero"),
        ("contractive", "norm of its Jacobian"),
    ],
)
def test_train_knows_the_classic_family(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "m.npz", tmp_path / "figures"
    arguments = ["--code", "9", "--epochs", "2", "--out", str(path), "--figures", str(folder)]
    assert main(["train", name, *arguments]) == 0
    assert words in capsys.readouterr().out
    assert type(sae.load(path)).__name__ == models.MODELS[name]
    assert (folder / "restored.png").exists() == (name == "denoising") and (folder / "filters.png").exists()


def test_train_stacks_and_classifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack, classifier = tmp_path / "stack.npz", tmp_path / "classifier.npz"
    arguments = ["--hidden", "12,6", "--pretrain-epochs", "2", "--epochs", "2", "--out", str(stack)]
    assert main(["train", "stacked", *arguments, "--validation", "0.2"]) == 0
    assert "layer 2   2 epochs" in capsys.readouterr().out
    arguments = ["--stack", str(stack), "--epochs", "2", "--out", str(classifier), "--validation", "0.2"]
    assert main(["train", "classifier", *arguments]) == 0
    assert "360 images right" in capsys.readouterr().out
    assert sae.load(classifier).predict(sae.load_digits().x_test).shape == (360,)
    assert main(["train", "classifier", "--stack", str(classifier)]) == 2
    assert "contains a StackedClassifier" in one_line(capsys)
    assert main(["train", "classifier", "--stack", str(stack), "--hidden", "3"]) == 2
    assert "determined by the stack" in one_line(capsys)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((20, 6)))
    assert main(["train", "classifier", "--data", str(tmp_path / "x.npy")]) == 2
    assert "no labels" in one_line(capsys)


def test_train_saves_draws_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, folder = tmp_path / "m.npz", tmp_path / "figures"
    assert main([*QUICK, "--out", str(model), "--figures", str(folder)]) == 0
    out = capsys.readouterr().out
    for words in ("its minimum", "PCA of the same size", "pixels²", str(model)):
        assert words in out
    assert sae.load(model).latent_dim == 2
    assert {p.name for p in folder.iterdir()} == {"loss.png", "reconstructions.png", "filters.png", "codes.png"}
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in folder.iterdir())


def test_train_on_own_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("a,b,c\n" + "\n".join(f"{i},{2 * i},{-i}" for i in range(20)))
    arguments = [
        "--data",
        str(tmp_path / "rows.csv"),
        "--likelihood",
        "gaussian",
        "--validation",
        "0.2",
        "--patience",
        "1",
    ]
    assert main([*QUICK, *arguments]) == 0
    assert "features²" in capsys.readouterr().out


def test_patience_holds_out_rows_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "train",
        "--hidden",
        "8",
        "--code",
        "2",
        "--epochs",
        "40",
        "--learning-rate",
        "0.05",
        "--patience",
        "2",
    ]
    assert main([*arguments, "--out", str(tmp_path / "m.npz")]) == 0
    assert "144 of 1437 rows are held out for early stopping" in capsys.readouterr().err
    history = sae.load(tmp_path / "m.npz").history_
    assert len(history["val_loss"]) == len(history["loss"]) <= 40


def test_linear_training_finds_pca(capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "--hidden",
        "none",
        "--code",
        "30",
        "--activation",
        "identity",
        "--likelihood",
        "gaussian",
        "--tied",
        "--optimizer",
        "lbfgs",
    ]
    assert main(["train", *options, "--epochs", "400", "--dtype", "float64"]) == 0
    out = capsys.readouterr().out
    ratio = float(out.split("ratio ")[1].split()[0])
    assert 0.999 < ratio < 1.001 and float(out.split("PCA's ")[-1].split()[0]) < 0.05


@pytest.mark.slow
def test_ctrl_c_saves_the_last_finished_epoch(tmp_path: Path) -> None:
    model, checkpoint = tmp_path / "m.npz", tmp_path / "run.npz"
    options = ["--epochs", "1000000", "--out", str(model), "--checkpoint", str(checkpoint)]
    with running("-m", "scratchae", "train", *options, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 200  # kernels may have to be compiled
        while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)  # the first epoch is finished when there is a checkpoint
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130 and str(model) in error.splitlines()[-1] and "Traceback" not in error
    assert sae.load(model).history_["loss"]


@pytest.mark.slow
@pytest.mark.parametrize("rows", [np.ones((20, 6)), np.random.default_rng(0).random((1, 6))])
def test_rows_that_pca_keeps_whole(
    rows: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", rows)
    assert main([*QUICK, "--data", "rows.npy", "--figures", "drawn"]) == 0
    assert "lossless" in capsys.readouterr().out
    assert Path("drawn/loss.png").exists()


def test_results_are_not_written_over_the_data_or_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", np.random.default_rng(0).random((20, 6)))
    before = Path("rows.npy").read_bytes()
    for arguments in (["--out", "./rows.npy"], ["--out", "m.npz", "--checkpoint", "m.npz"]):
        assert main([*QUICK, "--data", "rows.npy", *arguments]) == 2
        assert "the same file" in one_line(capsys)
    assert Path("rows.npy").read_bytes() == before


def test_divergence_keeps_the_last_finished_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", np.random.default_rng(0).random((40, 6)))
    rows, size = (
        ["--data", "rows.npy", "--likelihood", "gaussian"],
        ["--hidden", "8", "--code", "2", "--batch-size", "40"],
    )
    steps = ["--optimizer", "sgd", "--learning-rate", "3", "--epochs", "300"]
    status = main(["train", *rows, *size, *steps, "--out", "m.npz"])
    assert status == 1
    assert "The model is saved as" in one_line(capsys)
    assert np.isfinite(sae.load("m.npz").parameters_.flat).all()


def test_a_stack_is_not_overwritten_by_what_is_made_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    stack = sae.StackedAutoencoder((4,), pretrain_epochs=1, epochs=1, random_state=0).fit(sae.load_digits().x_train)
    stack.save("s.npz")
    assert main(["train", "classifier", "--stack", "s.npz", "--out", "s.npz"]) == 2
    assert "the same file" in one_line(capsys)
    assert main(["train", "stacked", "--hidden", "4", "--checkpoint", "z.npz", "--out", "z.layer1.npz"]) == 2
    assert "the same file" in one_line(capsys)


def test_classes_that_were_not_trained_stop_the_work_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, x = tmp_path / "x.npz", np.random.default_rng(0).random((12, 5))
    np.savez(path, x_train=x, y_train=np.arange(12) % 2, x_test=x[:3], y_test=np.array([0, 1, 7]))
    for command in (["train", "classifier"], ["study", "--labels", "4", "--out", str(tmp_path)]):
        assert main([*command, "--data", str(path)]) == 2
        captured = capsys.readouterr()
        assert "y_test has the class 7 at row 2" in captured.err and "trained" not in captured.out
    np.savez(path, x_train=x, y_train=np.where(np.arange(12) == 5, np.nan, np.arange(12) % 2), x_test=x[:3])
    assert main(["train", "classifier", "--data", str(path)]) == 2
    assert "y_train has NaN at row 5" in one_line(capsys)


def test_ctrl_c_in_the_first_epoch_of_fine_tuning_keeps_the_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sae.StackedAutoencoder, "fine_tune", interrupted)
    path = tmp_path / "s.npz"
    arguments = ["--hidden", "5,4", "--pretrain-epochs", "1", "--epochs", "1", "--out", str(path)]
    assert main(["train", "stacked", *arguments]) == 130
    assert "the model is saved as" in capsys.readouterr().err
    assert sae.load(path).encode(sae.load_digits().x_test).shape == (360, 4)


# Tables.


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """A folder to work in, with table.csv as pandas writes it: an index, three columns of different units, a class; one cell is missing."""
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    z = rng.normal(size=80)
    x = np.stack([50 + 10 * z, 0.5 - 0.01 * z + 0.002 * rng.normal(size=80), 2000 + 300 * rng.normal(size=80)], axis=1)
    lines = [
        f"{i},{row[0]},{row[1]},{'NA' if i == 7 else row[2]},{'old' if z[i] > 0 else 'young'}"
        for i, row in enumerate(x)
    ]
    Path("table.csv").write_text(",age,share,income,kind\n" + "\n".join(lines) + "\n")
    return x


STANDARD = [
    "--data",
    "table.csv",
    "--likelihood",
    "gaussian",
    "--standardize",
    "--hidden",
    "8",
    "--code",
    "2",
    "--batch-size",
    "8",
]


def test_a_standardised_table_comes_back_in_its_own_units(
    table: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "variational", *STANDARD, "--missing", "mean", "--epochs", "150", "--out", "m.npz"]) == 0
    out = capsys.readouterr().out
    for words in (
        "an index and was left out",
        "'kind' was taken for the labels",
        "1 missing value",
        "columns are standardised",
    ):
        assert words in out
    model = sae.load("m.npz")
    assert list(model.feature_names_in_) == ["age", "share", "income"] and model.image_shape_ is None
    np.testing.assert_allclose(model.preparation_.mean_[:2], table[:, :2].mean(axis=0))
    assert main(["sample", "m.npz", "-n", "400", "-o", "s.csv"]) == 0
    capsys.readouterr()
    samples = sae.read_table("s.csv")
    assert samples.names == ["age", "share", "income"]
    means = samples.array().mean(axis=0)
    assert (np.abs(means - np.nanmean(table, axis=0)) < 0.5 * np.nanstd(table, axis=0)).all()
    assert main(["sample", "m.npz", "-n", "4", "-o", "s.tsv"]) == 0 and sae.read_table("s.tsv").names == samples.names
    # What `sample` writes can be trained on, shown, and walked through.
    assert (
        main(["train", "--data", "s.csv", "--likelihood", "gaussian", "--standardize", "--epochs", "1", "--code", "1"])
        == 0
    )
    assert main(["sample", "m.npz", "-n", "5", "-o", "s.npz"]) == 0 and sae.read_table("s.npz").x.shape == (5, 3)
    walk = ["--interpolate", "0,9", "--data", "table.csv", "--missing", "mean", "-o", "w.tsv"]
    assert main(["sample", "m.npz", *walk]) == 0
    ends = sae.read_table("w.tsv").array()[[0, -1]]
    chosen = model.preparation_.transform(table[[0, 9]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # arrays have no names
        decoded = model.interpolate(chosen[0], chosen[1], 2)
    np.testing.assert_allclose(ends, model.preparation_.inverse_transform(decoded), rtol=1e-5)
    assert main(["explore", "m.npz", "--data", "table.csv", "--missing", "mean", "-o", "page.html"]) == 0
    assert '"units": {"mean"' in Path("page.html").read_text("utf-8")


def test_samples_of_classes_carry_their_labels(table: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "conditional", *STANDARD, "--missing", "drop", "--epochs", "2", "--out", "c.npz"]) == 0
    assert main(["sample", "c.npz", "-n", "6", "-o", "c.csv"]) == 0
    samples = sae.read_table("c.csv")
    assert samples.y is not None and samples.y.tolist() == ["old"] * 6 + ["young"] * 6 and samples.label == "label"
    assert main(["train", "classifier", "--data", "c.csv", "--standardize", "--hidden", "4", "--epochs", "1"]) == 0
    assert main(["sample", "c.npz", "-n", "6", "-o", "c.png"]) == 0 and Path("c.png").read_bytes().startswith(
        b"\x89PNG"
    )
    assert "rows of 3 numbers" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "There is no value in line 9, column 'income'; fill it in"),
        (
            ["--missing", "drop"],
            "table.csv has 51.2573 in line 2, column 'age', outside [0, 1]; give --likelihood gaussian, with --standardize",
        ),
        (["--standardize"], "--standardize gives values outside [0, 1]; give --likelihood gaussian too"),
        (["--label-column", "kid"], "(did you mean 'kind'?)"),
        (["--label-column", "none", "--missing", "drop"], "Column 'kind' has 'old' in line 2, which is not a number"),
        (["--sep", ";"], "Column ',age,share,income,kind' has '0,51"),
        (["--missing", "men"], "did you mean 'mean'"),
        (
            ["--data", "empty.csv", "--missing", "mean"],
            "There is no value in line 2, column 'b', nor anywhere else in that column",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_one_line(
    table: np.ndarray, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.csv").write_text("a,b\n1,\n2,\n")
    assert main([*QUICK, "--data", "table.csv", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_warning_about_large_columns_names_the_column_and_the_option(
    table: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    warnings.simplefilter("default")
    Path("large.csv").write_text("size,price\n" + "".join(f"{i % 7},{2000 + i}\n" for i in range(50)))
    assert main([*QUICK, "--data", "large.csv", "--likelihood", "gaussian"]) == 0
    warning = next(line for line in capsys.readouterr().err.splitlines() if "stable training" in line)
    assert "warning: Column 'price' of the data has" in warning and warning.endswith("; give --standardize.")


@pytest.mark.filterwarnings("ignore:Column 'income' of the data has a standard deviation")
def test_missing_means_are_those_of_the_training_rows(table: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", "table.csv", "--likelihood", "gaussian", "--missing", "mean", "--validation", "0.25"]
    assert main([*QUICK, *arguments, "--out", "m.npz"]) == 0
    assert "missing value" in capsys.readouterr().out
    preparation = sae.load("m.npz").preparation_
    assert not preparation.standardize
    order = np.random.default_rng(0).permutation(80)[20:]
    rows = table[order]
    rows[order == 7, 2] = np.nan
    np.testing.assert_allclose(preparation.mean_, np.nanmean(rows, axis=0))


def test_held_out_and_test_rows_are_standardised_like_those_of_the_training(tmp_path: Path) -> None:
    rng, out = np.random.default_rng(0), tmp_path / "m.npz"
    x, test = (2000 + 300 * rng.normal(size=(n, 3)) for n in (60, 20))
    np.savez(tmp_path / "d.npz", x_train=x, x_test=test)
    arguments = ["--data", str(tmp_path / "d.npz"), "--likelihood", "gaussian", "--standardize", "--validation", "0.25"]
    assert main([*QUICK, *arguments, "--out", str(out)]) == 0
    history = sae.load(out).history_
    assert history["val_loss"][-1] < 3 * history["loss"][-1]  # in standard deviations, both


@pytest.mark.parametrize("patience", [1, 7])
def test_the_patience_is_the_one_asked_for(patience: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Recorded(sae.EarlyStopping):
        def __init__(self, patience: int) -> None:
            asked.append(patience)
            super().__init__(patience)

    monkeypatch.setattr("scratchae.training.EarlyStopping", Recorded)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((30, 3)))
    assert main([*QUICK, "--data", str(tmp_path / "x.npy"), "--patience", str(patience)]) == 0
    assert asked == [patience]


def test_missing_means_are_prepared_only_where_something_is_missing(tmp_path: Path) -> None:
    x, out = np.random.default_rng(0).random((20, 3)), tmp_path / "m.npz"
    lacking = x.copy()
    lacking[4, 1] = np.nan
    for rows, others, prepared in ((x, x, False), (x, lacking, True), (lacking, x, True)):
        np.savez(tmp_path / "d.npz", x_train=rows, x_test=others)
        arguments = ["--data", str(tmp_path / "d.npz"), "--likelihood", "gaussian", "--missing", "mean"]
        assert main([*QUICK, *arguments, "--out", str(out)]) == 0
        assert hasattr(sae.load(out), "preparation_") is prepared


def test_the_split_depends_on_the_seed_and_keeps_labels_with_their_rows() -> None:
    data = LoadedData("d", np.arange(40.0)[:, None], np.arange(40))
    held = []
    for seed in (0, 1, 1):
        kept, held_out = _split(data, 0.25, seed)
        assert held_out is not None and held_out[1] is not None and kept[1] is not None
        assert held_out[0][:, 0].tolist() == held_out[1].tolist() and kept[0][:, 0].tolist() == kept[1].tolist()
        assert sorted([*kept[1].tolist(), *held_out[1].tolist()]) == list(range(40)) and len(held_out[1]) == 10
        held.append(held_out[1].tolist())
    assert held[0] != held[1] == held[2]


@pytest.mark.parametrize(("share", "empty"), [("0.01", True), ("0.99", True), ("0.03", False)])
def test_no_part_of_a_split_is_empty(
    share: str, empty: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((30, 3)))
    assert main([*QUICK, "--data", str(tmp_path / "x.npy"), "--validation", share]) == (2 if empty else 0)
    assert ("leaves one part empty; give another share" in capsys.readouterr().err) is empty
