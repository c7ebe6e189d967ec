"""Every model against its definition, for all options in pairs: loss, every gradient, codes, reconstructions, scores, bounds.

The parameters are random, so that no bias is zero and no layer is like another; everything is in float64, on both backends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the oracles are written in PyTorch: pip install scratchae[oracles]")

import scratchae as sae  # noqa: E402
from oracles import cases, definitions, training  # noqa: E402
from oracles.comparison import assert_same  # noqa: E402
from scratchae.registry import REGISTRY  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The posterior has collapsed")]
TOLERANCE = 1e-11
backends = pytest.mark.parametrize("backend", ["numba", "numpy"])


class Subject(NamedTuple):
    """A model by its name, and what its definition is given: parameters and rows as tensors, classes or None, options."""

    name: str
    model: Any
    p: dict[str, Any]
    x: Any
    y: Any
    o: dict[str, Any]

    def rows(self) -> np.ndarray:
        return self.x.numpy()

    def labels(self) -> tuple[Any, ...]:
        """The labels as the model's methods are given them behind the rows, if it has classes."""
        return () if self.y is None else (cases.LABELS[self.y.numpy()],)

    def evaluated(self, seed: int) -> Any:
        """The rows as the model is evaluated on them: black and white, if it makes them so."""
        return torch.tensor(training.black_and_white(self.rows(), self.o, seed))


def subject(name: str, i: int, n: int = 11, **changed: Any) -> Subject:
    """The model of case i with random parameters, and n rows that it has not seen."""
    case, model = {**cases.CASES[name][i], **changed}, cases.with_random_parameters(name, i, **changed)
    p = {key: torch.tensor(value, requires_grad=True) for key, value in model.parameters_.items()}
    x = torch.tensor(cases.rows(case, n, 3))
    y = torch.tensor(cases.classes(n)) if cases.has_labels(name) else None
    return Subject(name, model, p, x, y, cases.options_of(name, case))


def for_every_case_of(*names: str) -> Callable[[Callable[[Subject], None]], Callable[[str, str], None]]:
    """Make a test of what has to hold for all cases of these models, on both backends."""

    def decorate(check: Callable[[Subject], None]) -> Callable[[str, str], None]:
        @backends
        @pytest.mark.parametrize("name", names)
        def test(name: str, backend: str) -> None:
            with sae.use_backend(backend):
                for i in range(len(cases.CASES[name])):
                    check(subject(name, i))

        return test

    return decorate


def test_every_model_of_the_registry_has_a_definition() -> None:
    assert set(definitions.OBJECTIVES) == {entry.name for entry in REGISTRY}


@for_every_case_of(*definitions.OBJECTIVES)
def test_loss_and_every_gradient(s: Subject) -> None:
    got, gradients = s.model.loss_and_gradients(s.rows(), *s.labels(), seed=3)
    noise = training.noise_for(s.name, s.o, np.random.default_rng(3), *s.x.shape)
    loss = definitions.OBJECTIVES[s.name](s.p, s.evaluated(3), s.y, noise, s.o)
    loss.backward()
    assert_same(got, loss.item(), TOLERANCE, f"the loss of {s.o}")
    assert list(gradients) == list(s.p)
    for key, parameter in s.p.items():
        assert_same(gradients[key], parameter.grad, TOLERANCE, f"{key} of {s.o}")


@for_every_case_of(*(name for name in definitions.OBJECTIVES if name != "StackedClassifier"))
@torch.no_grad()
def test_codes_and_reconstructions(s: Subject) -> None:
    code = s.model.encode(s.rows(), *s.labels())
    decoded = s.model.decode(code * 1.5, *s.labels())
    reconstructed = s.model.reconstruct(s.rows(), *s.labels())
    h = definitions.codes(s.name, s.p, s.x, s.y, s.o)
    assert_same(code, h, TOLERANCE, f"the code of {s.o}")
    assert_same(decoded, definitions.decoded(s.name, s.p, h * 1.5, s.y, s.o), TOLERANCE, f"what is decoded by {s.o}")
    assert_same(reconstructed, definitions.decoded(s.name, s.p, h, s.y, s.o), TOLERANCE, f"the reconstruction of {s.o}")


@for_every_case_of(
    *(name for name in definitions.OBJECTIVES if name not in (*definitions.VARIATIONAL, "StackedClassifier"))
)
@torch.no_grad()
def test_scores(s: Subject) -> None:
    scores, score = s.model.score_samples(s.rows()), s.model.score(s.rows())
    want = definitions.scores(s.name, s.p, s.x, s.o)
    assert_same(scores, want, TOLERANCE, f"the scores of {s.o}")
    assert_same(score, want.mean(), TOLERANCE, f"the score of {s.o}")


