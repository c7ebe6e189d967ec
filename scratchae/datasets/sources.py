"""The two data sets in IDX files: names, fingerprints, mirrors, licences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


@dataclass(frozen=True)
class Source:
    """Origin and fingerprints of a data set.

    Parameters
    ----------
    name : str
        Short name, also the name of its folder.
    title : str
        Name for use in text.
    licence : str
        The terms under which it is distributed; the files are not part of this package.
    n_train, n_test : int
        Number of images.
    mirrors : tuple of str
        URLs, each ending in ``/``, to which ``<file>.gz`` is appended; tried in this order.
    sha256 : mapping of str to str
        Maps a file name to the sha256 of its **decompressed** bytes, which recompression does not change.
    """

    name: str
    title: str
    licence: str
    n_train: int
    n_test: int
    mirrors: tuple[str, ...]
    sha256: Mapping[str, str]


# Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), "Gradient-based learning applied to document
# recognition", Proceedings of the IEEE 86(11), 2278-2324.  The licence is the one commonly stated by sites that
# redistribute it.
MNIST = Source(
    name="mnist",
    title="MNIST",
    licence="CC BY-SA 3.0 (as widely stated)",
    n_train=60_000,
    n_test=10_000,
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    sha256={
        TRAIN_IMAGES: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        TRAIN_LABELS: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        TEST_IMAGES: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        TEST_LABELS: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
)

# H. Xiao, K. Rasul and R. Vollgraf (2017), "Fashion-MNIST: a novel image dataset for benchmarking machine
# learning algorithms", arXiv:1708.07747.  The first mirror does not support TLS; the sha256 protects the content.
FASHION_MNIST = Source(
    name="fashion-mnist",
    title="Fashion-MNIST",
    licence="MIT",
    n_train=60_000,
    n_test=10_000,
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    sha256={
        TRAIN_IMAGES: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        TRAIN_LABELS: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        TEST_IMAGES: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        TEST_LABELS: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
)

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST)}


def recognise(sha256: str) -> tuple[Source, str] | None:
    """Identify a file of a data set by its fingerprint.

    Parameters
    ----------
    sha256 : str
        Fingerprint of the decompressed bytes, as 64 hexadecimal digits.

    Returns
    -------
    (Source, str) or None
        The data set and the file name, or None if the fingerprint is unknown.
    """
    for source in SOURCES.values():
        for file, known in source.sha256.items():
            if known == sha256:
                return source, file
    return None
