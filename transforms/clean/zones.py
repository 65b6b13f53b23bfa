"""Time zones as newsrooms write them, read by country where one abbreviation names several."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# Minutes east of UTC of abbreviations with one meaning in news (IANA time zone database, 2026).
_OFFSETS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "MSK": 180, "TRT": 180,
    "WAT": 60, "CAT": 120, "SAST": 120, "EAT": 180, "IDT": 180, "IRST": 210, "AFT": 270, "PKT": 300, "UZT": 300, "NPT": 345, "BTT": 360,
    "MMT": 390, "ICT": 420, "WIB": 420, "HKT": 480, "SGT": 480, "MYT": 480, "PHT": 480, "AWST": 480, "JST": 540, "KST": 540,
    "AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630, "NZST": 720, "NZDT": 780, "BRT": -180, "ART": -180, "CLT": -240, "CLST": -180,
    "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "NST": -210,
}  # fmt: skip
# Zones whose letters do not say whether summer time is on.
_SEASONAL = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
# Abbreviations of several zones: the first entry is the reading without other evidence, by the number of people who live by it.
_AMBIGUOUS: dict[str, dict[str, int]] = {
    "IST": {"IN": 330, "LK": 330, "IL": 120, "IE": 60},
    "BST": {"GB": 60, "IE": 60, "BD": 360},
    "CST": {"US": -360, "CA": -360, "MX": -360, "CN": 480, "TW": 480, "HK": 480, "MO": 480, "CU": -300},
    "PST": {"US": -480, "CA": -480, "MX": -480, "PH": 480, "PK": 300},
    "AST": {"CA": -240, "SA": 180, "QA": 180, "KW": 180, "BH": 180, "IQ": 180, "YE": 180},
    "GST": {"AE": 240, "OM": 240},
    "SST": {"SG": 480, "WS": -660},
    "ADT": {"CA": -180, "IQ": 240},
    "WST": {"AU": 480, "WS": 780},
    "ECT": {"EC": -300},
    "BDT": {"BD": 360, "BN": 480},
}
# The one zone of countries that have one; used for a clock time that names none.
_COUNTRY_ZONES = {
    "IN": "Asia/Kolkata", "PK": "Asia/Karachi", "BD": "Asia/Dhaka", "NP": "Asia/Kathmandu", "LK": "Asia/Colombo", "AF": "Asia/Kabul",
    "CN": "Asia/Shanghai", "HK": "Asia/Hong_Kong", "TW": "Asia/Taipei", "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "KP": "Asia/Pyongyang",
    "SG": "Asia/Singapore", "MY": "Asia/Kuala_Lumpur", "TH": "Asia/Bangkok", "VN": "Asia/Ho_Chi_Minh", "PH": "Asia/Manila", "MM": "Asia/Yangon",
    "KH": "Asia/Phnom_Penh", "GB": "Europe/London", "IE": "Europe/Dublin", "FR": "Europe/Paris", "DE": "Europe/Berlin", "IT": "Europe/Rome",
    "NL": "Europe/Amsterdam", "BE": "Europe/Brussels", "CH": "Europe/Zurich", "AT": "Europe/Vienna", "PL": "Europe/Warsaw", "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo", "DK": "Europe/Copenhagen", "FI": "Europe/Helsinki", "CZ": "Europe/Prague", "HU": "Europe/Budapest", "RO": "Europe/Bucharest",
    "BG": "Europe/Sofia", "GR": "Europe/Athens", "RS": "Europe/Belgrade", "HR": "Europe/Zagreb", "UA": "Europe/Kyiv", "TR": "Europe/Istanbul",
    "EE": "Europe/Tallinn", "LV": "Europe/Riga", "LT": "Europe/Vilnius", "BY": "Europe/Minsk", "IL": "Asia/Jerusalem", "PS": "Asia/Gaza",
    "LB": "Asia/Beirut", "SY": "Asia/Damascus", "JO": "Asia/Amman", "IQ": "Asia/Baghdad", "IR": "Asia/Tehran", "SA": "Asia/Riyadh",
    "AE": "Asia/Dubai", "QA": "Asia/Qatar", "KW": "Asia/Kuwait", "BH": "Asia/Bahrain", "OM": "Asia/Muscat", "YE": "Asia/Aden",
    "EG": "Africa/Cairo", "LY": "Africa/Tripoli", "TN": "Africa/Tunis", "DZ": "Africa/Algiers", "MA": "Africa/Casablanca", "SD": "Africa/Khartoum",
    "NG": "Africa/Lagos", "GH": "Africa/Accra", "KE": "Africa/Nairobi", "ET": "Africa/Addis_Ababa", "UG": "Africa/Kampala", "TZ": "Africa/Dar_es_Salaam",
    "RW": "Africa/Kigali", "SO": "Africa/Mogadishu", "ZA": "Africa/Johannesburg", "ZW": "Africa/Harare", "ZM": "Africa/Lusaka", "SN": "Africa/Dakar",
    "AR": "America/Argentina/Buenos_Aires", "CO": "America/Bogota", "PE": "America/Lima", "VE": "America/Caracas", "CU": "America/Havana",
    "UY": "America/Montevideo", "BO": "America/La_Paz", "PY": "America/Asuncion", "GT": "America/Guatemala", "CR": "America/Costa_Rica",
    "JM": "America/Jamaica", "GE": "Asia/Tbilisi", "AM": "Asia/Yerevan", "AZ": "Asia/Baku", "NZ": "Pacific/Auckland",
}  # fmt: skip
_NUMERIC = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\Z", re.IGNORECASE)

NAMES = frozenset(_OFFSETS) | frozenset(_SEASONAL) | frozenset(_AMBIGUOUS)


def named_zone(name: str, country: str | None) -> tzinfo | None:
    """Return the zone that a name or offset (IST, GMT+5, +05:30) stands for in a country (ISO 3166 alpha-2), None if it is no zone.

    IST without an Israeli or Irish source is India's: of the three it is the one most people live by.
    """
    if (numeric := _NUMERIC.match(name.strip())) is not None:
        sign = -1 if numeric.group(1) == "-" else 1
        minutes = sign * (int(numeric.group(2)) * 60 + int(numeric.group(3) or 0))
        return timezone(timedelta(minutes=minutes)) if abs(minutes) <= 14 * 60 else None
    name = name.strip().upper()
    if name in _SEASONAL:
        return ZoneInfo(_SEASONAL[name])
    if name in _AMBIGUOUS:
        readings = _AMBIGUOUS[name]
        return timezone(timedelta(minutes=readings.get(country or "", next(iter(readings.values())))))
    return timezone(timedelta(minutes=_OFFSETS[name])) if name in _OFFSETS else None


def country_zone(country: str | None) -> tzinfo | None:
    """Return the zone of a country that has exactly one, else None."""
    return ZoneInfo(_COUNTRY_ZONES[country]) if country in _COUNTRY_ZONES else None


def to_utc(local: datetime, zone: tzinfo) -> datetime:
    """Return the UTC time of a clock reading in a zone; whatever zone `local` carries is ignored."""
    return local.replace(tzinfo=zone).astimezone(UTC)
