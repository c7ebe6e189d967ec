"""The policy: points add up, and unknown names are reported."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from pathlib import Path

import pytest

from scratchae.grading.marking.policy import read_policy
from scratchae.grading.records import Isolation, SubmissionResult, TestResult


def policy_of(tmp_path: Path, text: str, *names: str) -> object:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return read_policy(path, names)


def test_the_ordinary_policy_has_the_exercises_own_points() -> None:
    policy = read_policy(None, ["dense", "gaussian_kl"])
    assert [e.name for e in policy.exercises] == ["dense", "gaussian_kl"]
    assert policy.max_points == pytest.approx(sum(e.points for e in policy.exercises))
    assert {test.visibility for test in policy.tests} == {"public", "hidden"}
    assert len({test.id for test in policy.tests}) == len(policy.tests)


def test_points_are_shared_by_the_most_exact_entry(tmp_path: Path) -> None:
    text = """
title = "Week 1"
exercises = ["dense", "gaussian_kl"]
[points]
dense = 10
"dense/dense_backward" = 6
"dense/dense_backward/values/hidden" = 2.5
"""
    policy = policy_of(tmp_path, text)
    points = {test.id: test.max_points for test in policy.tests}
    assert points["dense/dense_backward/values/hidden"] == 2.5
    backward = [p for name, p in points.items() if name.startswith("dense/dense_backward/")]
    forward = [p for name, p in points.items() if name.startswith("dense/dense/")]
    assert sum(backward) == pytest.approx(6 + 2.5) and sum(forward) == pytest.approx(10)
    plain = {test.id: test.max_points for test in read_policy(None, ["dense", "gaussian_kl"]).tests}
    assert all(points[name] == plain[name] for name in points if name.startswith("gaussian_kl"))
    ratio = points["dense/dense/values/public"] / points["dense/dense/manners/public"]
    assert ratio == pytest.approx(plain["dense/dense/values/public"] / plain["dense/dense/manners/public"], rel=1e-5)


def test_results_are_scored_with_it(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path, '[points]\n"dense/dense/values/public" = 8\n[flags]\n"numerical gradient" = 0.25\n', "dense"
    )
    whole = TestResult("dense", "dense", "values", "public", "passed", 0.5, 0.5)
    assert (policy.scored(whole).points, policy.scored(whole).max_points) == (8, 8)
    flagged = TestResult("dense", "dense", "values", "public", "passed", 0.5, 0.5, flags=("numerical gradient",))
    assert policy.scored(flagged).points == 2 and policy.scored(flagged).max_points == 8
    both = replace(flagged, flags=("evaluated entry by entry", "numerical gradient"))
    assert policy.scored(both).detail["costs"] == ["numerical gradient"] and "costs" not in policy.scored(whole).detail
    failed = TestResult("dense", "dense", "values", "public", "failed", 0.0, 0.5)
    assert policy.scored(failed).points == 0


def test_names_of_columns_and_all_other_settings_are_kept(tmp_path: Path) -> None:
    text = (
        'title = "W\\u202e1"\n[gradebook]\nstudent = "Mail"\ndense = "Ex\\u0007 1"\n[gradescope]\nhidden = "visible"\n'
    )
    policy = policy_of(tmp_path, text, "dense")
    assert policy.columns == {"student": "Mail", "dense": "Ex\ufffd 1"}
    assert (policy.title, policy.release) == ("W\ufffd1", "visible")


def test_each_flag_takes_its_share_of_what_the_others_leave() -> None:
    policy = replace(
        read_policy(None, ["dense"]), kept={"numerical gradient": 0.5, "overflow": 0.25, "fewer digits": 0}
    )
    for flags, share in (
        (("numerical gradient", "overflow"), 0.125),
        (("overflow", "finite differences"), 0.25),
        (("overflow", "fewer digits"), 0),
        ((), 1),
    ):
        whole = TestResult("dense", "dense", "values", "public", "passed", 0.5, 0.5, flags=flags)
        assert policy.scored(whole).points == pytest.approx(share * policy.scored(whole).max_points)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "is not TOML"),
        ('exercises = ["dens"]', "no exercise 'dens' .did you mean 'dense'"),
        ("exercises = 3", "has to be a list of names"),
        ("title = [1]", "a text in quotes"),
        ('[points]\n"dense/dense_backwards" = 3', "no such exercise, function or test .did you mean"),
        ('[points]\n"dense/dense/values/secret" = 3', "names 'dense/dense/values/secret'"),
        ("[points]\ndense = -1", "'dense' = -1 is not allowed"),
        ("[points]\ndense = nan", "is not allowed"),
        ("[points]\ndense = true", "is not allowed"),
        ("points = 3", "has to be a section"),
        ('[flags]\n"numeric gradient" = 0.5', "no such entry .did you mean 'numerical gradient'"),
        ('[flags]\n"numerical gradient" = 1.5', "more than 1"),
        ("[limits]\nsecond = 3", "did you mean 'seconds'"),
        ("[limits]\nseconds = 0", "a number above 0"),
        ("[limits]\nprocesses = 1.5", "a whole number"),
        ('[gradebook]\nname = "x"', "no such column"),
        ("[gradebook]\nstudent = 3", "names in quotes"),
        (
            '[gradebook]\nstudent = "a"\npoints = "a"',
            "line 2: .gradebook.: 'student' gets the name 'a', which the column 'points' has",
        ),
        ('[gradebook]\nstudent = "points"', "'student' gets the name 'points', which the column 'points' has"),
        ('[gradebook]\npoints = "student"', "'points' gets the name 'student', which the column 'student' has"),
        ('[gradebook]\nnotes = "sha256"', "the column 'sha256' has"),
        ('[gradescope]\nhidden = "never"', "use one of hidden, after_due_date"),
        ("[deadlines]\nx = 1", "line 1 names 'deadlines', but there is no such entry or section"),
        ("points_per_outputs = true", "line 1 names 'points_per_outputs'.*did you mean 'points_per_output'"),
        ('title = "x"\n\nexercises = ["dens"]', "policy.toml, line 3: there is no exercise 'dens'"),
        ('# points\n[points]\ndense = 3\n"dens" = 1', "policy.toml, line 4: .points. names 'dens'"),
        ('[flags]\n[limits]\n  "second" = 3', "policy.toml, line 3: .limits. names 'second'"),
        ("limits = 3", "policy.toml, line 1: .limits. has to be a section"),
        ("[points]\ndense = 1\n\n[limits]\nmemory = 0", "policy.toml, line 5: .limits. 'memory' = 0 is not allowed"),
        (
            '[flags]\n"evaluates text" = 0.5',
            "line 2: .flags.: the flag 'evaluates text' cannot cost points.*numerical grad",
        ),
        ('[flags]\n"same code as ada" = 0.5', "cannot cost points"),
        ("\nexercises = []", "line 2: exercises is empty; name at least one exercise"),
        ('exercises = ["dense"]\n[points.dense]\ndense = 3', 'line 2: .points.: .*such as "dense/dense" = 1'),
        ("[points]\ndense.dense_backward = 3", 'line 2: .points.: .*"dense/dense_backward" = 1'),
        (
            "[limits.cpu_seconds]",
            "line 1: .limits.: 'cpu_seconds' is a section.* below .limits. instead, such as cpu_seconds = 1",
        ),
        ('[flags."numerical gradient"]\na = 1', 'line 1: .flags.: .*such as "numerical gradient" = 1'),
        (
            'title = "\u2028"\n"limits.cpu_seconds" = 1',
            "line 2 names 'limits.cpu_seconds'.*write .limits., and the entry cpu_sec",
        ),
        ("limits.cpu_secnds = 1", "line 1: .limits. names 'cpu_secnds'.*did you mean 'cpu_seconds'"),
        ("charge_once = 1", "line 1: charge_once = 1 is not allowed; give true or false"),
        ("process_for_each_test = 1", "give true or false"),
    ],
)
def test_what_is_wrong_with_a_policy_is_told(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        policy_of(tmp_path, text, *([] if "exercises" in text else ["dense"]))


def test_a_byte_order_mark_before_a_policy_is_passed_over(tmp_path: Path) -> None:
    text = 'title = "Week 1"\n'
    assert policy_of(tmp_path, f"\ufeff{text}", "dense") == policy_of(tmp_path, text, "dense")


def test_a_policy_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such file"):
        read_policy(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes("title = 'größe'".encode("latin-1"))
    with pytest.raises(ValueError, match="is not TOML"):
        read_policy(tmp_path / "latin.toml")


def test_it_goes_to_another_process_whole_and_its_digest_tells_policies_apart(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, "[points]\ndense = 10\n[limits]\nseconds = 2", "dense")
    again = pickle.loads(pickle.dumps(policy))
    assert again == policy and again.digest == policy.digest and again.limits.seconds == 2
    assert policy.digest != policy_of(tmp_path, "[points]\ndense = 10", "dense").digest
    apart = policy_of(tmp_path, "process_for_each_test = true\n[points]\ndense = 10\n[limits]\nseconds = 2", "dense")
    assert apart.process_for_each_test and pickle.loads(pickle.dumps(apart)) == apart and apart.digest != policy.digest
    plain = "[points]\ndense = 10\n[limits]\nseconds = 2"
    for switch in ("points_per_output", "charge_once"):
        switched = policy_of(tmp_path, f"{switch} = true\n{plain}", "dense")
        assert getattr(switched, switch) and pickle.loads(pickle.dumps(switched)) == switched
        assert switched.digest not in (policy.digest, apart.digest)
    assert policy.digest != policy_of(tmp_path, "[points]\ndense = 11\n[limits]\nseconds = 2", "dense").digest


def test_all_points_are_all_points(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, '[points]\ndense = 10\n"gaussian_kl/gaussian_kl" = 7\n', "dense", "gaussian_kl")
    tests = [
        policy.scored(TestResult(t.exercise, t.function, t.kind, t.visibility, "passed", 1.0, 1.0))
        for t in policy.tests
    ]  # type: ignore[arg-type]
    result = SubmissionResult("ada", "", Isolation.LANDLOCK, tuple(tests))
    assert result.points == result.max_points and sum(
        t.points for t in tests if t.exercise == "dense"
    ) == pytest.approx(10)


def test_modules_that_submissions_may_use(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('exercises = ["dense"]\nallow = ["pytest"]\n')
    assert (
        read_policy(path).limits.allow == ("pytest",)
        and read_policy(path).digest != read_policy(None, ["dense"]).digest
    )
    for value, said in (
        ('["pytesst"]', "did you mean 'pytest'?"),
        ('["scratchae"]', "contains the solutions"),
        ('["math"]', "is allowed in any case"),
        ('"pytest"', 'such as ["scipy"]'),
    ):
        path.write_text(f"allow = {value}\n")
        with pytest.raises(ValueError, match=f"allow.*{re.escape(said)}"):
            read_policy(path)
