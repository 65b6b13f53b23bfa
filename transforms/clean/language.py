"""Which language a text is in."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from transforms.clean.settings import CleanSettings


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language(text: str, settings: CleanSettings) -> tuple[str | None, float | None]:
    """Return the ISO 639-1 code and its probability (py3langid), or (None, None) under 25 characters."""
    sample = text[: settings.language_sample_characters]
    if len(sample) < settings.min_language_characters:
        return None, None
    code, probability = _identifier().classify(sample)
    return str(code), round(float(probability), 4)
