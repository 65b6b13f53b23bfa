"""The furniture of news pages as line rules: each has an id, a zone where it may strike, and the words that give it away."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from transforms.clean import zones


class Rule(NamedTuple):
    """A line rule: `pattern` must match a whole line of at most `longest` characters that has one of the words `needs`."""

    rule_id: str
    longest: int
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


class RuleBook:
    """The rules of a zone in their order, sorted beforehand by the lengths of line they may strike."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.longest = max(rule.longest for rule in rules)
        bounds = sorted({rule.longest for rule in rules})
        self._bounds = bounds
        self._rules = [tuple(rule for rule in rules if rule.longest >= bound) for bound in bounds]

    def first(self, text: str) -> str | None:
        """Return the id of the first rule that strikes a line, None if none does."""
        if len(text) > self.longest:
            return None
        folded = text.lower()
        for rule in self._rules[bisect_left(self._bounds, len(text))]:
            for word in rule.needs:
                if word in folded:
                    break
            else:
                continue
            if rule.pattern.match(text) is not None:
                return rule.rule_id
        return None


def _rule(rule_id: str, longest: int, pattern: str, *, needs: str = "") -> Rule:
    return Rule(
        rule_id,
        longest,
        tuple(needs.split("|")),
        re.compile(f"(?:{pattern})\\Z", re.IGNORECASE | re.DOTALL),
    )


_MONTHS = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_WEEKDAYS = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
# A run of nothing but date, clock and zone words; whether it is a date is for dates.py to say. Thousands ("235,000") are no date.
_ZONE_NAMES = "|".join(sorted(zones.NAMES, key=len, reverse=True))
DATEISH = (
    rf"(?:(?<!\w)\d{{1,4}}(?!,\d{{3}}\b)(?:st\b|nd\b|rd\b|th\b|(?=T\d)|(?=[ap]\.?m)|(?=hrs)|(?=Z\b)|\b)|\b(?:{_MONTHS}|{_WEEKDAYS}|updated|published|modified|posted|first|last|of|at|on|the"
    rf"|{_ZONE_NAMES})\b|(?<![a-z])(?:[ap]\.?m\b\.?|hrs?\b|T(?=\d))|(?<=T)\d{{1,2}}\b|(?<=\d)Z\b|\([a-z]{{2,4}}\)|[\s,.:/|()+–—-])++"
)
_HAS_DAY = rf"(?=.*\d)(?=.*(?:{_MONTHS}|\d[-/.]\d{{1,2}}[-/.]\d))"
_HAS_YEAR = rf"{_HAS_DAY}(?=.*(?:(?:19|20)\d\d|\d[-/.]\d{{1,2}}[-/.]\d\d))"
_AGENCY = r"(?:ap|afp|reuters|ani|pti|ians|associated press|agence france[- ]presse|getty(?: images)?|epa(?:-efe)?|efe|xinhua|bloomberg|dpa|anadolu)"
# Names and the small words between them, in the case they are written in: what a credit holds and a sentence does not.
_NAMES = r"(?-i:(?:[A-Z@][\w.’'/&@-]*+|and|in|of|for|via|at|by|with|from|the|de|del|la|van|von|bin|al|el|editing|writing|reporting|additional|compiled|translated)(?:[\s,;:&/]+|\.?(?=\W*\Z)))"
_NAME = r"(?-i:[A-Z@])"
# Bullets and brackets before a line; a quotation mark would make it speech.
_LEAD = r"[\s*>•·|\[(_–—-]*"
_PICTURE = r"(?:picture|photo(?:graph)?|image|pic|illustration|graphic|screengrab|screenshot)"

