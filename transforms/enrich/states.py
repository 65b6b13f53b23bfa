"""Capitals, demonyms and names that need the company of a country: who acts, and what is only a place."""

import re
from collections import Counter
from collections.abc import Iterable

from transforms.enrich.registry import Actor, ActorRegistry
from transforms.enrich.spans import Board, Span
from transforms.enrich.words import NON_ACTOR_HEADS, STARTERS, word_set

_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|near|around|outside|inside|into|across|through|throughout|via|central|downtown|eastern|western|northern|southern|east|west"
    r"|north|south|greater|suburban|visit(?:ed|ing|s)?(?: to)?|trip to|travel(?:l?ed|l?ing|s)? to|flew to|fly(?:ing)? to|flight to|return(?:ed|ing|s)? to|arriv\w+ in"
    r"|city of|capital of|capital,?|streets of|outskirts of|suburbs? of|residents? of|mayor of|leav(?:e|es|ing)|left|reach(?:ed|ing)?|kilomet(?:er|re)s|km|miles) (?:the )?$"
)
_MOVED = re.compile(
    r"\b(?:fl(?:y|ew|ying|ight|ights|own)|travel\w*|arriv\w+|return\w*|depart\w*|drove|driv\w+|train|bus|miles|km|kilomet\w+|report(?:ed|ing)|went|go|going|came|road|"
    r"route|headed|heading|moved?|trip|home|back|live|broadcast\w*|journey)\b[^.;]{0,30}$"
)
_PARTY_BEFORE = re.compile(
    r"\b(?:tell(?:ing|s)?|told|ask(?:ing|ed|s)?|urg(?:e|ed|ing|es)|press(?:ed|ing|es|ure on)?|warn(?:ed|ing|s)?|accus(?:e|ed|ing|es)|blam(?:e|ed|ing|es)|between|against|with|by"
    r"|toward|towards|for|that|and|while|as|both|relations? with|ties (?:with|to)|whether|because|if|but|of|to|from|on|than|like|upon|force[ds]?|allow(?:s|ed|ing)?|help(?:s|ed|ing)?"
    r"|convinc\w+|persuad\w+|support(?:ed|ing|s)?|oppos\w+|criticiz\w+|criticis\w+|infuriat\w+|anger\w*|reassur\w+|isolat\w+|alarm\w*|put|push(?:ed|ing)?|where|what|how|when|why) $"
)
_ACTS = re.compile(
    r"^(?:['’]s?\b)?,? ?(?:in (?:exchange|return|turn|response),? |on \w+day |also |now |still |never |repeatedly |long |recently |later |once |has |have |had |will |would |could "
    r"|should |can |may |might |must |is |was |does |did |cannot |won['’]t |(?:does|did|has|is|was|would|could)n['’]t )*"
    r"(?:not )?(?:said|says|say|wants?|wanted|deserv\w+|accus\w+|den(?:y|ies|ied)|reject\w*|agree[ds]?|announc\w+|claim\w*|warn\w*|insist\w*|argu\w+|hop(?:e|es|ed)|fear\w*|believ\w+"
    r"|see[sn]?|saw|seek\w*|sought|offer\w*|decid\w+|demand\w*|respond\w*|retaliat\w+|impos\w+|condemn\w*|support\w*|back(?:s|ed)|oppos\w+|refus\w+|threaten\w*|launch\w*|sign(?:s|ed)"
    r"|sent|sends?|gave|gives?|took|takes?|made|makes?|call(?:s|ed)|consider\w*|expect\w*|plan(?:s|ned)|tri(?:es|ed)|try|trying|maintain\w*|urg\w+|ask(?:s|ed)|needs?|must|procur\w+|put|to put|pushing"
    r"|pushed|pressing|pressed|moved|hint\w*|signal\w*|vow\w*|pledg\w+|welcom\w+|prais\w+|dismiss\w*|suspend\w*|withdr\w+|recogni[sz]\w+|summon\w*|expel\w*|ban(?:s|ned)|bann?ing|block\w*|deploy\w*|fund(?:s|ed)"
    r"|being|been|become|becom\w+|remain\w*|tends?|likely|ready|willing|unlikely|able|keen|unwilling|reluctant|concerned|determined|against|behind|responsible|should|would|could|will|has|have|had|does|did|cannot)\b"
)
_PLACE_AFTER = re.compile(
    r"^(?:,? D\.?C\b|-based\b|['’]s? (?:\w+ )?(?:airport|streets?|mayor|suburbs?|river|museum|subway|downtown|residents|metro|skyline|cathedral|old city|centre|center|outskirts|hotels?|neighbou?rhoods?)"
    r"| (?:airport|street|hotel|residents|suburb|area|bureau|metro|police|mayor|International|city|state|metropolitan|correspondent|resident|neighbou?rhood|home|office|restaurant|summit|conference|attacks?|bombing|bureau)\b"
    r"|: |, [A-Z][\w. ]{1,25}(?:\(|[-–—])| \([A-Z])"
)
_POSSESSED = re.compile(r"^['’]s? [a-z]")
_DATELINE = re.compile(r"^(?:[A-Z][\w.]*[,/ ]{0,2}){0,4}(?::|,? ?\(|,? [A-Z][a-z]{2,8}\.? \d{1,2}|\s?[-–—] )")
_LANGUAGE_BEFORE = re.compile(r"\b(?:in|into|speak(?:s|ing)?|spoke|spoken|fluent|learn(?:s|ing|ed)?|translated from) $")
_THINGS = word_set(
    "food restaurant restaurants cuisine language languages fries toast shepherd restaurant wine cheese chocolate coffee bath beer vodka whiskey whisky dressing medicine "
    "lantern opera lit literature dictionary word words phrase accent cooking recipe recipes pastry"
)
_HYPHENATED = frozenset({"language", "speaking", "born", "style", "themed"})
_HERITAGE = word_set("african asian native latin arab muslim black hispanic jewish anglo latino white euro afro")


