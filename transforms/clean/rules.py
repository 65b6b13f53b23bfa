"""The furniture of news pages as line rules: each has an id, a zone where it may strike, and the words that give it away."""

import re
from typing import NamedTuple


class Rule(NamedTuple):
    """A line rule: `pattern` must match the whole line."""

    rule_id: str
    pattern: re.Pattern[str]


def _rules(*pairs: tuple[str, str]) -> tuple[Rule, ...]:
    return tuple(
        Rule(rule_id, re.compile(f"(?:{pattern})\\Z", re.IGNORECASE | re.DOTALL)) for rule_id, pattern in pairs
    )


_MONTHS = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_WEEKDAYS = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
# A run of nothing but date, clock and zone words; whether it is a date is for dates.py to say.
DATEISH = (
    rf"(?:\d{{1,4}}(?:st|nd|rd|th)?|{_MONTHS}|{_WEEKDAYS}|of|at|on|the|[ap]\.?m\.?|hrs?|utc|gmt|[a-z]{{1,3}}[sdp]t|[ecmp]t|msk|cet|eet|pkt|T|Z|"
    r"\([a-z]{2,4}\)|updated|published|modified|posted|last|first|[\s,.:/|()+–—-])+"
)
_HAS_DAY = rf"(?=.*\d)(?=.*(?:{_MONTHS}|\d[-/.]\d{{1,2}}[-/.]\d))"
_OUTLET = r"[^.!?]{2,60}?"
_AGENCY_WORDS = r"(?:ap|afp|reuters|ani|pti|ians|associated press|agence france[- ]presse|getty(?: images)?|epa(?:-efe)?|efe|xinhua|bloomberg|dpa|anadolu)"

