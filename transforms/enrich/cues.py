"""The words that credit an outlet: who reported, told whom, obtained what, and whose the picture is."""

import re
from dataclasses import dataclass

from transforms.enrich.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Cue:
    """How an outlet is credited: `name` as in source_citations, `media` for a picture, `strict` where the wording
    leaves no doubt, `after` where a verb behind the name credits it."""

    name: str
    media: bool = False
    strict: bool = True
    after: bool = False


_ADVERBS = (
    r"(?:(?:has|had|have|also|first|later|earlier|previously|separately|recently|then|reportedly|further|exclusively|itself|too|on \w+day|last \w+|this \w+|in \d{4}|in [A-Z]\w+"
    r"|\w+ly|citing [^,.;\n]{1,60},|quoting [^,.;\n]{1,60},),? ){0,3}"
)
_VERBS = (
    r"(?:report(?:ed|s|ing)?|said|says|saying|quot(?:ed|es|ing)|cit(?:ed|es|ing)|wrote|writes|not(?:ed|es)|observ(?:ed|es)|reveal(?:ed|s)|claim(?:ed|s)|publish(?:ed|es)|broke|learn(?:ed|t|s)"
    r"|obtain(?:ed|s)|confirm(?:ed|s)|add(?:ed|s)|disclos(?:ed|es)|detailed|described|tweeted|alleged|suggested|found|uncovered|estimated|declared|announced|carried|ran|aired|broadcast|showed|shows|showing"
    r"|argued|editoriali[sz]ed|pointed out|explained|predicted|projects|projected|called|asked|spoke|interviewed|verified|reviewed|saw)"
)
_SURE_VERBS = re.compile(
    r"^(?:['’]s?)? ?"
    + _ADVERBS
    + r"(?:report(?:ed|s|ing)|quot(?:ed|es|ing)|cit(?:ed|es|ing)|wrote|writes|reveal(?:ed|s)|published|broke|learned|learnt|obtained|observed|noted|said|says|claimed|added)\b"
)
_APPOSITION = r"(?:(?: –| —|,| -| \() [^–—\n]{1,90}?(?: –| —|,| -|\)))?"
_AFTER = re.compile(
    rf"^(?:['’]s?)?{_APPOSITION}(?: (?:newspaper|magazine|news agency|news|daily|television|TV|radio|website|news website|agency|network|channel|correspondent|reporter|journalist|columnist|editorial|online))?,? {_ADVERBS}{_VERBS}\b"
)
_REPORT_AFTER = re.compile(
    r"^(?:['’]s?)? (?:\w+ ){0,2}(?:report|reports|story|article|investigation|interview|scoop|account|analysis|editorial|exclusive|poll|survey|documentary)\b"
    r"(?: [^.;\n]{0,40}?(?:said|says|claim\w*|stat\w+|add\w*|alleg\w+|suggest\w*|quot\w+|reveal\w*|show\w*|note\w*|found|detail\w*))?"
)
_OF_REPORTER_AFTER = re.compile(r"^['’]s? [A-Z]\w+ [A-Z]\w+(?:-\w+)? (?:report|wrote|writes|said|not|ask)")
_THE = r"(?:the |The )?(?:(?:[A-Z]\w+ |[\w-]+ )?(?:newspaper|magazine|news agency|news outlet|broadcaster|network|daily|website|channel|agency|outlet|weekly|tabloid|outlets) )?[\"“‘']?"
_BEFORE: tuple[tuple[re.Pattern[str], Cue], ...] = tuple(
    (re.compile(pattern + _THE + r"$"), cue)
    for pattern, cue in (
        (r"\b[Aa]ccording to (?:[^.;:\n]{0,70}? )?(?:by|in|from|of|at|with|for) ", Cue("according_to")),
        (r"\b(?:[Aa]ccording to|[Aa]s per|[Pp]er) (?:an? |the )?(?:[a-z-]+ ){0,3}", Cue("according_to")),
        (
            r"\bWith (?:\w+ )?(?:inputs?|reporting|reports?|material|contributions?) (?:from|by) (?:[A-Z][\w ]{1,30}(?:,| and) )*",
            Cue("with_inputs"),
        ),
        (
            r"\b(?:with|additional) (?:agency |additional )?(?:inputs?|reporting) (?:from|by) (?:[A-Z][\w ]{1,30}(?:,| and) )*",
            Cue("with_inputs"),
        ),
        (
            r"(?:^|\n|[.(] ?)(?:This (?:article|story|report|piece) )?(?:was )?(?:(?:[Oo]riginally|[Ff]irst) )?(?:[Pp]ublished|[Aa]ppeared) (?:in|on|by|with) ",
            Cue("published_in"),
        ),
        (r"\b(?:told|tells|tell|telling|informed) ", Cue("told")),
        (
            r"\b(?:interview(?:s|ed)? (?:\w+ ){0,2}(?:with|to|by|on|for|in|from)|(?:spoke|speaking|speak|talk(?:ed|ing)) (?:exclusively )?(?:to|with)|(?:comments?|remarks|statement|email|said in an e-?mail) to|appear(?:ed|ing|ance|s)? on|(?:said|says|speaking) on|interviewed on) ",
            Cue("told"),
        ),
        (
            r"\b(?:obtained|seen|reviewed|viewed|verified|shared|leaked|provided|analy[sz]ed|given|accessed|sent|supplied|released|examined|confirmed|compiled) (?:exclusively )?(?:by|to|with) ",
            Cue("obtained_by"),
        ),
        (
            r"\b(?:reported|published|revealed|broken|aired|broadcast|cited|quoted|carried|written|conducted|commissioned|reports|printed|posted|disclosed|detailed) (?:\w+day |first |earlier |exclusively |last week )?(?:by|in|on) ",
            Cue("reported"),
        ),
        (
            r"\b(?:report|story|article|investigation|op-ed|column|editorial|account|interview|poll|survey|piece|dispatch|essay|scoop|expos[eé]|analysis|statement|journalist|reporter|reporters|correspondent|documents?|writing|wrote|footage)s? (?:published |that appeared |aired |posted |Thursday |released )?(?:by|in|from|for|of|on) ",
            Cue("reported"),
        ),
        (r"[,”\"’] (?:reported|reports|wrote) ", Cue("reported")),
        (r"\binterview(?:ed)? (?:with|by) [^.;\n]{2,40} (?:on|of|for) ", Cue("told")),
        (r"\b[Ww]rit(?:ing|es|ten) (?:in|for) ", Cue("reported")),
        (
            r"\b(?:[Cc]iting|[Qq]uoting|[Qq]uoted by|[Cc]ited by|[Cc]redited) (?:an? (?:\w+ ){0,3}(?:by|in|from|of) )?(?:unnamed sources in |sources told )?",
            Cue("reported"),
        ),
        (r"\b[Vv]ia ", Cue("via", strict=False)),
    )
)
_INPUTS_AROUND = re.compile(r"\b[Ww]ith (?:agency )?$"), re.compile(r"^(?: and [A-Z]\w+)? [Ii]nputs?\b")
_CONTRIBUTED = re.compile(
    r"^(?:['’]s? [A-Z][\w.’' -]{1,40})?(?:,? and [A-Z][\w.,’' -]{1,60})? (?:also )?contributed to (?:this|the) "
)
_DATELINE_BEFORE = re.compile(r"(?:^|\n)(?:[A-Z][\w.,’'/ -]{1,50})?\($")
_DATELINE_AFTER = re.compile(r"^\)(?: ?[-–—]| [A-Z“\"])")
_PHOTOGRAPHER = (
    re.compile(r"\b(?:[Pp]hoto|[Ii]mage|[Pp]icture|[Cc]redit)\b[^.\n]{0,50}/$"),
    re.compile(r"^(?:/[A-Z][\w.-]+ [A-Z][\w-]+\b| [Pp]hotos?[:/)])"),
)
_CAPTION = re.compile(r"\([A-Z][^()\n]{2,60}[/,] ?$"), re.compile(r"^(?:/[\w ]+)?\)")
_PICTURE_BEFORE = re.compile(
    r"(?:\b(?:photo(?:graph)?|picture|pic|image|video|visual|illustration|graphic|screengrab|screenshot|footage)s?(?: (?:credit|courtesy|source|by|from|via))*s?\b ?[:/|-]? ?(?:by |of |from |via )?"
    r"|\b(?:[Cc]redit|CREDIT|[Cc]ourtesy)s?(?: of)?:? ?|\bIMAGE SOURCE: |\bSource: |\b[Pp]hoto(?:graph)?(?:ed)? (?:by|for) [^.\n]{0,40}(?:for|via|/|of) (?:the |The )?|\b(?:Getty Images|Getty)/)$",
    re.IGNORECASE,
)
_PICTURE_AFTER = re.compile(
    r"^(?:/| via |, via )?(?: ?(?:Photo|File Photo|Images?|Photos?)\b(?! (?:show|of the year))|/Getty|/AP\b|/Reuters|/AFP|/Shutterstock| via (?:AP|Getty|Reuters))"
)
_JOINED = re.compile(r"^(?:,? and (?:the )?|,? or (?:the )?|, (?:the )?)$", re.IGNORECASE)