@for_every_case_of("StackedClassifier")
@torch.no_grad()
def test_classes(s: Subject) -> None:
    probabilities, predicted = s.model.predict_proba(s.rows()), s.model.predict(s.rows())
    score, code = s.model.score(s.rows(), *s.labels()), s.model.encode(s.rows())
    p = torch.softmax(definitions.class_logits(s.p, s.x, s.o), dim=1)
    assert_same(probabilities, p, TOLERANCE, f"the probabilities of {s.o}")
    assert predicted.tolist() == cases.LABELS[p.argmax(dim=1)].tolist()
    assert score == (p.argmax(dim=1) == s.y).double().mean().item()
    hidden = [s.o["activation"]] * len(s.o["hidden_sizes"])
    assert_same(code, definitions.chain(s.p, "encoder", s.x, hidden), TOLERANCE, f"the code of {s.o}")


@for_every_case_of("ContractiveAutoencoder")
@torch.no_grad()
def test_contraction_of_rows(s: Subject) -> None:
    assert_same(s.model.contraction_of(s.rows()), definitions.contraction(s.p, s.x, s.o), TOLERANCE, str(s.o))


@for_every_case_of("DenoisingAutoencoder")
@torch.no_grad()
def test_corruption_of_rows(s: Subject) -> None:
    noise = training.noise_for(s.name, s.o, np.random.default_rng(6), *s.x.shape)
    assert_same(s.model.corrupt(s.rows(), seed=6), definitions.corrupted(s.x, noise, s.o), 1e-13, str(s.o))


# Variational models.


def normal_noise(seed: int, *shape: int) -> Any:
    return torch.tensor(np.random.default_rng(seed).standard_normal(shape))


@for_every_case_of(*definitions.VARIATIONAL)
@torch.no_grad()
def test_bounds(s: Subject) -> None:
    x, J = s.evaluated(8), s.o["latent_dim"]
    for kl in ("analytic", "sampled"):
        for draws in (None, 400):  # the second in two blocks
            bound = s.model.elbo(s.rows(), *s.labels(), n_samples=draws, seed=8, kl=kl)
            eps = normal_noise(8, draws or s.o["n_samples"], len(x), J)
            want = definitions.evidence_lower_bound(s.p, x, s.y, eps, s.o, kl)
            for field in want._fields:
                assert_same(getattr(bound, field), getattr(want, field), TOLERANCE, f"{kl} {field} of {s.o}")
    for draws in (1, 6, 1000):  # the last in several blocks
        got = s.model.log_likelihood(s.rows(), *s.labels(), n_samples=draws, seed=8)
        log_w = definitions.log_weights(s.p, x, s.y, normal_noise(8, draws, len(x), J), s.o)
        value, standard_error = definitions.estimated_log_likelihood(log_w) if draws > 1 else (log_w[0], log_w[0])
        assert_same(got.log_likelihood, value, TOLERANCE, f"the log-likelihood of {s.o}")
        if draws == 1:
            assert np.isnan(got.standard_error).all()
        else:
            assert_same(got.standard_error, standard_error, TOLERANCE, f"the standard error of {s.o}")


@for_every_case_of(*definitions.VARIATIONAL)
@torch.no_grad()
def test_scores_and_statistics_of_variational_models(s: Subject) -> None:
    eps, x = (torch.tensor(array) for array in training.noise_of_scores(s.rows(), s.o))
    want = definitions.bound_of_scores(s.name, s.p, x, s.y, eps, s.o)
    if s.y is None:
        assert_same(s.model.score_samples(s.rows()), want, TOLERANCE, f"the scores of {s.o}")
    assert_same(s.model.score(s.rows(), *s.labels()), want.mean(), TOLERANCE, f"the score of {s.o}")
    q = definitions.posterior(s.p, s.x, s.y, s.o)
    mu, logvar = s.model.posterior(s.rows(), *s.labels())
    assert_same(mu, q.loc, TOLERANCE, f"mu of {s.o}")
    assert_same(logvar, 2 * q.scale.log(), TOLERANCE, f"logvar of {s.o}")
    statistics = s.model.latent_statistics(s.rows(), *s.labels())
    kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).mean(dim=0)
    variance = q.loc.var(dim=0, unbiased=False)
    assert_same(statistics.kl, kl, TOLERANCE, f"the KL of {s.o}")
    assert_same(statistics.variance, variance, TOLERANCE, f"the variance of {s.o}")
    assert statistics.active.tolist() == (variance > 0.01).tolist()