ANYWHERE = _rules(
    ("ornament", r"[\W_]+"),
    (
        "advertisement",
        r"[\W_]*(?:(?:advertise?ments?|ads?|sponsored(?: content| by .{1,40})?|promoted(?: content)?|paid content|(?:story|article|post) continue[sd]? below"
        r"|continue reading(?: below| the main story)?|scroll (?:down )?(?:to|for) .{1,40}|skip (?:advertisement|ad|past .{1,60})|this ad will end in \d+"
        r"|report (?:this )?ad|remove ads?|ad feedback)[\s\W_]*)+",
    ),
    (
        "also_read",
        r"[\W_]*(?:also|must|should|don[’']?t miss|related|recommended|suggested)[\s_-]*(?:read(?:s|ing)?|watch|see|listen|stories|story|articles?|coverage|content|links?|topics?"
        r"|videos?|news|for you)?\s*(?:[:|»>–—-]+\s*.{0,300}|)",
    ),
    (
        "also_read",
        r"[\W_]*(?:read|see|watch|listen)\s*(?:more|also|next|this|here|on|now|all|(?:the )?(?:full|complete|original|entire) (?:story|article|report|post|text))?"
        r"\s*(?:[:|»>]|\s[–—-]\s)\s*.{0,300}",
    ),
    (
        "also_read",
        r"[\W_]*(?:read|see|watch) (?:more|also|next|here|(?:the )?(?:full|complete|original|entire) (?:story|article|report|post|text))(?: here| on this(?: story)?| about .{1,60})?[.:…]*",
    ),
    (
        "also_read",
        r"[\W_]*(?:more (?:on this(?: story)?|from .{1,40}|stories|coverage|news|to (?:read|explore)|(?:must )?reads?)|(?:most|trending|popular) (?:read|now|stories|news|viewed)"
        r"|trending|top stories|editor[’']?s[’']? picks?|you (?:may|might) (?:also |have )*(?:like|missed|be interested in)|go deeper|further reading"
        r"|in case you missed it|(?:all )?latest (?:news|stories|updates)|recent posts?|(?:the )?latest|more)\s*[:.…|-]*(?:(?<=[:|])\s*.{0,200})?",
    ),
    (
        "image_credit",
        r"[\W_]*(?:(?:file|representative|representational|representation|featured?|cover|lead|main|stock|archive)\s+)?(?:picture|photo(?:graph)?|image|pic|video|graphic|illustration|screengrab|screenshot"
        r"|footage)s?\s*(?:\(?(?:credits?|sources?|courtesy|copyright|used for .{1,60})\)?(?:\s+(?:of|by|from))?\s*[:|/©–-]*|\s*[:|/©]|\s+by\s)\s*.{1,160}",
    ),
    (
        "image_credit",
        r"[\W_]*(?:(?:file|representative|representational|stock|archive) (?:photo|picture|image|pic)s?|photo|image)[\W_]*",
    ),
    (
        "image_credit",
        r"\(?\s*(?:ap|afp|reuters|epa) (?:photo|file photo|image|file|pool photo)?\s*/?\s*(?:[^.!?]{0,60}|file)\)?|reuters/[\w .’'-]{2,40}",
    ),
    (
        "image_credit",
        rf"\W*(?:[\w.’'-]+\s+){{0,6}}[\w.’'-]*\s*/\s*(?:{_AGENCY_WORDS}|pool|shutterstock|istock|alamy|zuma|twitter|facebook|instagram)(?:\s*[/,|]?\s*(?:via\s+)?[\w. ]{{1,30}}){{0,3}}\W*",
    ),
    (
        "image_credit",
        r"\W*(?:getty images|shutterstock|pixabay|unsplash|istock(?:photo)?|wikimedia commons|alamy(?: stock photo)?|file photo)(?:/.{1,40})?\W*",
    ),
    (
        "image_credit",
        r"(?:enlarge (?:this )?image|toggle caption|hide caption|image caption|media caption|playback is unsupported).{0,400}",
    ),
    (
        "caption",
        r".{8,400}?(?:\((?:ap|afp|reuters|epa)?\s*(?:file )?(?:photo|image|picture)(?:graph)?s?\s*(?:/|:|by|courtesy|credit|via)\s*[^()]{2,90}\)"
        r"|[\s|(\[](?:photo(?:graph)?|image|picture|pic)s?(?: credit| courtesy| source)?\s*:\s*[^.!?]{2,70}"
        rf"|\((?:[\w.’'-]+\s+){{1,4}}?[\w.’'-]+\s*/\s*{_AGENCY_WORDS}[^()]{{0,40}}\)|/getty images\)?|reuters/[\w .’'-]{{2,40}})",
    ),
    (
        "script",
        r"<?!--.{0,2000}|.{0,200}-->|.{0,300}\b(?:gtag|googletag|adsbygoogle|dataLayer|fbq|createElement|getElementById|addEventListener)\b.{0,2000}"
        r"|(?:window|document|jQuery|\$)[.(]\S.{0,2000}|(?:var|let|const)\s+\w+\s*=.{0,2000}|\(?function\s*\w*\(.{0,2000}|[{}();,\[\]]+|[\w-]+=\"[^\"]{0,600}\"|[.#@][\w-]+\s*\{.{0,2000}",
    ),
    (
        "share",
        r"(?=.{0,160}\Z)(?=.*\b(?:share[ds]?|tweet|facebook|twitter|whatsapp|e-?mail|print|copy link|copied|linkedin|reddit|telegram|pinterest|flipboard|pocket|messenger)\b)"
        r"(?:(?:share[ds]?|tweet|post|e-?mail|print|pin|save|like|comments?|facebook|twitter|x|whatsapp|linkedin|reddit|telegram|pinterest|messenger|flipboard|pocket|copy|copied|link"
        r"|google|tumblr|this|article|story|page|on|via|with|by|icon|more|sms|instagram|youtube|bookmark|gift|a|an|to|friends?|your|in|new|window|opens?|click|bluesky|threads|options?|close"
        r"|listen|now|play|stumbleupon|digg|vk|viber|line|koo|app|\d+[km]?)\b[\s\W_]*)+",
    ),
    (
        "subscribe",
        r"(?=.{0,320}\Z)\W*(?:sign[- ]?up|subscribe|click (?:here|on|to|for)|join (?:us|our|the (?:conversation|discussion|community)|for free)|follow\b|download|stay (?:tuned|informed|updated?|connected|ahead|up to date)"
        r"|like us|thank(?:s| you) for (?:signing|subscribing|reading)|register|become a|don[’']?t forget|want (?:more|to (?:read|get|receive))|get (?:the |our |all |more |breaking |unlimited |daily |your |free |a )|to (?:receive|get|subscribe)"
        r"|enjoying|support (?:our|independent|us)|catch (?:all|up)|receive|unlock|already a (?:subscriber|member)|for (?:more|all|the latest|breaking|exclusive)|turn on|enable|keep up|never miss|find us|visit our|check out (?:our|all)"
        r"|newsletter|log ?in|our newsletter|let our news|daily .{1,30} delivered|manage newsletters?|subscriber (?:only|exclusive))"
        r"(?=.*(?:newsletter|inbox|\bapp\b|twitter|facebook|instagram|telegram|whatsapp|youtube|linkedin|subscri|sign(?:ed|ing)?[- ]?up|channel|alerts?\b|notifications?|podcast|@\w|log ?in|sign in|our (?:journalism|work|coverage)"
        r"|account|here[.:!]*\Z|e-?paper|privacy policy|click|feed|memberships?|latest (?:news|updates?)|conversation|follow (?:us|our)|for as little)).{0,320}",
    ),
    (
        "subscribe",
        r"(?=.{0,260}\Z)[^.]{0,200}[.?!\s*]{0,4}\b(?:sign up|subscribe)(?: now| today)?(?: (?:here|to (?:our|the) .{1,60}newsletters?))[.!*\s]*",
    ),
    (
        "subscribe",
        r"follow\s+@\w+(?:\s+follow\s+@\w+)*|[-–—\s]*follow .{2,60} on (?:twitter|facebook|instagram|x|threads|bluesky|google news)\b.{0,60}",
    ),
    (
        "cookie",
        r"(?=.{0,600}\Z).*(?:\bwe (?:and our partners )?use cookies\b|\b(?:site|website|page) uses cookies\b|\baccept (?:all )?cookies\b|cookie (?:policy|preferences|settings|consent)|manage (?:your )?consent).*",
    ),
    (
        "comments",
        r"\W*(?:(?:no|\d[\d,]*|view|show|hide|load|post|leave|add|write|see|read|report|join|more|all|the|a|your|an?)\s+){0,4}(?:comments?|repl(?:y|ies)|responses?)(?:\s*\(?\d*\)?|\s+(?:are|is|have been) (?:closed|disabled|off|turned off).{0,80}"
        r"|\s+(?:section|below|policy|guidelines|on this (?:story|article)))?\W*|be the first to (?:comment|reply).{0,60}|(?:log in|sign in|you must be logged in) to (?:post a )?(?:comment|reply).{0,80}",
    ),
    (
        "navigation",
        r"(?:skip to (?:main )?content|back to (?:top|home)|jump to .{1,40}|toggle (?:navigation|menu).{0,40}|loading\W*|close|menu|search|next|prev(?:ious)?|home|\[pullquote\]|(?:next|prev(?:ious)?) (?:image|slide|article|post|story)\b.{0,40}"
        r"|slideshow \(\d+ images?\)|view (?:gallery|slideshow|all photos|in app|original).{0,40}|\d+ of \d+|your browser does(?:n[’']t| not) support.{0,200}|(?:please )?enable javascript.{0,200}|javascript (?:is )?(?:disabled|required).{0,200}"
        r"|play(?:\s+(?:video|facebook|audio))?|pause|mute|video player.{0,60}|chat with us in .{0,120}|this video (?:can ?not|is not).{0,80}|\w[\w &’']{1,24}(?:\s*[>»›]\s*\w[\w &’']{1,60}){1,6})",
    ),
    (
        "age",
        r"(?:listen to (?:this )?(?:article|story).{0,60}|\d+[\s-]min(?:ute)?s?(?:[\s-](?:read|listen|watch))?|reading time:? .{1,30}|(?:this (?:article|story) is more than )?\d+ (?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s?\s+(?:ago|old)"
        r"|\d[\d,.]*[km]?\s+(?:views?|shares?|likes?|reads?)|(?:this is an? )?archived? article.{0,80})",
    ),
)