def settle_demonyms(board: Board) -> None:
    """Settle demonyms as their state, or their party, where they do not name a language, a dish or a heritage."""
    for first, last, entries in board.hits:
        actors = [e.actor for e in entries if e.kind == "demonym" and e.actor is not None]
        if not actors or not board.free(first, last):
            continue
        if _heritage(board, first, last) or _thing(board, first, last):
            board.drop(first, last)
        elif len(actors) == 1:
            actor = actors[0]
            board.put(Span(first, last, actor.type, "demonym", 0.85, actor.actor_id, actor.name, actor.country))


def _heritage(board: Board, first: int, last: int) -> bool:
    """Tell "African-American", "Mexican American", "American Indian" from a demonym."""
    tokens = board.tokens
    word = tokens.folded[first].rstrip("s")
    if word == "american" and first > 0 and tokens.joined(first - 1):
        before = board.hit_at.get(first - 1)
        demonym = before is not None and any(e.kind == "demonym" for e in before[2])
        if demonym and before is not None and board.free(before[0], before[1]):
            board.drop(before[0], before[1])
        return demonym or tokens.folded[first - 1] in _HERITAGE
    if last < len(tokens) and tokens.joined(last - 1) and tokens.folded[last].rstrip("s") == "american":
        return True
    return word == "indian" and first > 0 and tokens.folded[first - 1] in {"american", "west"}


def _thing(board: Board, first: int, last: int) -> bool:
    tokens = board.tokens
    if last < len(tokens) and tokens.joined(last - 1):
        word = tokens.folded[last]
        if word in _THINGS or (word in _HYPHENATED and tokens.tight(last - 1)):
            return True
        if tokens.capital[last] and word in NON_ACTOR_HEADS and not tokens.heading(first):
            return True
    before = tokens.text[max(0, tokens.starts[first] - 24) : tokens.starts[first]]
    alone = last >= len(tokens) or tokens.gaps[last - 1] != " " or tokens.folded[last] in STARTERS
    return alone and _LANGUAGE_BEFORE.search(before) is not None and not tokens.words[first].endswith("s")


