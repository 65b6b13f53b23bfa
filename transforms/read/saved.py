"""What browsers and file systems put beside the pages a person saves, and that is no article."""

from collections.abc import Iterable, Set

# Folders of scripts, styles and pictures, as browsers name them in English, German, French, Spanish, Italian, Portuguese and Russian.
_ASSETS = (
    "_files",
    ".files",
    "-Dateien",
    "_fichiers",
    "_archivos",
    "-file",
    "_file",
    "_ficheiros",
    "_arquivos",
    ".файлы",
)
_PAGES = (".html", ".htm", ".xhtml", ".mhtml")
_FURNITURE = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def page_stem(name: str) -> str | None:
    """Return a page's path without its ending, None for what is not named as a page is."""
    return next((name[: -len(end)] for end in _PAGES if name.lower().endswith(end)), None)


def page_stems(names: Iterable[str]) -> set[str]:
    """Return the stems of those paths that are pages."""
    return {stem for name in names if (stem := page_stem(name)) is not None}


def is_asset(name: str, stems: Set[str]) -> bool:
    """Return whether a path lies in the folder of a saved page's assets: "x_files" beside "x.html"."""
    steps = name.split("/")[:-1]
    return any(
        step.endswith(end) and "/".join([*steps[:i], step.removesuffix(end)]) in stems
        for i, step in enumerate(steps)
        for end in _ASSETS
    )


def is_furniture(name: str) -> bool:
    """Return whether a file is what macOS or Windows leaves in folders and archives."""
    steps = name.split("/")
    return steps[-1] in _FURNITURE or steps[0] == "__MACOSX" or steps[-1].startswith("._")