ANYWHERE = RuleBook(
    (
        _rule("ornament", 600, r"[\W_]+"),
        _rule(
            "advertisement",
            120,
            r"[\W_]*(?:(?:advertise?ments?|ads?|sponsored(?: content| by .{1,40})?|promoted(?: content)?|paid content|(?:story|article|post) continue[sd]? below"
            r"|continue reading(?: below| the main story)?|scroll (?:down )?(?:to|for) .{1,40}|skip (?:advertisement|ad|past .{1,60})|this ad will end in \d+"
            r"|report (?:this )?ad|remove ads?|ad feedback)[\W_]*+)+",
        ),
        _rule(
            "also_read",
            300,
            _LEAD
            + r"(?:(?:also|must|should)[\s_-]*(?:read|watch|see|listen)s?|don[’']?t miss|(?:related|recommended|suggested)(?: (?:reading|stories|story|articles?|coverage|content|links?|topics?|videos?|news|for you))?"
            r"|also)(?:\s*[:|»>]+.*|\s+[–—-]+\s.*|(?<!also)\W*)",
            needs="also|must|should|miss|related|recommended|suggested",
        ),
        _rule(
            "also_read",
            300,
            _LEAD
            + r"(?:read|see|watch|listen)(?:\s+(?:more|also|next|this|here|on|now|all|(?:the )?(?:full|complete|original|entire) (?:story|article|report|post|text)))?(?:\s*[:|»>]|\s[–—-]\s).*",
            needs="read|see|watch|listen",
        ),
        _rule(
            "also_read",
            100,
            _LEAD
            + r"(?:(?:watch|see|read) the latest\b[^.!?]*\b(?:at|on)\b.{1,40}|(?:read|see|watch) (?:more|also|next|here|(?:the )?(?:full|complete|original|entire) (?:story|article|report|post|text))(?: here| on this(?: story)?| about .{1,60})?[.:…]*)",
            needs="read|see|watch",
        ),
        _rule(
            "also_read",
            220,
            _LEAD
            + r"(?:more (?:on this(?: story)?|from .{1,40}|stories|coverage|news|to (?:read|explore)|(?:must )?reads?)|(?:most|trending|popular) (?:read|now|stories|news|viewed)"
            r"|trending|top stories|editor[’']?s[’']? picks?|you (?:may|might) (?:also |have )*(?:like|missed|be interested in)|go deeper|further reading"
            r"|in case you missed it|latest (?:news|stories|updates)|recent posts?|more)\s*(?:[:|].*|[.…-]*)|(?:the )?latest\s*:?",
        ),
        _rule(
            "image_credit",
            220,
            rf"{_LEAD}(?:(?:file|representative|representational|representation|featured?|cover|lead|main|stock|archive)\s+)?(?:{_PICTURE}|video|pictured|footage)s?\s*"
            rf"(?:\(?(?:credits?|sources?|courtesy|copyright|used for .{{1,60}})\)?(?:\s+(?:of|by|from)\b|\s*[:|/©–-]|\s+(?={_NAME}))|[:|©]|\s[|]).{{1,180}}",
            needs="pic|photo|image|illustration|graphic|screen|video|footage",
        ),
        _rule("image_credit", 160, rf"{_LEAD}{_PICTURE}s?\s+by:?\s+{_NAMES}{{1,14}}\W*", needs=" by"),
        _rule("image_credit", 160, rf"{_LEAD}courtesy(?: of)?\s*[:/]?\s*{_NAMES}{{1,10}}\W*", needs="courtesy"),
        _rule(
            "image_credit",
            60,
            r"[\W_]*(?:(?:file|representative|representational|stock|archive) (?:photo|picture|image|pic)s?|photo|image|photo gallery)[\W_]*",
        ),
        _rule(
            "image_credit",
            100,
            r"\W*(?:ap|afp|reuters|epa) (?:file |pool )?(?:photo|image)s?\b\s*/?[^.!?]{0,60}\W*|(?-i:REUTERS)/[\w .’'-]{2,40}",
            needs="photo|image|reuters/",
        ),
        _rule(
            "image_credit",
            140,
            rf"\W*(?:[\w.’'-]+\s+){{0,6}}?[\w.’'-]*\s*/\s*(?:{_AGENCY}|pool|shutterstock|istock|alamy|zuma|twitter|facebook|instagram)(?:\s*[/,|]\s*[\w. -]{{1,30}}|\s+via\s+[\w. ]{{1,30}}|\s+(?:images|pool|file|photo)){{0,3}}\W*",
            needs="/",
        ),
        _rule(
            "image_credit",
            80,
            r"\W*(?:getty images|shutterstock|pixabay|unsplash|istock(?:photo)?|wikimedia commons|alamy(?: stock photo)?|file photo)(?:/.{1,40})?\W*",
        ),
        _rule(
            "image_credit",
            500,
            r"(?:enlarge (?:this )?image|toggle caption|hide caption|image caption|media caption|playback is unsupported).*|.*\bhide caption(?: \d+ of \d+)?",
            needs="enlarge|caption|playback",
        ),
        _rule(
            "caption",
            400,
            r"(?-i:FILE)(?: PHOTO)?\s*[-–—:].*|.{8,}?\([^()]{2,60} via (?-i:AP|REUTERS|AFP|Reuters)\)",
            needs="file| via ",
        ),
        _rule(
            "caption",
            400,
            r".{8,}?(?:\((?:ap|afp|reuters|epa)?\s*(?:file )?(?:photo|image|picture)(?:graph)?s?\s*(?:/|:|by|courtesy|credit|via)\s*[^()]{2,90}\)"
            r"|[\s|(\[](?-i:Photo(?:graph)?|Image|Picture|Pic|PHOTO|IMAGE)s?(?: credit| courtesy| source)?\s*:\s*[^.!?]{2,70}"
            rf"|\((?:[\w.’'-]+\s+){{1,4}}?[\w.’'-]+\s*/\s*{_AGENCY}[^()]{{0,40}}\)|/getty images\)?|(?-i:REUTERS)/[\w .’'-]{{2,40}})",
            needs="photo|image|pic|getty|/",
        ),
        _rule(
            "script",
            600,
            r"<?!--.*|.*-->|.*\b(?:gtag|googletag|adsbygoogle|dataLayer|fbq|createElement|getElementById|addEventListener)\b.*"
            r"|(?:window|document|jQuery)[.(]\S.*|\$\(.*|(?:var|let|const)\s+\w+\s*=.*|\(?function\s*\w*\(.*|[{}();,\[\]]+|[\w-]+=\"[^\"]*\"|[.#@][\w-]+\s*\{.*|\[/?(?-i:[a-z]+)(?:[ =][^\]]*)?\]",
            needs="<!--|-->|gtag|googletag|adsby|datalayer|fbq|createelement|getelement|addevent|[|window.|document.|jquery|$(|=|function|{|}|()|);",
        ),
        _rule(
            "share",
            160,
            r"(?:(?:share[ds]?|tweet|post|(?:save)+|e-?mail|print|pin|save|like|comments?|facebook|twitter|x|whatsapp|linkedin|reddit|telegram|pinterest|messenger|flipboard|pocket|copy|copied|link"
            r"|google|tumblr|this|article|story|page|on|via|with|by|icon|more|sms|instagram|youtube|bookmark|gift|a|an|to|friends?|your|in|new|window|opens?|click|bluesky|threads|options?|close"
            r"|listen|now|play|stumbleupon|digg|vk|viber|line|koo|app|\d[\d:.]*+[km]?)\b[\W_]*+)++",
            needs="share|savesave|tweet|facebook|twitter|whatsapp|mail|print|copy link|copied|linkedin|reddit|telegram|pinterest|flipboard|messenger",
        ),
        # An invitation in so many words.
        _rule(
            "subscribe",
            320,
            _LEAD
            + r"(?:sign[- ]?up\b|subscribe\b|click (?:here|on|to|for)\b|join (?:us\b|our|the (?:conversation|discussion|community))|follow (?:us|our|@|me\b|on (?:twitter|facebook|instagram|x)\b)|download (?:the|our)\b|stay (?:tuned|informed|updated?|connected|up to date)"
            r"|like us|thank(?:s| you) for (?:signing|subscribing|reading)|become a (?:member|subscriber|supporter)|already a (?:subscriber|member)|support .{0,40}(?:journalism|our work|our reporting)|turn on notifications"
            r"|find us on|check out our|newsletter sign|manage newsletters?|let our news|don[’']?t forget to (?:subscribe|follow|sign)|get (?:our|the) (?:free |daily |weekly )*(?:newsletters?|apps?)\b|subscriber[- ](?:only|exclusive))"
            r"(?:\W*|.*(?:newsletter|inbox|\bapps?\b|twitter|facebook|instagram|telegram|whatsapp|youtube|linkedin|subscri|sign(?:ed|ing)?[- ]?up|channel|alerts?\b|notifications?|podcast|@\w|log ?in|sign in|journalism|reporting|work\b"
            r"|account|here[.:!]*\Z|paper|privacy policy|feed|memberships?|updates?|news\b|conversation|discussion|coverage|stories|as little|today|video|live)).*",
        ),
        # A promise to the reader that ends in a newsletter or an inbox.
        _rule(
            "subscribe",
            320,
            _LEAD
            + r"(?:want|get|to (?:receive|get)|receive|for (?:more|all|the latest|breaking|exclusive)|enjoy|like what|daily|unlock|register|log ?in|catch|keep up|never miss|enter your|a (?:daily|weekly))\b"
            r".*(?:(?:your|you(?:r)? e?-?mail) inbox|to your (?:inbox|email)|newsletters?\W*\Z|sign[- ]up\b|subscribe (?:here|now|to)|click here|our (?:app|newsletters?|whatsapp|telegram|youtube)|(?:follow|like) us on|e?mail address|privacy policy).*",
            needs="inbox|newsletter|sign|subscri|click|our |us on|mail|privacy",
        ),
        _rule(
            "subscribe",
            260,
            r"[^.]*[.?!\s*]{0,4}\b(?:sign up|subscribe)(?: now| today)?(?: (?:here|to (?:(?:our|the) .{1,60}newsletters?|(?:receive|get) .{1,100})))[.!*\s]*",
            needs="sign up|subscribe",
        ),
        _rule(
            "subscribe",
            200,
            r"(?:get|receive) [^.!?]{0,60}\balerts\b.{0,160}|visit .{2,60} for (?:more|the latest)\b.{0,40}|follow\s+@\w+(?:\s+follow\s+@\w+)*|[-–—\s]*follow .{2,60} on (?:twitter|facebook|instagram|x|threads|bluesky|google news)\b.{0,60}",
            needs="follow|alerts|visit",
        ),
        _rule(
            "cookie",
            600,
            r".*(?:\bwe (?:and our partners )?use cookies\b|\b(?:site|website|page) uses cookies\b|\baccept (?:all )?cookies\b|cookie (?:policy|preferences|settings|consent)|manage (?:your )?consent).*",
            needs="cookie|consent",
        ),
        _rule(
            "comments",
            140,
            r"\W*(?:(?:no|\d[\d,]*|view|show|hide|load|post|leave|add|write|see|read|report|join|more|all|a|your)\s+){0,4}(?:comments?|repl(?:y|ies))(?:\s*\(?\d*\)?|\s+(?:are|is|have been) (?:closed|disabled|off|turned off).{0,80}"
            r"|\s+(?:section|below|policy|guidelines|on this (?:story|article)))?\W*|be the first to (?:comment|reply).*|(?:log in|sign in|you must be logged in) to (?:post a )?(?:comment|reply).*",
            needs="comment|repl",
        ),
        _rule(
            "navigation",
            240,
            r"(?:skip to (?:main )?content|back to (?:top|home)|jump to .{1,40}|toggle (?:navigation|menu).{0,40}|loading\W*|close|menu|search|next|prev(?:ious)?|home|\[pullquote\]|(?:next|prev(?:ious)?) (?:image|slide|article|post|story)\b.{0,40}"
            r"|slideshow \(\d+ images?\)|view (?:gallery|slideshow|all photos|in app|original).{0,40}|\d+ of \d+|your browser does(?:n[’']t| not) support.*|(?:please )?enable javascript.*|javascript (?:is )?(?:disabled|required).*"
            r"|play(?:\s+(?:video|facebook|audio))?|pause|mute|video player.{0,60}|chat with us in .*|this video (?:can ?not|is not) .{0,60}|\w[\w &’']{1,24}(?:\s*[>»›]\s*\w[\w &’']{1,60}){1,6})",
        ),
        _rule(
            "disclaimer",
            600,
            r"\W*(?:disclaimer\s*[:–-].*|(?:the )?(?:views|opinions) expressed (?:here|in this|are (?:those|solely|their|his|her)|by (?:the )?(?:authors?|contributors?|columnists?|writers?|guests?)).*)",
            needs="disclaimer|expressed",
        ),
        _rule(
            "transcript_note",
            200,
            r"(?:this is )?an? (?:unedited |rough |rush )+transcript.*|(?:this is a )?rush transcript.*|copy may not be in its final form\W*",
            needs="transcript|copy may",
        ),
        _rule(
            "age",
            120,
            r"(?:listen to (?:this )?(?:article|story).{0,60}|\d+[\s-]min(?:ute)?s?(?:[\s-](?:read|listen|watch))?|reading time:? .{1,30}|(?:this (?:article|story) is more than )?\d+ (?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s?\s+(?:ago|old)"
            r"|\d[\d,.]*[km]?\s+(?:views?|shares?|likes?|reads?))",
        ),
    )
)