def settle_capitals(board: Board) -> None:
    """Settle a capital as its state where it acts or is dealt with, else as a place without an actor."""
    for first, last, entries in board.hits:
        actors = [e.actor for e in entries if e.kind == "capital" and e.actor is not None]
        if not actors or not board.free(first, last):
            continue
        confidence = acting(board, first, last)
        if confidence and len(actors) == 1:
            actor = actors[0]
            board.put(Span(first, last, actor.type, "metonym", confidence, actor.actor_id, actor.name, actor.country))
        else:
            board.put(Span(first, last, "place", "place", 0.8))


def acting(board: Board, first: int, last: int) -> float:
    """Return how sure it is that a capital stands for its government there; 0 means a place."""
    tokens = board.tokens
    start, end = tokens.starts[first], tokens.ends[last - 1]
    sentence = tokens.sentences[tokens.sentence[first]]
    before = tokens.text[max(sentence[0], start - 60) : start]
    after = tokens.text[end : end + 80]
    line = tokens.text.rfind("\n", 0, start) + 1
    if (
        start - line < 30 and tokens.words[first].isupper() and _DATELINE.match(tokens.text[start : start + 60])
    ) or _PLACE_AFTER.match(after):
        return 0.0
    if start == line and _DATELINE.match(tokens.text[start : start + 60]):
        return 0.0
    if _neighbour_capital(board, first, last):
        return 0.0
    if re.search(r"\bin (?:both )?$", before) or _PLACE_BEFORE.search(before):
        return 0.0
    if _POSSESSED.match(after) or _ACTS.match(after):
        return 0.85
    if re.search(r"\b(?:from|to) $", before):
        return 0.0 if _MOVED.search(before) else 0.65
    if _PARTY_BEFORE.search(before) or (
        not before.strip(" \"'“‘") and re.match(r"^,? (?:and [A-Z]|[a-z]+(?:s|ed)\b)", after)
    ):
        return 0.65
    if tokens.heading(first) and re.match(r"^(?:[-–,]| and | [a-z]|$)", after):
        return 0.5
    return 0.7 if re.match(r"^[-–][A-Z]", after) or re.search(r"[A-Z]\w+[-–]$", before) else 0.0


def _neighbour_capital(board: Board, first: int, last: int) -> bool:
    """Tell "Denzel Washington" and "Paris Hilton" from a capital: another capitalised word that is no known name stands beside."""
    tokens = board.tokens
    if tokens.heading(first):
        return False
    if first > 0 and tokens.gaps[first - 1] == " " and tokens.capital[first - 1]:
        word = tokens.folded[first - 1]
        if word not in STARTERS and not tokens.first_of_sentence[first - 1] and first - 1 not in board.hit_at:
            return True
    return last < len(tokens) and tokens.gaps[last - 1] == " " and tokens.capital[last] and last not in board.hit_at


def settle_supported(board: Board, actors: ActorRegistry) -> None:
    """Settle names that several countries claim ("Senate", "Georgia") by the country the text speaks of most."""
    weights = _countries(board.spans(), actors)
    for first, last, entries in board.hits:
        claims = [e.actor for e in entries if e.kind == "supported" and e.actor is not None]
        if not claims or not board.free(first, last):
            continue
        chosen = _most_supported(claims, weights)
        if chosen is not None:
            board.put(Span(first, last, chosen.type, "supported", 0.75, chosen.actor_id, chosen.name, chosen.country))
        else:
            board.put(Span(first, last, claims[0].type if len(claims) == 1 else "other_org", "ambiguous", 0.4))


def _countries(spans: Iterable[Span], actors: ActorRegistry) -> Counter[str]:
    weights: Counter[str] = Counter()
    for span in spans:
        if span.actor_id is not None:
            weights[span.actor_id] += 1
            weights[span.country or ""] += 1
    return weights


def _most_supported(claims: list[Actor], weights: Counter[str]) -> Actor | None:
    def support(actor: Actor) -> int:
        own = weights[actor.actor_id] + weights[actor.affiliation_id or "-"]
        return max(own, weights[actor.country]) if actor.country else own

    ranked = sorted(claims, key=lambda actor: (-support(actor), actor.actor_id))
    if not support(ranked[0]) or (len(ranked) > 1 and support(ranked[0]) == support(ranked[1])):
        return None
    return ranked[0]
