"""The dateline that opens a report: where it was filed, and the agency that filed it."""

import re
from dataclasses import dataclass

# A place in capitals, with country or state in any case and a date: "KABUL, Afghanistan, Sept 4 (Reuters) - ", "WASHINGTON: ".
_DATE = r"(?:,?\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}(?:,?\s+\d{4})?|,?\s+\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?(?:,?\s+\d{4})?)?"
_CAPITALS = r"[A-ZÀ-Þ][A-ZÀ-Þ.’'-]*(?:[ /][A-ZÀ-Þ][A-ZÀ-Þ.’'-]*){0,3}"
_MIXED = r"[A-ZÀ-Þ][\wÀ-ÿ.’'-]*(?:[ /][A-ZÀ-Þ][\wÀ-ÿ.’'-]*){0,2}"
_REGION = rf"(?:,\s+{_MIXED})?"
_DASH = r"\s*(?:[-–—]{1,2}|:)\s+"
_AGENCY = r"\s*\((?P<agency>[^()]{2,40})\)"
_PATTERNS = (
    re.compile(rf"^(?P<place>{_CAPITALS}){_REGION}{_DATE}{_AGENCY}(?:{_DASH}|\s+)"),
    re.compile(rf"^(?P<place>{_MIXED}){_REGION}{_DATE}{_AGENCY}{_DASH}"),
    re.compile(rf"^(?P<place>{_CAPITALS}){_REGION}{_DATE}{_DASH}(?=[A-Z“\"‘'À-Þ\d])"),
    re.compile(rf"^\((?P<agency>[A-Za-z ]{{2,30}})\)\s*(?:{_DASH})?(?=[A-Z“\"])"),
)
_NEEDS_CITY = re.compile(rf"^(?P<place>{_MIXED}){_REGION}{_DATE}{_DASH}(?=[A-Z“\"‘'])")
# Words in capitals before a colon or dash that are labels, not places.
_LABELS = frozenset(
    """UPDATE UPDATED BREAKING EXCLUSIVE ANALYSIS OPINION EDITORIAL LIVE VIDEO WATCH PHOTOS NEWS FACT EXPLAINER CORRECTION NOTE QUESTION ANSWER Q A HOST
    DISCLAIMER MORE READ RELATED ALSO SPOILER WARNING UNIDENTIFIED SPEAKER MR MS TRANSCRIPT FACTBOX TIMELINE PREVIEW REVIEW FEATURE COLUMN ADVISORY
    WRAPUP INSIGHT SPECIAL REPORT EDITOR'S EDITOR’S NPR CNN PBS VOICEOVER NARRATOR POLL URGENT FILE INDICATOR PHOTO PHOTOS BACKGROUND SUMMARY KEY""".split()  # noqa: SIM905
)
# Cities that newsrooms write in mixed case before a colon; the seats of government and press of the most reported states.
_CITIES = frozenset(
    """Islamabad|Karachi|Lahore|Peshawar|Quetta|Rawalpindi|Multan|Faisalabad|Muzaffarabad|New Delhi|Delhi|Mumbai|Kolkata|Chennai|Bengaluru|Bangalore|Hyderabad|Srinagar
    |Jammu|Lucknow|Patna|Ahmedabad|Chandigarh|Pune|Bhopal|Jaipur|Guwahati|Ranchi|Raipur|Thiruvananthapuram|Kochi|Dhaka|Kathmandu|Colombo|Kabul|Kandahar|Herat|Tehran|Baghdad
    |Damascus|Beirut|Amman|Jerusalem|Tel Aviv|Gaza|Gaza City|Ramallah|Cairo|Riyadh|Jeddah|Dubai|Abu Dhabi|Doha|Kuwait City|Manama|Muscat|Sanaa|Aden|Ankara|Istanbul|Moscow|Kyiv
    |Kiev|Minsk|Warsaw|Berlin|Paris|London|Brussels|Geneva|Vienna|Rome|Vatican City|Madrid|Lisbon|Athens|Budapest|Prague|Stockholm|Oslo|Copenhagen|Helsinki|Dublin|The Hague
    |Strasbourg|Washington|Washington DC|New York|United Nations|Los Angeles|Chicago|Ottawa|Toronto|Mexico City|Havana|Caracas|Bogota|Lima|Quito|Santiago|Buenos Aires|Brasilia
    |Sao Paulo|Rio de Janeiro|Beijing|Shanghai|Hong Kong|Taipei|Tokyo|Seoul|Pyongyang|Manila|Jakarta|Kuala Lumpur|Singapore|Bangkok|Hanoi|Yangon|Phnom Penh|Canberra|Sydney
    |Melbourne|Wellington|Nairobi|Addis Ababa|Khartoum|Juba|Kampala|Kigali|Kinshasa|Lagos|Abuja|Accra|Dakar|Bamako|Niamey|Tripoli|Tunis|Algiers|Rabat|Mogadishu|Harare|Lusaka
    |Johannesburg|Pretoria|Cape Town|Dar es Salaam|Tbilisi|Yerevan|Baku|Tashkent|Astana|Bishkek|Dushanbe|Ashgabat|Male|Thimphu""".replace(
        "\n    ", ""
    ).split("|")
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline: the place as written (title case where it stood in capitals) and the agency in brackets, each None where absent.

    `method` is what told it: agency (one in brackets), capitals, city (a known one in mixed case); None without a dateline.
    """

    place: str | None
    agency: str | None
    method: str | None = None


def dateline(line: str) -> Dateline:
    """Read the dateline at the start of a line; the line itself is left as it is."""
    for pattern in _PATTERNS:
        if (match := pattern.match(line)) is not None:
            place = match.groupdict().get("place")
            if place is None or not _is_label(place):
                agency = match.groupdict().get("agency")
                return Dateline(_cased(place), agency, "agency" if agency else "capitals")
    match = _NEEDS_CITY.match(line)
    return (
        Dateline(match.group("place"), None, "city")
        if match is not None and match.group("place") in _CITIES
        else Dateline(None, None)
    )


def _is_label(place: str) -> bool:
    # A place has letters enough, and none of its words is a label's ("FACT CHECK:", "EDITOR'S NOTE:").
    return len(place.replace(".", "")) < 3 or any(word.strip(".") in _LABELS for word in place.split())


def _cased(place: str | None) -> str | None:
    if place is None or not place.isupper() or "." in place:
        return place
    return " ".join(word if word in {"DC", "UN"} else word.title() for word in place.split(" "))
