"""A denoising and a basic autoencoder of the same size, on the same 30 % masked test images: which reconstructs the clean ones better?"""

import numpy as np
from _common import Reproduction

import scratchae as sae

run = Reproduction(__doc__)
data = run.data
options = run.common(hidden_sizes=(), latent_dim=200, activation="sigmoid", batch_size=128, epochs=20)

denoising = sae.DenoisingAutoencoder("masking", 0.3, **options).fit(data.x_train, **run.kept("denoising"))
basic = sae.Autoencoder(**options).fit(data.x_train, **run.kept("basic"))

x_noisy = denoising.corrupt(data.x_test, seed=run.seed)
errors = {
    name: float(((model.reconstruct(x_noisy).astype(np.float64) - data.x_test) ** 2).sum(axis=1).mean())
    for name, model in (("denoising", denoising), ("basic", basic))
}
untouched = float(((x_noisy.astype(np.float64) - data.x_test) ** 2).sum(axis=1).mean())
run.note(
    f"squared error per image: masked {untouched:.2f}, basic {errors['basic']:.2f}, denoising {errors['denoising']:.2f}"
)
run.row("less error than the basic one", "-", 100 * (1 - errors["denoising"] / errors["basic"]), 30.0)
run.finish()
