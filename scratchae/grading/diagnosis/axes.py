"""The axes of a task's arrays, in the words of its docstring."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """An axis of a task's arrays.

    Parameters
    ----------
    letter : str
        As in the docstring of the task.
    plural : str
        The things along the axis, such as "examples".
    """

    letter: str
    plural: str

    @property
    def number(self) -> str:
        """Such as "the number of examples"."""
        return f"the number of {self.plural}"


AXES = {  # the fields of `Sizes`
    "N": Axis("N", "examples"),
    "D": Axis("D", "features"),
    "H": Axis("H", "units"),
    "J": Axis("J", "latent variables"),
    "L": Axis("L", "draws"),
    "C": Axis("C", "classes"),
}
_SECOND_LAYER = {"J": Axis("J", "units of the second layer")}
_OWN: dict[str, dict[str, Axis]] = {  # where a field of `Sizes` stands for something else
    **dict.fromkeys(("linear_path", "spherical_path"), {"L": Axis("n", "points"), "J": Axis("J", "entries of a code")}),
    "attribute_vector": {"L": Axis("N", "codes"), "J": Axis("J", "entries of a code")},
    "change_attribute": {"L": Axis("L", "steps"), "J": Axis("J", "entries of a code")},
    **dict.fromkeys(
        ("importance_weights", "importance_weights_backward", "log_mean_exp", "log_mean_exp_backward"),
        {"L": Axis("K", "draws")},
    ),
    **dict.fromkeys(
        (
            "stacked_codes",
            "second_layer_gradients",
            "unroll",
            "reconstruct",
            "classifier_loss",
            "classifier_gradients",
        ),
        _SECOND_LAYER,
    ),
}


def axis(task: str, field: str) -> Axis:
    """The axis that a field of `Sizes` stands for in a task.

    Parameters
    ----------
    task : str
        Name of the task.
    field : str
        "N", "D", "H", "J", "L" or "C".
    """
    return _OWN.get(task, {}).get(field, AXES[field])
