"""The lower bounds of the dependencies in setup.cfg, as constraints for pip: `python .ci/lower_bounds.py > lower-bounds.txt`.

An environment that is installed with them (`pip install -c lower-bounds.txt -e '.[test]'`) shows whether the bounds are true.
"""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

SETUP = Path(__file__).resolve().parents[1] / "setup.cfg"
EXTRAS = ("test",)  # what the tests need; the other extras are tools, or have no lower bound
BOUNDED = re.compile(r"(?P<name>[\w-]+) *>=(?P<version>[\d.]+)(?P<marker> *;.*)?")


def constraints(setup: str) -> list[str]:
    """Turn each `name >=version` of a setup.cfg into `name==version`.

    Parameters
    ----------
    setup : str
        The text of the file.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If a dependency has no lower bound.
    """
    parser = ConfigParser()
    parser.read_string(setup)
    lines = parser["options"]["install_requires"].split("\n")
    for extra in EXTRAS:
        lines += parser["options.extras_require"][extra].split("\n")
    found = []
    for line in filter(None, lines):
        bounded = BOUNDED.fullmatch(line)
        if bounded is None:
            raise ValueError(f"{line!r} has no lower bound; write it as `name >=version`.")
        found.append(f"{bounded['name']}=={bounded['version']}{bounded['marker'] or ''}")
    return found


if __name__ == "__main__":
    print("\n".join(constraints(SETUP.read_text(encoding="utf-8"))))