@for_every_case_of(*definitions.VARIATIONAL)
@torch.no_grad()
def test_generation(s: Subject) -> None:
    of_class: dict[str, Any] = {} if s.y is None else {"y": "bee"}
    J, (a, b) = s.o["latent_dim"], s.rows()[:2]
    sampled, grid = s.model.sample(5, seed=4, noise=False, **of_class), s.model.latent_grid(3, **of_class)
    observed = s.model.sample(5, seed=4, noise=True, **of_class)
    paths = {way: s.model.interpolate(a, b, 4, method=way, **of_class) for way in ("linear", "spherical")}

    def decoded(z: Any) -> Any:
        y = None if s.y is None else torch.ones(len(z), dtype=torch.long)  # bee
        return definitions.decoded(s.name, s.p, z, y, s.o)

    assert_same(sampled, decoded(normal_noise(4, 5, J)), TOLERANCE, f"samples of {s.o}")
    y = None if s.y is None else torch.ones(5, dtype=torch.long)
    p_of_x, rng = (
        definitions.likelihood(s.p, normal_noise(4, 5, J), y, s.o),
        np.random.default_rng(np.random.SeedSequence(4).spawn(1)[0]),
    )
    if s.o["likelihood"] == "bernoulli":
        drawn = definitions.white(p_of_x.mean, torch.from_numpy(rng.random((5, cases.FEATURES))))
    else:
        drawn = p_of_x.mean + p_of_x.stddev * torch.from_numpy(rng.standard_normal((5, cases.FEATURES)))
    assert_same(observed, drawn, TOLERANCE, f"samples with noise of {s.o}")
    steps = torch.distributions.Normal(0.0, 1.0).icdf(torch.tensor([1 / 6, 3 / 6, 5 / 6], dtype=torch.float64))
    z = torch.zeros(3, 3, J, dtype=torch.float64)
    z[..., 0] = steps  # to the right
    if J > 1:
        z[..., 1] = steps.flip(0)[:, None]  # upwards
    assert_same(grid, decoded(z.reshape(9, J)), TOLERANCE, f"grid of {s.o}")
    u, v = definitions.codes(s.name, s.p, s.x[:2], None if s.y is None else torch.ones(2, dtype=torch.long), s.o)
    t = torch.linspace(0, 1, 4, dtype=torch.float64)[:, None]
    assert_same(paths["linear"], decoded((1 - t) * u + t * v), TOLERANCE, f"line of {s.o}")
    if J > 1:  # two numbers lie on one line through 0
        angle = torch.arccos(u @ v / (u.norm() * v.norm()))
        arc = (((1 - t) * angle).sin() * u / u.norm() + (t * angle).sin() * v / v.norm()) / angle.sin()
        arc = arc * ((1 - t) * u.norm() + t * v.norm())
        assert_same(paths["spherical"], decoded(arc), TOLERANCE, f"arc of {s.o}")


@torch.no_grad()
def test_many_rows() -> None:
    # Inference goes through blocks of 4,096 rows (and draws): the results do not know.
    s = subject("Autoencoder", 0, n=4100)
    assert_same(s.model.encode(s.rows()), definitions.codes("Autoencoder", s.p, s.x, None, s.o), TOLERANCE)
    assert_same(s.model.score_samples(s.rows()), definitions.scores("Autoencoder", s.p, s.x, s.o), TOLERANCE)
    name = "ConditionalVariationalAutoencoder"
    s = subject(name, 0, n=4100, n_samples=3)
    eps = normal_noise(0, 3, 4100, s.o["latent_dim"])
    want = definitions.evidence_lower_bound(s.p, s.evaluated(0), s.y, eps, s.o, "analytic")
    assert_same(s.model.elbo(s.rows(), *s.labels()).elbo, want.elbo, TOLERANCE)
    for name in ("VariationalAutoencoder", "ImportanceWeightedAutoencoder"):
        s = subject(name, 0, n=1400, n_samples=3)
        eps, x = (torch.tensor(array) for array in training.noise_of_scores(s.rows(), s.o))
        assert_same(
            s.model.score_samples(s.rows()), definitions.bound_of_scores(name, s.p, x, None, eps, s.o), TOLERANCE
        )


# Networks so large that products are cut into blocks and run on all threads.


@pytest.mark.parametrize(("dtype", "tolerance", "small"), [("float64", 1e-10, 1e-3), ("float32", 4e-4, 0.05)])
@pytest.mark.parametrize("name", ["Autoencoder", "VariationalAutoencoder", "ImportanceWeightedAutoencoder"])
def test_large_networks(name: str, dtype: str, tolerance: float, small: float) -> None:
    case, x = cases.large_case(name, dtype), cases.large_rows(129, dtype)
    model = cases.model_of(name, case, epochs=1).fit(x[:1])
    for key, value in training.first_parameters(name, case, x, 1).items():
        model.parameters_[key][...] = value + (0.1 if key.endswith("b") else 0)
    with sae.use_backend("numba"):
        got, gradients = model.loss_and_gradients(x, seed=2)
    p = {key: torch.tensor(value.astype(np.float64), requires_grad=True) for key, value in model.parameters_.items()}
    noise = training.noise_for(name, case, np.random.default_rng(2), *x.shape)
    loss = definitions.OBJECTIVES[name](p, torch.tensor(x).double(), None, noise, case)
    loss.backward()
    assert_same(got, loss.item(), tolerance / 10, name)
    for key, parameter in p.items():
        assert_same(gradients[key], parameter.grad, tolerance, f"{name}: {key}", small)
