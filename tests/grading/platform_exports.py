"""Downloads of course platforms for a teacher, as files by path. Each class has the same students; the first two have a solution each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Files = Mapping[str, bytes]
TEXT = b"<html><body>see my link</body></html>"


@dataclass(frozen=True)
class Export:
    """An export: its files, and the students that it contains.

    `complete` handed in all files; `nothing` only something that cannot be graded.
    """

    files: Files
    complete: Sequence[str]
    nothing: Sequence[str] = ()


def canvas(good: Files) -> Export:
    files = {f"lovelaceada_11_90{k}_{name}": content for k, (name, content) in enumerate(good.items())}
    files |= {f"김민준_LATE_12_91{k}_{name}": content for k, (name, content) in enumerate(good.items())}
    return Export(
        {**files, "caty_13_text.html": TEXT, "dan_LATE_14_link.html": TEXT, "eve_15_950_answers.docx": b"PK"},
        ["lovelaceada_11", "김민준_12"],
        ["caty_13", "dan_14", "eve_15"],
    )


def canvas_anonymous(good: Files) -> Export:
    files = {f"anon_x1Yz2_90{k}_{name}": content for k, (name, content) in enumerate(good.items())}
    files |= {f"anon_LATE_q_91{k}_{name}": content for k, (name, content) in enumerate(good.items())}
    files |= {f"LATE_anon_7hG_92{k}_{name}": content for k, (name, content) in enumerate(good.items())}
    files |= {"anon_8_text.html": TEXT, "LATE_anon_9a_link.html": TEXT}
    return Export(files, ["anon_x1Yz2", "anon_q", "anon_7hG"], ["anon_8", "anon_9a"])


def moodle(good: Files) -> Export:
    files = {f"Ada Lovelace_4711_assignsubmission_file_/{name}": content for name, content in good.items()}
    files |= {f"Participant_12_assignsubmission_file/{name}": content for name, content in good.items()}
    files |= {f"Default group_assignsubmission_file/{name}": content for name, content in good.items()}
    text = "_assignsubmission_onlinetext/onlinetext.html"
    files |= {f"Ada Lovelace_4711{text}": TEXT, f"Émile Zola_4712{text}": TEXT}
    return Export(files, ["Ada Lovelace_4711", "Participant_12", "Default group"], ["Émile Zola_4712"])


def moodle_without_folders(good: Files) -> Export:
    people = ("Ada Lovelace_4711", "Participant 12", "שלום_3")
    files = {f"{who}_assignsubmission_file_{name}": content for who in people for name, content in good.items()}
    text = "Émile Zola_4712_assignsubmission_onlinetext_onlinetext.html"
    return Export({**files, text: TEXT}, people, ["Émile Zola_4712"])


def blackboard(good: Files) -> Export:
    first, last = "2026-10-30-09-00-00", "2026-11-01-10-00-00"
    files = {f"HW_1_{who}_attempt_{last}_{name}": text for who in ("ada", "bob_r") for name, text in good.items()}
    files |= {f"HW_1_{who}_attempt_{last}.txt": b"Name: ..." for who in ("ada", "bob_r", "cyd")}
    files |= {f"HW_1_ada_attempt_{first}_01_dense.py": b"x = 'of an earlier attempt'"}
    return Export(files, ["ada", "bob_r"], ["cyd"])


def brightspace(good: Files) -> Export:
    at = {"12345-67890 - Ada Lovelace - Nov 1, 2026 10-00 AM": good, "222-67890 - 李 明 - Nov 1, 2026 1:05 PM": good}
    files = {f"{folder}/{name}": content for folder, its in at.items() for name, content in its.items()}
    files["12345-67890 - Ada Lovelace - Oct 30, 2026 1159 PM/01_dense.py"] = b"x = 'of an earlier attempt'"
    files["333-67890 - Cyd - Nov 1, 2026 859 AM/answers.pdf"] = b"%PDF"
    return Export({**files, "index.html": TEXT}, ["Ada Lovelace_12345", "李 明_222"], ["Cyd_333"])


def brightspace_without_folders(good: Files) -> Export:
    people = ("12345-67890 - Ada Lovelace - Nov 1, 2026 1000 AM", "222-67890 - Bo - 1 novembre 2026 13 h 05")
    files = {f"{who} - {name}": content for who in people for name, content in good.items()}
    return Export({**files, "index.html": TEXT}, ["Ada Lovelace_12345", "Bo_222"])


METADATA = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '4711'
    :email: ada@example.org
  :created_at: 2026-11-01 10:00:00.000000000 Z
  :score: 0.0
  :history:
  - :id: 100
    :submitters:
    - :name: Not This One
submission_102:
  :created_at: 2026-11-01 10:00:00.000000000 Z
  :submitters:
  - :name: "\\u674E \\"Li\\" Ming"
    :sid: 12
  - :name: 'Mary O''Neil'
    :sid:
submission_103:
  :submitters:
  - :name: Cyd
submission_104:
  :submitters:
  - :name: Dan
"""


def gradescope(good: Files) -> Export:
    root = "assignment_7_export"
    files = {f"{root}/submission_{k}/{name}": content for k in (101, 102) for name, content in good.items()}
    files |= {f"{root}/submission_103/answers.docx": b"PK", f"{root}/submission_metadata.yml": METADATA.encode()}
    return Export(files, ["Ada Lovelace_4711", 'Mary O\'Neil, 李 "Li" Ming_12'], ["Cyd", "Dan"])


def github_classroom(good: Files) -> Export:
    files: dict[str, bytes] = {}
    for who in ("adalovelace", "nielsbohr"):
        root = f"week1-submissions/week1-{who}"
        files |= {f"{root}/{name}": content for name, content in good.items()}
        files |= {f"{root}/.git/HEAD": b"ref", f"{root}/.git/hooks/01_dense.py": b"x = 1"}
        files |= {f"{root}/README.md": b"# Week 1", f"{root}/.github/workflows/classroom.yml": b""}
    files["week1-submissions/week1-cyd/README.md"] = b"# Week 1"
    return Export(files, ["week1-adalovelace", "week1-nielsbohr"], ["week1-cyd"])


def loose(good: Files) -> Export:
    everything = b"\n".join(good.values())
    files = {
        "Ada.py": everything,
        "김민준.PY": everything,
        "Émile.py.txt": everything,
        "grades.csv": b"",
        "README.md": b"",
    }
    ungraded = {
        "Bob.rar": b"Rar!",
        "Cyd.docx": b"",
        "Dan.7z": b"",
        "Eve.pdf": b"",
        "4711.txt": b"",
        "Fay.tar.xz": b"",
        "Gil.html": b"",
        "Hal": b"",
    }
    nothing = ["Bob", "Cyd", "Dan", "Eve", "4711", "Fay", "Gil", "Hal"]
    return Export(files | ungraded, ["Ada", "김민준", "Émile"], nothing)


EXPORTS: dict[str, Callable[[Files], Export]] = {
    each.__name__: each
    for each in (
        canvas,
        canvas_anonymous,
        moodle,
        moodle_without_folders,
        blackboard,
        brightspace,
        brightspace_without_folders,
        gradescope,
        github_classroom,
        loose,
    )
}
