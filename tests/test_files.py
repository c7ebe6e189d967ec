"""Model and checkpoint files: what was written comes back, and nothing else is ever taken for it."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchae as sae
from scratchae import files
from scratchae.errors import FileFormatError
from scratchae.training import TrainingState
from scratchae.training.state import write_checkpoint

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.npz"
    files.write(path, "model", {"answer": 42}, {"a": np.arange(3.0)})
    return path


@pytest.fixture
def model(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder((5,), 2, epochs=2, random_state=0).fit(x)


# What is written comes back.


@SAME_FOLDER
@given(
    arrays=st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(\.[0-9])?(\.[Wb])?", fullmatch=True).filter(
            lambda name: name not in ("header", "file")
        ),
        hnp.arrays(
            st.sampled_from([np.float32, np.float64, np.int64, np.bool_]),
            hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
        ),
        max_size=4,
    )
)
def test_arrays_come_back_bit_for_bit(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    path = tmp_path / "any.npz"
    files.write(path, "model", {"numbers": [0.1, 1e-300]}, arrays)
    header, back = files.read(path, "model")
    assert header == {"format": files.FORMAT, "kind": "model", "numbers": [0.1, 1e-300]}
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert (back[name].dtype, back[name].shape, back[name].tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_a_model_file_is_an_ordinary_npz_without_pickle(model: sae.Autoencoder, tmp_path: Path) -> None:
    model.save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz", allow_pickle=False) as file:
        assert file.files == ["header", *model.parameters_]
        assert all(file[name].dtype.kind in "fu" for name in file.files)
        np.testing.assert_array_equal(file["encoder.0.W"], model.parameters_["encoder.0.W"])
    assert zipfile.ZipFile(tmp_path / "m.npz").testzip() is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_model_comes_back_whole(x: np.ndarray, tmp_path: Path, dtype: str) -> None:
    model = sae.Autoencoder(
        [7, 5],
        np.int64(3),
        activation="tanh",
        tied_weights=True,
        likelihood="gaussian",
        optimizer=sae.Momentum(decay=0.8),
        learning_rate=np.float32(0.01),
        epochs=2,
        dtype=np.dtype(dtype),
        random_state=np.random.default_rng(1),
    ).fit(x, validation_data=x[:5])
    model.save(tmp_path / "m.npz")
    again = sae.load(tmp_path / "m.npz")
    assert isinstance(again, sae.Autoencoder)
    assert again.history_ == model.history_
    assert list(again.parameters_) == list(model.parameters_)
    np.testing.assert_array_equal(again.reconstruct(x), model.reconstruct(x))
    changed = {
        "hidden_sizes": (7, 5),
        "dtype": dtype,
        "random_state": None,
    }  # a generator has no name that could be kept
    assert again.get_params() == {**model.get_params(), **changed}
    assert again.fit(x).n_features_in_ == 11


def test_the_suffix_is_the_users(model: sae.Autoencoder, tmp_path: Path) -> None:
    model.save(tmp_path / "model.of.mine")
    assert os.listdir(tmp_path) == ["model.of.mine"]
    sae.load(str(tmp_path / "model.of.mine"))


def test_permissions_are_those_of_any_new_file(tiny: Path) -> None:
    beside = tiny.with_name("beside")
    beside.write_bytes(b"")
    assert tiny.stat().st_mode == beside.stat().st_mode


# Anything else is refused.


def test_every_flipped_byte_is_noticed(tiny: Path) -> None:
    content = tiny.read_bytes()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        tiny.write_bytes(damaged)
        with pytest.raises(FileFormatError, match=r"tiny\.npz' is"):
            files.read(tiny, "model")


@SAME_FOLDER
@given(data=st.data())
def test_every_flipped_bit_of_a_model_is_noticed(model: sae.Autoencoder, tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "m.npz"
    model.save(path)
    damaged = bytearray(path.read_bytes())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(damaged)
    with pytest.raises(FileFormatError):
        sae.load(path)


def test_every_truncation_is_noticed(tiny: Path) -> None:
    content = tiny.read_bytes()
    for length in range(len(content)):
        tiny.write_bytes(content[:length])
        with pytest.raises(FileFormatError, match="another copy|not a scratchae file"):
            files.read(tiny, "model")


@SAME_FOLDER
@given(garbage=st.binary(min_size=1, max_size=200), in_front=st.booleans())
def test_anything_added_is_noticed(tiny: Path, garbage: bytes, in_front: bool) -> None:
    path = tiny.with_name("longer.npz")
    content = tiny.read_bytes()
    path.write_bytes(garbage + content if in_front else content + garbage)
    with pytest.raises(FileFormatError):
        files.read(path, "model")


@SAME_FOLDER
@given(content=st.binary(max_size=300))
def test_no_file_of_any_bytes_is_taken_for_a_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    with pytest.raises(FileFormatError):
        sae.load(path)


def test_two_files_one_after_the_other_are_no_file(tiny: Path, model: sae.Autoencoder, tmp_path: Path) -> None:
    model.save(tmp_path / "m.npz")
    (tmp_path / "both").write_bytes(tiny.read_bytes() + (tmp_path / "m.npz").read_bytes())
    with pytest.raises(FileFormatError):
        sae.load(tmp_path / "both")


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "foreign.npz", a=np.zeros(3))
    with pytest.raises(FileFormatError, match="truncated or was not written by scratchae"):
        sae.load(tmp_path / "foreign.npz")
    (tmp_path / "text").write_text("a,b\n1,2\n")
    (tmp_path / "empty").write_bytes(b"")
    for name in ("text", "empty"):
        with pytest.raises(FileFormatError, match="is not a scratchae file; give one"):
            sae.load(tmp_path / name)
    with pytest.raises(FileFormatError, match="is a folder; give a file"):
        sae.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        sae.load(tmp_path / "nowhere.npz")


def test_pickled_arrays_are_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (os.mkdir, (str(tmp_path / "sprung"),))

    buffer = io.BytesIO()
    header = np.frombuffer(json.dumps({"format": 1, "kind": "model"}).encode(), np.uint8)
    np.savez(buffer, header=header, a=np.array([Trap()], dtype=object))
    (tmp_path / "trap.npz").write_bytes(buffer.getvalue())
    with pytest.raises(FileFormatError):
        sae.load(tmp_path / "trap.npz")
    content = files._sealed({"header": header, "a": np.array([Trap()], dtype=object)})  # even with a seal that fits
    (tmp_path / "trap.npz").write_bytes(content)
    with pytest.raises(ValueError, match="allow_pickle"):
        sae.load(tmp_path / "trap.npz")
    assert not (tmp_path / "sprung").exists()


def test_a_newer_format_asks_for_a_newer_scratchae(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        later.setattr(files, "FORMAT", files.FORMAT + 1)
        files.write(tmp_path / "new.npz", "model", {}, {})
    with pytest.raises(
        FileFormatError, match="has format 2, but this version of scratchae reads formats up to 1; upgrade"
    ):
        sae.load(tmp_path / "new.npz")


def test_a_model_of_an_unknown_class_asks_for_a_newer_scratchae(tmp_path: Path) -> None:
    files.write(tmp_path / "m.npz", "model", {"class": "QuantumAutoencoder"}, {})
    with pytest.raises(
        FileFormatError, match="contains a QuantumAutoencoder, which this version of scratchae does not know; upgrade"
    ):
        sae.load(tmp_path / "m.npz")


def test_a_checkpoint_is_no_model_and_a_model_no_checkpoint(
    x: np.ndarray, model: sae.Autoencoder, tmp_path: Path
) -> None:
    path = tmp_path / "file.npz"
    write_checkpoint(path, TrainingState(model._parameters, np.zeros((0, 1)), 0), {}, [])
    with pytest.raises(FileFormatError, match="is a checkpoint, not a model"):
        sae.load(path)
    model.save(path)
    with pytest.raises(FileFormatError, match="is a model, not a checkpoint"):
        sae.Autoencoder().fit(x, checkpoint=path, resume=True)


# File objects, and paths with ~.


def test_models_are_saved_to_file_objects(model: sae.Autoencoder, x: np.ndarray, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    model.save(buffer)
    model.save(tmp_path / "m.npz")
    assert buffer.getvalue() == (tmp_path / "m.npz").read_bytes()
    buffer.seek(0)
    np.testing.assert_array_equal(sae.load(buffer).encode(x), model.encode(x))
    with open(tmp_path / "m.npz", "rb") as file:
        np.testing.assert_array_equal(sae.load(file).encode(x), model.encode(x))
    with pytest.raises(FileFormatError, match="^the file object is not a scratchae file"):
        sae.load(io.BytesIO(b"nothing"))
    with (
        open(tmp_path / "text", "w") as text,
        pytest.raises(TypeError, match="neither a path nor a binary file; .* mode 'wb'"),
    ):
        model.save(text)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int is neither a path nor a binary file; give a path"):
        sae.load(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="mode 'rb'"):
        sae.load(io.StringIO("PK"))  # type: ignore[arg-type]


def test_home_is_expanded(x: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "USERPROFILE"):  # the latter on Windows
        monkeypatch.setenv(variable, str(tmp_path))
    model = sae.Autoencoder((5,), 2, epochs=2, random_state=0).fit(x, checkpoint="~/run.npz")
    model.save("~/m.npz")
    np.testing.assert_array_equal(sae.load("~/m.npz").encode(x), model.encode(x))
    np.testing.assert_array_equal(sae.load(Path("~/m.npz")).encode(x), model.encode(x))
    again = sae.Autoencoder((5,), 2, epochs=2, random_state=0).fit(x, checkpoint=Path("~/run.npz"), resume=True)
    assert again.history_ == model.history_  # resumed at its end
    sae.StackedAutoencoder((5,), pretrain_epochs=1, epochs=1, random_state=0).fit(x, checkpoint="~/stack.npz")
    assert {path.name for path in tmp_path.iterdir()} == {"m.npz", "run.npz", "stack.npz", "stack.layer1.npz"}
    with pytest.raises(FileNotFoundError, match="~/nowhere/run.npz|nowhere"):
        sae.Autoencoder((5,), 2).fit(x, checkpoint="~/nowhere/run.npz")