HEAD = _rules(
    ("updated_line", rf"{_HAS_DAY}\W*(?:last\s+)?(?:updated|modified|revised|update)\b{DATEISH}"),
    (
        "published_line",
        rf"{_HAS_DAY}\W*(?:(?:first|date)\s+)?(?:published|posted|created|issued|released|pub)\b{DATEISH}",
    ),
    ("date_line", rf"{_HAS_DAY}(?:date\s*:?\s*)?{DATEISH}"),
    ("date_line", rf"(?=.{{0,60}}\Z){_HAS_DAY}[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){{0,2}}\s*[,|:]\s*{DATEISH}"),
    ("updated_line", r"\W*(?:last )?updated? (?:at |on )?[\d:.]+\s*(?:[ap]\.?m\.?)?\s*[a-z]{0,4}\W*"),
    (
        "section_label",
        r"\W*(?:analysis\s*/\s*opinion|opinions?|analysis|commentary|comment|editorials?|op-ed|column|perspective|news|world(?: news)?|politics|national|international|business|sports?|breaking(?: news)?|exclusive"
        r"|live|video|photos?|gallery|top stor(?:y|ies)|latest news|home|featured?|trending|urgent|explainer|fact[- ]check|press release|story highlights|highlights|key points)\W*",
    ),
    (
        "byline",
        r"(?:opinion |guest |contributing |staff |special )?(?:columnist|contributor|writer|correspondent|reporter)s?|special (?:to|for) .{2,40}|(?:web|news|digital|national|online) (?:desk|staff|team)|staff report(?:er)?",
    ),
)

