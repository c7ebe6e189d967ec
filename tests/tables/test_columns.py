"""Index, labels and pixels among the columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.written_tables import IRIS, read

pandas = pytest.importorskip("pandas")


@pytest.mark.parametrize(
    ("text", "left", "words"),
    [
        (",a,b\n0,.1,.2\n1,.3,.4\n", 2, "the first column (without a name; 0, 1) is an index"),
        ("Unnamed: 0,a,b\n0,.1,.2\n1,.3,.4\n", 2, "is an index and was left out"),
        (",a,b\n7,.1,.2\n3,.3,.4\n", 2, "(without a name) is an index"),  # rows chosen from a frame
        ('"","a","b"\n"Mazda RX4",1,2\n"Datsun",3,4\n', 2, "(without a name) is an index"),
        ("Id,a\n1,.1\n2,.3\n3,.2\n", 1, "('Id'; 1, 2, 3) is an index"),
        ("0,.1\n1,.2\n2,.3\n3,.4\n4,.5\n5,.6\n", 1, "(without names; 0, 1, 2, 3, …) is an index"),
        (
            "time,a\n0,.1\n1,.2\n2,.3\n3,.4\n4,.5\n",
            2,
            "column 'time' counts the rows (0, 1, 2, 3, …); if it is an index",
        ),
        ("Id,a\n15,.1\n12,.3\n13,.2\n19,.2\n11,.2\n", 2, "column 'Id' has a different whole number in each row"),
        ("a,id\n.1,15\n.3,12\n.2,13\n.2,19\n.7,11\n", 2, "if it numbers the rows, give index_column"),
        (",a,b\n0.5,.1,.2\n0.5,.3,.4\n", 3, ""),  # no index: not different
        ("1e300,2\n2e300,3\n", 2, ""),
        (",a,b\n7,.1,.2\n7,.3,.4\n", 3, ""),
        ("Id,a\n5,.1\n2,.3\n3,.2\n", 2, ""),
        ("0,.1\n1,.2\n", 2, ""),  # too few rows to be sure
        ("x\n0\n1\n2\n3\n4\n5\n", 1, ""),  # the only column
    ],
)
def test_an_index_is_left_out_and_said(text: str, left: int, words: str, tmp_path: Path) -> None:
    table = read(tmp_path, text)
    assert table.x.shape[1] == left
    assert words in "\n".join(table.notes) and (bool(words) or "index" not in "\n".join(table.notes))


def test_columns_without_a_name_are_said(tmp_path: Path) -> None:
    table = read(tmp_path, "a,,\n1,2,3\n4,5,6\n")
    assert table.names == ["a", "column 2", "column 3"]
    assert table.notes[-1] == "column 2, column 3 without a name in the file"


def test_the_index_can_be_chosen(tmp_path: Path) -> None:
    text = "k,a,b\n0,.1,.2\n1,.3,.4\n"
    assert read(tmp_path, text).names == ["k", "a", "b"]
    assert read(tmp_path, text, index_column="b").names == ["k", "a"]
    assert read(tmp_path, text, index_column=True).names == ["a", "b"]
    assert read(tmp_path, text, index_column=-1).names == ["k", "a"]
    assert read(tmp_path, text, index_column=0).names == ["a", "b"]
    assert read(tmp_path, ",a\n0,.1\n1,.3\n", index_column=False).names == ["column 1", "a"]


def test_only_the_first_column_of_the_file_may_be_an_index_and_labels_are_none(tmp_path: Path) -> None:
    table = read(tmp_path, "id,nr,a\n0,1,.1\n1,2,.3\n2,3,.4\n", drop_columns=["id"])
    assert table.names == ["nr", "a"]
    table = read(tmp_path, "id,a\n0,.1\n1,.3\n2,.4\n", label_column="id")
    assert table.names == ["a"] and table.y is not None and table.y.tolist() == [0, 1, 2]
    assert "index" not in "\n".join(table.notes)


def test_labels_are_taken_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, IRIS)
    assert table.names == ["sepal", "petal"] and table.label == "species"
    assert table.y is not None and table.y.tolist() == ["setosa", "setosa", "virginica", "virginica"]
    assert "column 'species' was taken for the labels (2 different: setosa, virginica)" in table.notes[1]
    for which in ("species", "3", "last", -1, 2):
        again = read(tmp_path, IRIS, label_column=which)
        assert again.y is not None and again.y.tolist() == table.y.tolist()
    with pytest.raises(ValueError, match="label_column='0' is not a column of the file"):
        read(tmp_path, IRIS, label_column="0")
    kaggle = "label,pixel0,pixel1,pixel2,pixel3\n1,0,255,3,4\n0,3,4,5,6\n1,2,3,4,5\n0,0,0,0,0\n"
    table = read(tmp_path, kaggle)
    assert table.y is not None and table.y.tolist() == [1, 0, 1, 0] and table.y.dtype == np.int64
    assert table.image_shape == (2, 2) and table.array().max() == 1
    assert "divided by 255" in table.notes[-1]
    table = read(tmp_path, kaggle, label_column=False)
    assert table.names is not None and table.names[0] == "label" and table.y is None and table.image_shape is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\nx,1\ny,2\nz,3\n", "Column 'a' has 'x' in line 2"),  # every value once: no classes
        ("a,b,c\nx,1,u\ny,2,v\nx,3,u\ny,4,v\n", "Column 'a' has 'x' in line 2"),  # two columns of text
        ("a,b\n1,2\n1,x\n1,2\n1,2\n", "Column 'b' has 'x' in line 3"),  # a bad cell
        ("a,b,a\n1,2,3\n4,5,6\n", "Two columns are named 'a', the 1st and the 3rd"),
        ("a,d\n1,2020-01-01\n2,2020-01-02\n", "Column 'd' has '2020-01-01' in line 2"),
        ("a,b\n1,2\ninf,3\n", "There is an infinite number in line 3, column 'a'"),
        ("a,label\n1,x\n2,\n3,x\n", "There is no label in line 3, column 'label'"),
        ("species\nx\ny\nx\n", "Column 'species' has 'x' in line 2"),
        ("name\nfoo bar\nbaz qux\nfoo qux\n", "Column 'name' has 'foo bar' in line 2"),  # spaces in a sentence
        ("a,b\nx,1\ny,2\nz,3\nx,4\nu,5\n", "Column 'a' has 'x' in line 2"),  # more than half of the values differ
        ('n\n\n""\n""\n', "There is no value in line 3, column 'n', nor anywhere else"),
    ],
)
def test_what_cannot_be_used_is_named(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [(0, 1, "the 1st and the 2nd"), (2, 3, "the 3rd and the 4th"), (10, 11, "the 11th and the 12th"),
     (12, 20, "the 13th and the 21st"), (21, 22, "the 22nd and the 23rd"), (110, 111, "the 111th and the 112th")],
)  # fmt: skip
def test_columns_of_one_name_are_counted_as_in_speech(first: int, second: int, words: str, tmp_path: Path) -> None:
    names = [f"c{j}" for j in range(second + 1)]
    names[first] = names[second] = "twice"
    with pytest.raises(ValueError, match=f"named 'twice', {words};"):
        read(tmp_path, f"{','.join(names)}\n{','.join('1' * len(names))}\n")


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["1", "", "2", "1"], [1, 2, 1]),  # whole numbers in spite of the gap
        (["0.5", "1", "0.5", "1"], [0.5, 1.0, 0.5, 1.0]),
        (["9007199254740994", "1", "1", ""], [9007199254740994.0, 1.0, 1.0]),  # beyond exact doubles
        ([" x", "x ", "y", "y"], ["x", "x", "y", "y"]),
    ],
)
def test_labels_have_the_type_of_their_values(cells: list[str], labels: list[object], tmp_path: Path) -> None:
    text = "a,Label\n" + "".join(f"{i}.5,{cell}\n" for i, cell in enumerate(cells))
    asked = None if labels[0] in (1, "x") else "Label"  # found by its name, unless numbers are not whole or too large
    table = read(tmp_path, text, missing="drop", label_column=asked)
    assert f"({len(set(labels))} different" in table.notes[1]
    assert table.label == "Label" and table.y is not None and table.y.tolist() == labels
    assert [type(label) for label in table.y.tolist()] == [type(label) for label in labels]


@pytest.mark.parametrize("largest", ["1", "200.5", "256", "-1"])
def test_columns_named_as_pixels_are_divided_only_if_they_are_bytes(largest: str, tmp_path: Path) -> None:
    table = read(tmp_path, f"pixel0,pixel1\n0,{largest}\n1,0\n")
    assert table.array().tolist() == [[0, float(largest)], [1, 0]] and "255" not in "\n".join(table.notes)
    assert table.image_shape is None
    bytes_ = read(tmp_path, "px1,px2,px3,px4,px5\n0,51,255,0,0\n1,0,0,0,0\n")  # of no square
    assert bytes_.array()[0].tolist() == [0, 0.2, 1, 0, 0] and bytes_.image_shape is None


@pytest.mark.parametrize("missing", ["error", "mean", "keep"])
def test_a_row_without_a_label_is_an_error_unless_it_is_dropped(missing: str, tmp_path: Path) -> None:
    text = "a,label\n1,x\n,x\n3,y\n4,\n"
    with pytest.raises(ValueError, match="There is no label in line 5, column 'label'"):
        read(tmp_path, text, missing=missing)
    table = read(tmp_path, text, missing="drop")
    assert table.array().tolist() == [[1], [3]] and table.y is not None and table.y.tolist() == ["x", "y"]


def test_a_target_of_many_values_is_a_feature_and_said(tmp_path: Path) -> None:
    text = "a,target\n" + "\n".join(f"{i % 7},{i * 1.5}" for i in range(30))
    table = read(tmp_path, text)
    assert table.names == ["a", "target"] and table.y is None
    assert "column 'target' has 30 different values and was taken for a feature" in "\n".join(table.notes)


def test_columns_are_left_out_by_name_or_number(tmp_path: Path) -> None:
    text = "a,when,b\n1,2020,2\n3,2021,4\n"
    assert read(tmp_path, text, drop_columns=["when"]).names == ["a", "b"]
    assert read(tmp_path, text, drop_columns=["2", 0]).names == ["b"]
    with pytest.raises(ValueError, match=r"drop_columns='whem' is not a column of the file \(did you mean 'when'\?\)"):
        read(tmp_path, text, drop_columns=["whem"])
    with pytest.raises(ValueError, match="label_column=7 is not a column"):
        read(tmp_path, text, label_column=7)
    with pytest.raises(ValueError, match="no column of numbers left"):
        read(tmp_path, text, drop_columns=["a", "when", "b"])