_UPDATED_AT = _rule(
    "updated_line",
    60,
    r"\W*(?:last )?updated? (?:at |on )?[\d:.]+\s*(?:[ap]\.?m\.?)?\s*[a-z]{0,4}\W*",
    needs="update",
)

HEAD = RuleBook(
    (
        _rule(
            "updated_line",
            160,
            rf"(?=\W*(?:last\s+)?(?:updated|modified|revised|update)\b{DATEISH}\Z){_HAS_DAY}.*",
            needs="updat|modif|revis",
        ),
        _rule(
            "published_line",
            160,
            rf"(?=\W*(?:(?:first|date)\s+)?(?:published|posted|created|issued|released|pub)\b{DATEISH}\Z){_HAS_DAY}.*",
            needs="pub|post|creat|issued|released",
        ),
        _rule("date_line", 100, rf"(?=(?:date\s*:?\s*)?{DATEISH}\Z){_HAS_YEAR}.*"),
        _rule("date_line", 60, rf"(?={_NAME}[\w’'-]+(?: {_NAME}[\w’'-]+){{0,2}}\s*[,|]\s*{DATEISH}\Z){_HAS_YEAR}.*"),
        _UPDATED_AT,
        _rule(
            "section_label",
            40,
            r"\W*(?:analysis\s*/\s*opinion|opinions?|analysis|commentary|comment|editorials?|op-ed|column|perspective|news|world(?: news)?|politics|national|international|business|sports?|breaking(?: news)?|exclusive"
            r"|live|video|photos?|gallery|top stor(?:y|ies)|latest news|home|featured?|trending|urgent|explainer|fact[- ]check|press release|story highlights|highlights|key points)\W*",
        ),
        _rule(
            "byline",
            60,
            r"(?:opinion |guest |contributing |staff |special )?(?:columnist|contributor|writer|correspondent|reporter)s?|special (?:to|for) .{2,40}|(?:web|news|digital|national|online) (?:desk|staff|team)|staff report(?:er)?",
        ),
    )
)

