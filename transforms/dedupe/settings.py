"""When two texts are one wording: the thresholds, each with where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NearSettings:
    """When two texts are one wording."""

    # Word 5-shingles: what a comparison of near-duplicate methods on 52,500 real articles found best.
    shingle_words: int = 5
    # Twenty words: what is shorter is a headline or a stub, and joins by the same words alone.
    least_shingles: int = 16
    sample_one_in: int = 16
    sample_at_least: int = 16
    # Texts that a shingle introduces to all others that have it: the smallest ids. Few copies are so many that not all meet.
    introduced_by: int = 8
    jaccard: float = 0.5
    # Cut reprints reach Jaccard .7 in under 1% of cases and containment .8 in all.
    containment: float = 0.8
    # Two paragraphs: a shorter text can be a quote, a caption or a footer that lies whole inside unrelated articles.
    containment_shingles: int = 40
    # Round-ups, live blogs, listings and stubs hold the words of others and of their own pages: their copies are copied whole.
    gathering_jaccard: float = 0.9
    # Templates (market reports, dividends, auctions) repeat their words and change their figures; a reprint keeps them. Of
    # 492 near pairs of the 1987 wire 400 keep over .8 of them and nearly all under .7 are templates; one corrected figure in
    # a hundred words leaves a Jaccard of .9.
    figures_kept: float = 0.7
    figures_waived_jaccard: float = 0.9
    # A copy keeps its opening somewhere in the other text; texts that share a footer only do not.
    opening_shingles: int = 25
    opening_kept: float = 0.2
    opening_waived_jaccard: float = 0.8
    # Reports that only share a statement reach .4 of the shorter one, edits of one report .6 (planted copies, tuning draw).
    touching_containment: float = 0.6
    # Refused pairs worth showing: half-way to the thresholds.
    shown_jaccard: float = 0.25
    shown_containment: float = 0.4
