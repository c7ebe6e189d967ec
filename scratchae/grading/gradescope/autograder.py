"""The archive for Gradescope: `setup.sh` and `run_autograder` at its root, the grader's source, the policy and the seed.

Source: the specification in the repository gradescope/autograder_samples, docs/specs.md.
"""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from scratchae import files
from scratchae.grading.marking.policy import Policy
from scratchae.grading.marking.store import SOURCE

ROOT = Path(__file__).parents[2]
ROOMS = ("exercises", "grading", "ops")

SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
apt-get install -y --no-install-recommends bubblewrap || echo "bubblewrap is not available; using Landlock"
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install --no-cache-dir 'numpy>=1.26,<3' 'nbformat>=5' 'tomli>=2.0; python_version < "3.11"'
"""
RUN = """\
#!/usr/bin/env bash
# Runs for each submission. A file with 0 points is written first, so that a crash never gives points.
set -u
root="${1:-/autograder}"
mkdir -p "$root/results"
printf '%s\\n' '{"score": 0.0, "output": "The grader stopped before finishing. Ask your teacher to grade again."}' > "$root/results/results.json"
chmod -R go-rwx "$root/source/assignment"
python="$root/venv/bin/python"
[ -x "$python" ] || python=python3
cd "$root" && PYTHONPATH="$root/source" exec "$python" -B -m scratchae.grading.gradescope "$root"
"""


def write_archive(path: Path, policy: Policy, policy_file: Path | None, seed: bytes, isolation: str) -> None:
    """Write the archive; the same arguments give the same bytes.

    Parameters
    ----------
    path : pathlib.Path
    policy : Policy
    policy_file : pathlib.Path, optional
        The file of the policy.
    seed : bytes
        It is stored in the archive, so the archive must be kept secret.
    isolation : str
        "best", or a level by name.
    """
    settings = {"exercises": [e.name for e in policy.exercises], "isolation": isolation}
    members = {
        "setup.sh": _setup(policy.limits.allow).encode(),
        "run_autograder": RUN.encode(),
        "assignment/settings.json": (json.dumps(settings, indent=1) + "\n").encode(),
        "assignment/seed.txt": seed + b"\n",
    }
    if policy_file is not None:
        members["assignment/policy.toml"] = policy_file.read_bytes()
    for source in _package():
        members[f"scratchae/{source.relative_to(ROOT).as_posix()}"] = source.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # Unix, so that permissions apply
            info.external_attr = (0o100755 if name in ("setup.sh", "run_autograder") else 0o100644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    files.write_bytes(path, buffer.getvalue(), "autograder.zip")


def _setup(allowed: Sequence[str]) -> str:
    """The text of `setup.sh`, which also installs the modules that submissions may import."""
    if not allowed:
        return SETUP
    known = (
        metadata.packages_distributions()
    )  # a module and its package may have different names: sklearn, scikit-learn
    packages = [known.get(module, [module])[0] for module in allowed]
    return SETUP.rstrip("\n") + "".join(f" {shlex.quote(name)}" for name in packages) + "\n"


def _package() -> list[Path]:
    """The files of the package that grading needs; the modules that run there import nothing beyond NumPy."""
    top = [ROOT / name for name in ("__init__.py", "errors.py", "files.py", "registry.py")]
    below = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in (*SOURCE, ".css"))
    return [*top, *sorted(below)]