def cue_at(tokens: Tokens, first: int, last: int) -> Cue | None:
    """Return how the outlet on these pieces is credited, None where it is only mentioned."""
    text, start, end = tokens.text, tokens.starts[first], tokens.ends[last - 1]
    before, after = text[max(0, start - 110) : start], text[end : end + 140]
    if _is_picture(before, after):
        return Cue("via", media=True)
    if _DATELINE_BEFORE.search(before) and _DATELINE_AFTER.match(after):
        return Cue("via")
    if _CONTRIBUTED.match(after):
        return Cue("with_inputs")
    if _INPUTS_AROUND[0].search(before) and _INPUTS_AROUND[1].match(after):
        return Cue("with_inputs")
    for pattern, cue in _BEFORE:
        if pattern.search(before):
            return cue
    if _SURE_VERBS.match(after) or _OF_REPORTER_AFTER.match(after):
        return Cue("reported", after=True)
    if _REPORT_AFTER.match(after):
        return Cue("reported", strict=False, after=True)
    if _AFTER.match(after):
        return Cue("reported", after=True)
    return None


def joins(text: str) -> bool:
    """Tell whether the characters between two outlets make the second share the first one's cue ("CNN and the BBC")."""
    return _JOINED.match(text) is not None


def _is_picture(before: str, after: str) -> bool:
    if _PHOTOGRAPHER[0].search(before) or _PHOTOGRAPHER[1].match(after):
        return True
    if _CAPTION[0].search(before) and _CAPTION[1].match(after):
        return True
    return _PICTURE_BEFORE.search(before) is not None or _PICTURE_AFTER.match(after) is not None
