"""Try options on several machines: `GridSearchCV` on joblib's dask backend.

python docs/search_on_a_cluster.py                           # a cluster of two processes on this machine
python docs/search_on_a_cluster.py tcp://192.168.0.10:8786   # a running cluster, by the address of its scheduler
"""

from __future__ import annotations

import sys

import joblib
from dask.distributed import Client, LocalCluster
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import scratchae as sae


def search(cluster: str | LocalCluster) -> None:
    """Print the accuracy of each choice of options, computed by the workers of a cluster or of the scheduler at an address."""
    x, y = load_wine(return_X_y=True)
    classifier = sae.StackedClassifier(epochs=60, batch_size=16, random_state=0)
    grid = {
        "stackedclassifier__hidden_sizes": [(), (32,), (32, 16)],
        "stackedclassifier__learning_rate": [1e-3, 1e-2],
    }
    found = GridSearchCV(make_pipeline(StandardScaler(), classifier), grid, cv=5)
    with Client(cluster) as client, joblib.parallel_config(backend="dask"):
        print(len(client.scheduler_info()["workers"]), "workers")
        found.fit(x, y)
    for options, accuracy in zip(found.cv_results_["params"], found.cv_results_["mean_test_score"], strict=True):
        print(f"{accuracy:.3f}", options)
    print("best:", found.best_params_)


if __name__ == "__main__":  # the workers that are started here import this file
    if len(sys.argv) > 1:
        search(sys.argv[1])
    else:  # one thread for each worker, and one for its kernels
        with LocalCluster(n_workers=2, threads_per_worker=1, env={"NUMBA_NUM_THREADS": "1"}) as local:
            search(local)
