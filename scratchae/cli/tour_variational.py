"""The last part of the tour: measure the purpose of each variational autoencoder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.cli.tour_part import part, trained
from scratchae.console.table import say, table

if TYPE_CHECKING:
    from scratchae.cli.pictures import Look
    from scratchae.datasets import Dataset
    from scratchae.nets.network import Array

SIZE: dict[str, Any] = {
    "hidden_sizes": (64,),
    "latent_dim": 10,
    "binarize": "dynamic",
    "batch_size": 32,
    "learning_rate": 2e-3,
    "epochs": 40,
}
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {  # name: class, options
    "plane": ("VariationalAutoencoder", {**SIZE, "latent_dim": 2}),
    "variational": ("VariationalAutoencoder", SIZE),
    "importance-weighted": ("ImportanceWeightedAutoencoder", {**SIZE, "n_samples": 5}),
    "conditional": ("ConditionalVariationalAutoencoder", SIZE),
}
DRAWS, SAMPLES = 200, 500  # importance sampling: per test image; from the prior
SIDE, COLUMNS = 15, 12  # of the pictures


class Variational:
    """The trained models and their results on the test images."""

    def __init__(self, data: Dataset, seed: int) -> None:
        self.data, self.seed = data, seed
        with part("6  codes that are distributions: variational, importance-weighted, conditional"):
            self.models = trained(OPTIONS, data, seed)

    def report(self) -> None:
        """Print a line for each measure: the model, its result, and the value to compare it with."""
        from scratchae.cli.report_variational import log_likelihood

        x, m = self.data.x_test, self.models
        bound = float(m["variational"].elbo(x, seed=self.seed).elbo.mean())
        likely = {name: log_likelihood(m[name], (x,), DRAWS, self.seed) for name in list(m)[1:3]}
        active = {name: int(m[name].latent_statistics(x).active.sum()) for name in likely}
        (before, error), (after, other) = likely.values()
        far = {name: self._distance(images) for name, images in (("sample", self._samples()), ("test", x))}
        right = self._read_right()
        rows = [
            ["model", "measure", "result", "compare"],
            ["variational", "bound on log p(x), nats", f"{bound:.2f}", f"{before:.2f} log p(x)"],
            ["", "distance to the nearest training image, pixels", f"{far['sample']:.2f}",
             f"{far['test']:.2f} from a test image"],
            ["importance-weighted", "log p(x) after training with 5 draws, nats", f"{after:.2f}",
             f"{before:.2f} variational"],
            ["", "active latent dimensions, of 10", f"{active['importance-weighted']}",
             f"{active['variational']} variational"],
            ["conditional", "samples recognised as the requested class", f"{100 * right[0]:.1f} %",
             f"{100 * right[1]:.1f} % of test images"],
        ]  # fmt: skip
        say(table(rows, left=(0, 1, 3)))
        say(f"nats: per test image, with binarized pixels; log p(x): from {DRAWS} draws per image, standard")
        say(f"error {max(error, other):.1g}; recognised: the nearest training image has that class\n")

    def _samples(self) -> Array:
        return self.models["variational"].sample(SAMPLES, seed=self.seed)

    def _distance(self, images: Array) -> float:
        """Distance to the nearest training image, averaged over the images, in pixels."""
        return float(_distances(images, self.data.x_train).min(axis=1).mean())

    def _read_right(self) -> tuple[float, float]:
        """Shares of samples, and of test images, whose nearest training image has their class."""
        import numpy as np

        d, model = self.data, self.models["conditional"]
        asked = np.resize(model.classes_, SAMPLES)
        parts = (model.sample(SAMPLES, y=asked, seed=self.seed), asked), (d.x_test, d.y_test)
        shares = [float((d.y_train[_distances(x, d.x_train).argmin(axis=1)] == y).mean()) for x, y in parts]
        return shares[0], shares[1]

    def draw(self, folder: Path) -> list[Look]:
        """Draw the latent plane, and the same draws decoded as each class."""
        from scratchae.cli import generated

        plane, by_class = folder / "manifold.png", folder / "samples-by-class.png"
        shape, model = self.data.image_shape, self.models["conditional"]
        generated.plane(self.models["plane"], SIDE, None).draw(plane, shape)
        generated.draws(model, COLUMNS, model.classes_, self.seed).draw(by_class, shape)
        return [
            (plane, "images decoded from a grid over the latent plane"),
            (by_class, "new images: each column is one draw of z, decoded as each class"),
        ]


def _distances(images: Array, known: Array) -> Array:
    """Euclidean distances between all images and all known images."""
    import numpy as np

    a, b = images.astype(np.float64), known.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))