TAIL = _rules(
    (
        "published_in",
        r"(?=.{0,200}\Z)[\W_]*(?:(?:this|the) (?:article|story|report|piece|column|editorial|op-?ed|essay|interview|post)\s+)?(?:was |is |has been |had )?(?:also |originally |first )*(?:published|appeared|printed|carried|ran)"
        rf"(?: originally| first)? (?:in|on|by|at|with)\s+{_OUTLET}(?:\s*[,;(–-]?\s*(?:on |dated )?{DATEISH})?[\W_]*",
    ),
    ("published_line", rf"{_HAS_DAY}\W*(?:(?:first|story first|date)\s+)?(?:published|posted|created)\b{DATEISH}"),
    ("updated_line", rf"{_HAS_DAY}\W*(?:last\s+)?(?:updated|modified|revised)\b{DATEISH}"),
    ("date_line", rf"{_HAS_DAY}(?:date\s*:?\s*)?{DATEISH}"),
    (
        "feed_link",
        r"(?:(?:from|via|source|read (?:more|full story|the rest|original)(?: at| on)?)\s*:?\s+.{0,100}?)?\s*(?:https?://|www\.)\S+",
    ),
    ("feed_link", r"the post .{3,300} (?:first )?appeared (?:first )?on .{2,80}"),
    (
        "copyright",
        r"(?=.{0,400}\Z)\W*(?:©|\(c\)\s|copyright\b|all rights reserved).{0,400}|(?=.{0,300}\Z).{0,120}(?:©|\(c\)\s*\d{4}|all rights reserved).{0,200}",
    ),
    (
        "syndication_note",
        r"(?=.{0,400}\Z)\W*(?:(?:\w+ ){0,3}(?:this|the) (?:story|article|report|copy|post|content|news)|except for the headline,? this story).{0,120}(?:syndicated feed|auto[- ]?generated|not (?:been )?edited by|wire service reports|without (?:any )?(?:edits|modifications)).{0,200}",
    ),
    (
        "agency_credit",
        r"(?=.{0,160}\Z)\W*(?:with|from)\s+(?:additional |further |more |some )?(?:inputs?|reports?|reporting|information|agency inputs?|contributions?)\s*(?:(?:from|by|of)\s+[^.!?]{2,100})?\W*",
    ),
    ("agency_credit", r"(?=.{0,160}\Z)\W*(?:with|from)\s+[^.!?]{2,80}?\s+(?:inputs?|reports?|agencies|wires?)\W*"),
    (
        "agency_credit",
        r"\W*(?:with |from )?(?:(?:news |wire |post )?agencies|wires?|wire (?:services?|reports?)|agency|(?:post|news) wires?|agency report|compiled from wire.{0,60})\W*",
    ),
    (
        "agency_credit",
        r"(?=.{0,260}\Z)\W*(?:the )?[A-Z][^!?]{1,160}?\s(?:(?:also )?contributed(?: (?:reporting )?to (?:this|the) (?:report|story|article|piece|dispatch))?)\W*|contributing:\s*.{2,120}|contributors?:\s*.{2,120}",
    ),
    ("agency_credit", r"(?=.{0,80}\Z)\W*(?:source|courtesy|agency)\s*[:–-]\s*[^.!?]{2,60}\W*"),
    (
        "reporting_credit",
        r"(?=.{0,400}\Z)\W*(?:additional\s+)?(?:reporting|writing|editing|compiled|written|edited|graphics?|translated|research)(?:(?: and|,) (?:additional )?\w+)?\s+by:?\s+[^!?]{3,380}",
    ),
    (
        "tags",
        r"(?=.{0,300}\Z)\W*(?:tags?|topics?|filed under|categories|category|keywords|labels|subjects)\s*:.{0,300}",
    ),
    (
        "contact",
        r"(?=.{0,240}\Z)\W*(?:send|contact|e-?mail|write to|reach|got a tip|tips?|have (?:a|any)|follow|the (?:writer|author)s? (?:can|may) be).{0,200}?[\w.+-]+@[\w-]+\.[\w.]+.{0,80}",
    ),
    (
        "disclaimer",
        r"(?=.{0,600}\Z)\W*(?:disclaimer\s*[:–-].{0,600}|the (?:views|opinions) expressed (?:here|in this|by|are).{0,400})",
    ),
)