TAIL = RuleBook(
    (
        _rule(
            "published_in",
            200,
            rf"[\W_]*(?:published|printed)(?: originally| first)? (?:in|on|by|at|with)\s+[^.!?]{{2,60}}?(?:\s*[,;(–-]?\s*(?:on |dated )?{DATEISH})?[\W_]*"
            rf"|[\W_]*(?:(?:this|the) (?:article|story|report|piece|column|editorial|op-?ed|essay|interview|post|version)\b[^.!?]{{0,40}}?\s)?(?:was |is |has been |had )?(?:also )?(?:originally|first)\s+(?:published|appeared|printed|ran)"
            rf" (?:in|on|by|at|with)\s+[^!?]{{2,80}}",
            needs="published|appeared|printed|ran ",
        ),
        _rule(
            "published_line",
            160,
            rf"(?=\W*(?:(?:first|story first|date)\s+)?(?:published|posted|created)\b{DATEISH}\Z){_HAS_DAY}.*",
            needs="published|posted|created",
        ),
        _rule(
            "updated_line",
            160,
            rf"(?=\W*(?:last\s+)?(?:updated|modified|revised)\b{DATEISH}\Z){_HAS_DAY}.*",
            needs="updat|modif|revis",
        ),
        _rule("date_line", 100, rf"(?=(?:date\s*:?\s*)?{DATEISH}\Z){_HAS_YEAR}.*"),
        _UPDATED_AT,
        _rule(
            "feed_link",
            400,
            r"(?:(?:from|via|source|read (?:more|full story|the rest|original)(?: at| on)?)\s*:?\s+.{0,100}?)?\s*(?:https?://|www\.)\S+",
            needs="http|www.",
        ),
        _rule("feed_link", 400, r"the post .{3,300} (?:first )?appeared (?:first )?on .{2,80}", needs="appeared"),
        _rule(
            "copyright",
            400,
            r"\W*(?:©|\(c\)\s|copyright\b|all rights reserved).*|.{0,120}(?:©|\(c\)\s*\d{4}|all rights reserved).{0,200}",
            needs="©|(c)|copyright|all rights",
        ),
        _rule(
            "syndication_note",
            400,
            r"\W*(?:(?:\w+ ){0,3}(?:this|the) (?:story|article|report|copy|post|content|news)|except for the headline,? this story).{0,120}(?:syndicated feed|auto[- ]?generated|not (?:been )?edited by|wire service reports|without (?:any )?(?:edits|modifications)).*",
            needs="syndicated|generated|edited by|wire service|without",
        ),
        _rule(
            "agency_credit",
            160,
            r"\W*(?:with|from)\s+(?:additional |further |more |some )?(?:inputs?|reports?|reporting|information|agency inputs?|contributions?)\s*(?:(?:from|by|of)\s+[^.!?]{2,100})?\W*",
            needs="with|from",
        ),
        _rule(
            "agency_credit",
            120,
            r"\W*(?:with|from)\s+[^.!?]{2,80}?\s+(?:inputs?|reports?|agencies|wires?)\W*",
            needs="with|from",
        ),
        _rule(
            "agency_credit",
            100,
            r"\W*(?:with |from )?(?:(?:news |wire |post )?agencies|wires?|wire (?:services?|reports?)|agency|(?:post|news) wires?|agency report|reuters?|compiled from wire.{0,60})\W*",
        ),
        _rule(
            "agency_credit",
            260,
            rf"(?:[^!?]{{2,200}}?\s)?(?:also )?contributed (?:reporting )?to (?:this|the) (?:report|story|article|piece|dispatch)\W*|\W*{_NAMES}{{1,16}}contributed\W*|contribut(?:ing|ors?):\s*.{{2,120}}|this (?:article|story|report) (?:contains|includes|uses) (?:material|reporting|information) from .{{2,100}}",
            needs="contribut|material from|reporting from|information from",
        ),
        _rule(
            "agency_credit",
            80,
            r"\W*(?:source|courtesy|agency)\s*[:–-]\s*[^.!?]{2,60}\W*",
            needs="source|courtesy|agency",
        ),
        _rule(
            "reporting_credit",
            400,
            rf"\W*(?:additional\s+)?(?:reporting|writing|editing|compiled|written|edited|graphics?|translated|research)(?:(?: and|,) (?:additional )?\w+)?\s+by:?\s+{_NAMES}{{1,60}}\W*",
            needs=" by",
        ),
        _rule(
            "tags",
            300,
            r"\W*(?:tags?|topics?|filed under|categories|category|keywords|labels|subjects)\s*:.*",
            needs=":",
        ),
        _rule(
            "contact",
            240,
            r"\W*(?:send|contact|e-?mail|write to|reach|got a tip|tips?|have (?:a|any)|follow|the (?:writer|author)s? (?:can|may) be).{0,200}?[\w.+-]+@[\w-]+\.[\w.]+.{0,80}",
            needs="@",
        ),
    )
)
