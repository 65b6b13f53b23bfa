"""The thresholds of cleaning, each with where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """Thresholds of cleaning; lengths in characters, words or lines as named."""

    # Bylines, dates and credits stand at the edges; the five dumps this was built on hold theirs within ten lines of either end.
    head_lines: int = 12
    tail_lines: int = 12
    # 99.6% of the headlines of 37,554 real articles have at most 20 words, 99.9% at least two.
    headline_max_words: int = 20
    headline_min_words: int = 2
    # A caption is a sentence or two; what is longer under a credit is a paragraph.
    caption_max_words: int = 45
    # A line of furniture that is alone in a text is kept from this length on: no record is lost to a rule that took it all.
    sentence_words: int = 12
    # py3langid is right on 89% of texts of 25 characters and 99% of 60 (measured); under 25 it guesses.
    min_language_characters: int = 25
    # It needs no more than the opening: 300 characters reach 100% (measured).
    language_sample_characters: int = 500
    # The largest of 981 real pages: 1.6 MB, 19,422 tags, 548 open levels (unclosed tags counted), 1,200 assignments in one tag.
    # 200,000 attributes or 20 MB hang every extractor for over 20 s.
    max_page_bytes: int = 5_000_000
    max_page_tags: int = 60_000
    max_page_depth: int = 800
    max_tag_attributes: int = 2_000
    # Of a page that passes these bounds so much is looked at for the end of its head; of 800 real heads 99.5% are shorter, the longest has 1.2 MB.
    max_head_bytes: int = 500_000
    # A page's text under this is doubted and asked for a second time; trafilatura's own MIN_EXTRACTED_SIZE.
    short_text: int = 250
    # An error page, a consent wall or a paywall's teaser: short, and saying so.
    stub_max_words: int = 120
    # Nothing shorter is an article, whatever it says.
    stub_words: int = 12
    # A publication date further ahead of its record than this is a mistake or a calendar entry.
    future_hours: int = 24
    # The web's first newspapers; earlier dates are placeholders (1970) or history.
    first_year: int = 1990
