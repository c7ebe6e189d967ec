"""Mistakes in studies: directions of attributes, what is measured along them, fitted factors, comparisons of trainings."""

from __future__ import annotations

from mutants.mutant import Mutant

MUTANTS = [
    Mutant(
        "studies/attributes.py",
        "covariance = z.T @ standard / len(z)",
        "covariance = weights",
        "the weights of a regression for the direction in which codes differ",
        claim="an attribute's direction is the shortest step that changes it by one deviation and keeps the others",
    ),
    Mutant(
        "studies/attributes.py",
        "return AttributeDirection(covariance[:, told] @ shares, min(float(explained[0]), 1.0), float(spreads[0]))",
        "return AttributeDirection(covariance[:, told[0]], min(float(explained[0]), 1.0), float(spreads[0]))",
        "a direction that changes what is to be kept, too",
        claim="an attribute's direction is the shortest step that changes it by one deviation and keeps the others",
    ),
    Mutant(
        "studies/attributes.py",
        "np.eye(len(told))[0])",
        "np.ones(len(told)))",
        "a direction that changes all attributes by one",
        claim="an attribute's direction is the shortest step that changes it by one deviation and keeps the others",
    ),
    Mutant(
        "studies/attributes.py",
        "values @ centred / (centred @ centred)",
        "values @ t / (t @ t)",
        "a slope through the origin",
        claim="a walk decodes each row's code moved by every step, and its changes are slopes in deviations",
    ),
    Mutant(
        "studies/attributes.py",
        "float(slopes.mean()) / float(spreads[name])",
        "float(slopes.mean())",
        "a change in units of the measure where its standard deviations are promised",
        claim="a walk decodes each row's code moved by every step, and its changes are slopes in deviations",
    ),
    Mutant(
        "studies/attributes.py",
        "axis=1) > 0).all(axis=1)",
        "axis=1) > 0).any(axis=1)",
        "any for all: an image counts as rising if it rises once",
        claim="a walk decodes each row's code moved by every step, and its changes are slopes in deviations",
    ),
    Mutant(
        "studies/attributes.py",
        'values[:, np.argsort(t, kind="stable")]',
        "values",
        "steps taken in the order in which they were given",
        claim="a walk decodes each row's code moved by every step, and its changes are slopes in deviations",
    ),
    Mutant(
        "studies/attributes.py",
        "np.repeat(np.asarray(y), len(t))",
        "np.tile(np.asarray(y), len(t))",
        "tile for repeat: steps of one row decoded for another row's class",
        claim="a walk decodes each row's code moved by every step, and its changes are slopes in deviations",
    ),
    Mutant(
        "studies/fitted_factors.py",
        "better = (r_tried**2).sum(axis=1) < (r**2).sum(axis=1)",
        "better = (r_tried**2).sum() < (r**2).sum() + 0 * damping",
        "all images take a step or none",
        claim="fitted_factors corrects each image by itself, by damped least squares",
    ),
    Mutant(
        "studies/fitted_factors.py",
        "(residual(ahead) - residual(behind)) / (ahead - behind)[:, k, None]",
        "(residual(ahead) - residual(behind)) / _DIFFERENCE",
        "a difference of two steps divided by one",
        claim="fitted_factors corrects each image by itself, by damped least squares",
    ),
    Mutant(
        "studies/fitted_factors.py",
        "damping = np.where(better, damping / 3, damping * 5)",
        "damping = np.where(better, damping * 5, damping / 3)",
        "damping that grows with success",
        claim="fitted_factors finds the factors whose drawing is nearest, within their ranges",
    ),
    Mutant(
        "studies/pretraining.py",
        "pretraining = self.setting.pretrain_epochs * len(self.x) * 2 * sum(layers)  # encoder and decoder",
        "pretraining = self.setting.pretrain_epochs * len(self.x) * sum(layers)",
        "the work of the decoder left out of a comparison at equal work",
        claim="a study of pre-training reports the accuracies of its models, and the third arm gets the work of the pre-training",
    ),
    Mutant(
        "studies/pretraining.py",
        "updates = s.updates + (self.extra_updates() if arm == ARMS[2] else 0)",
        "updates = s.updates + (self.extra_updates() if arm == ARMS[1] else 0)",
        "the extra updates given to the wrong arm",
        claim="a study of pre-training reports the accuracies of its models, and the third arm gets the work of the pre-training",
    ),
    Mutant(
        "studies/pretraining.py",
        "self.results[_key(arm, count, seed)] = model.score(self.x_test, self.y_test)",
        "self.results[_key(arm, count, seed)] = model.score(self.x[rows], self.y[rows])",
        "the accuracy on the rows of the training",
        claim="a study of pre-training reports the accuracies of its models, and the third arm gets the work of the pre-training",
    ),
    Mutant(
        "studies/pretraining.py",
        "iter(rng.permutation(np.flatnonzero(y == label)))",
        "iter(np.flatnonzero(y == label))",
        "the first rows of each class, whatever the seed",
        claim="labelled rows are drawn evenly from the classes, none twice, by chance",
    ),
]
