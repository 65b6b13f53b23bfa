"""An explanation in sentences: what `newsfold explain` prints of the fields that `--json` has."""

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
# So many features decide nearly all; the others are in --json.
_FEATURES_SHOWN = 6

VETOES = {
    "date_gap": "they lie too far apart in time for such a score",
    "number_conflict": "they speak of different numbers of the same thing",
    "place_conflict": "they speak of different places",
    "name_conflict": "the headline of each names again and again what the other never names",
    "template": "they share a template's wording, and neither has the words of the other's headline",
    "override": "an override parts them, or others of their stories",
}
RULES = {
    "same_text": "the very same text",
    "same_words": "the same words in the same order",
    "jaccard": "most of both is the same",
    "containment": "one lies nearly whole in the other",
    "below_threshold": "too little is the same",
    "short_text": "the shorter is too short to tell a copy from a quote",
    "figures_differ": "the words are a template's, and the figures differ",
    "opening_differs": "neither has the other's opening, so what they share is a footer or a quote",
    "compilation": "one is a compilation of several texts, not a copy of this one",
    "override": "an override says so",
}


def lines(found: Row) -> Iterator[str]:
    """Yield the sentences of an explanation (flows/explain.py)."""
    is_one = len({article["article_id"] for article in found["articles"]}) == 1
    for article in found["articles"][: 1 if is_one else None]:
        title = article["title"] or ("(forgotten)" if article["status"] == "forgotten" else "(no title)")
        yield f"{article['article_id']}  {article['report_date']}  {article['source_id']}  {title}"
    yield ""
    if is_one:
        yield "One article: both names mean it, and nothing had to be decided."
        return
    yield from _text(found["text"])
    yield from _story(found["story"], [article["article_id"] for article in found["articles"]])


def _text(text: Row) -> Iterator[str]:
    if text["same_words"]:
        yield "One text: the same words. They are copies."
        return
    yield "One text: the same wording. They are copies." if text["together"] else "Two texts: not the same wording."
    if text["jaccard"] is not None:
        yield f"  They share {text['jaccard']:.0%} of all their word 5-shingles, {text['containment']:.0%} of the shorter one's."
    if text["rule"]:
        yield f"  {text['decision'].capitalize()}: {RULES.get(text['rule'], text['rule'])}."
    if text["chain"]:
        yield "  They are joined through other copies:"
    for step in text["chain"]:
        yield f"    {step['text_a']} - {step['text_b']}: {step['containment']:.0%} of the shorter one"


def _story(story: Row, articles: list[str]) -> Iterator[str]:
    one, other = story["story_ids"]
    yield f"One story: {one}." if story["together"] else f"Two stories: {one} and {other}."
    if story["one_text"]:
        yield "  Copies of one text are always one story."
    if story["why_not_compared"]:
        yield f"  {story['why_not_compared']}"
    if story["evidence"]:
        yield from _evidence(story["evidence"], story["together"])
    if story["chain"]:
        yield "  They are joined through others:"
    for step in story["chain"]:
        how = "by override" if step["decision"] == "override" else f"score {step['score']:.3f}"
        yield f"    {step['article_a']} - {step['article_b']}: {how}"
    for row in story["overrides"]:
        yield f"  Override: {row['kind']} {row['key']} {row['value']}, by {row['author']} on {row['decided_date']}: {row['reason']}"
    if not story["one_text"]:
        verdict = (
            f"cannot_link,{articles[0]},{articles[1]}"
            if story["together"]
            else f"must_link,{articles[0]},{articles[1]}"
        )
        yield f"  To overrule it: {verdict},AUTHOR,DATE,REASON"


def _evidence(evidence: Row, together: bool) -> Iterator[str]:
    side = "above" if evidence["margin"] >= 0 else "below"
    when = "" if evidence["measured"] == "by the night" else " (no night kept this pair; measured now)"
    yield f"  Score {evidence['score']:.3f}, {abs(evidence['margin']):.3f} {side} the threshold {evidence['threshold']:.3f}{when}."
    yield f"  {_DECISIONS[evidence['decision']]}"
    if evidence["in_company"]:
        yield "  Two texts alone would need more; the others of the story, all of them like it on average, vouch for it."
    if evidence["veto"]:
        yield f"  Veto: {VETOES[evidence['veto']]}."
    elif evidence["decision"] == "reject" and evidence["margin"] >= 0 and not together:
        yield "  The pair alone would do; on average over all pairs of their two stories it does not."
    yield from _features(evidence)
    if evidence["terms"]:
        yield f"  Rare words both have: {', '.join(evidence['terms'])}."
    said = set()
    for span in evidence["sentences"]:
        place = (span["text_id"], span["sentence"])
        if place not in said:
            said.add(place)
            yield f"    {span['text_id']}: {span['sentence']}"


_DECISIONS = {
    "accept": "Accepted: one story.",
    "reject": "Rejected.",
    "veto": "Vetoed, whatever the score.",
    "override": "Joined by an override, whatever the score.",
}


def _features(evidence: Row) -> Iterator[str]:
    """Yield what each feature added, so that the sum can be checked by hand."""
    intercept, *features = evidence["features"]
    counted = [each for each in features if each["value"]]
    if intercept["contribution"] is None:
        shown = ", ".join(f"{each['meaning']} {each['value']:.2f}" for each in counted)
        yield f"  What counted (other weights have come since): {shown or 'nothing'}."
        return
    yield (
        f"  What counted, in log-odds: {evidence['log_odds']:+.2f} in all, {evidence['threshold_log_odds']:+.2f} needed; "
        f"every pair begins with {intercept['contribution']:+.2f}."
    )
    for each in counted[:_FEATURES_SHOWN]:
        yield f"    {each['contribution']:+.2f}  {each['meaning']}: {each['value']:.2f}"
    if rest := counted[_FEATURES_SHOWN:]:
        yield f"    {sum(each['contribution'] for each in rest):+.2f}  {len(rest)} {'other' if len(rest) == 1 else 'others together'}"
