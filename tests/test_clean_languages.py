"""Text in any language passes through reading, cleaning and both dedupes unharmed, and carries its language with a confidence."""

import io
import json
import unicodedata

import pyarrow as pa
import pytest
from cleaning import SETTINGS, cleaned

from transforms.clean.language import language
from transforms.dedupe.near import near_copies
from transforms.read import read
from transforms.records import CleanRecord, RawRecord
from transforms.text import canonical_text, text_id

TEXTS = {
    "ar": "صوّت مجلس الميناء يوم الاثنين لصالح إغلاق سوق السمك القديم، منهيًا نزاعًا استمر قرابة ثلاث سنوات. وقال التجار إنهم مُنحوا أربعة أسابيع لنقل بسطاتهم إلى القاعة الجديدة. ورفضت المتحدثة باسم المجلس التعليق على مصير المبنى بعد رحيل آخر تاجر، مضيفة أن القرار سيُنشر في الصحيفة الرسمية خلال أيام.",
    "hi": "बंदरगाह परिषद ने सोमवार को पुराने मछली बाज़ार को बंद करने के पक्ष में मतदान किया, जिससे लगभग तीन वर्षों से चल रहा विवाद समाप्त हो गया। व्यापारियों ने कहा कि उन्हें अपनी दुकानें नए हॉल में ले जाने के लिए चार सप्ताह दिए गए हैं। परिषद की प्रवक्ता ने यह बताने से इनकार कर दिया कि इमारत का क्या होगा।",
    "zh": "港务委员会周一投票决定关闭旧鱼市场，结束了持续近三年的争端。商贩们表示，他们有四周时间将摊位搬到新大厅，而那里还没有冷库。委员会发言人拒绝透露最后一位商贩离开后大楼将作何用途，只说决定将在几天内公布，并会听取居民的意见。",
    "ru": "Портовый совет в понедельник проголосовал за закрытие старого рыбного рынка, положив конец спору, который длился почти три года. Торговцы сообщили, что им дали четыре недели на переезд в новый зал, где пока нет холодильной камеры. Представительница совета отказалась говорить, что станет со зданием.",
    "th": "สภาท่าเรือลงมติเมื่อวันจันทร์ให้ปิดตลาดปลาเก่า ยุติข้อพิพาทที่ดำเนินมาเกือบสามปี พ่อค้าแม่ค้ากล่าวว่าพวกเขามีเวลาสี่สัปดาห์ในการย้ายแผงไปยังอาคารใหม่ซึ่งยังไม่มีห้องเย็น โฆษกสภาปฏิเสธที่จะบอกว่าอาคารจะเป็นอย่างไรหลังจากพ่อค้าคนสุดท้ายออกไป",
}
TITLES = {"ar": "إغلاق سوق السمك القديم", "hi": "पुराना मछली बाज़ार बंद होगा", "zh": "旧鱼市场将关闭", "ru": "Старый рыбный рынок закроют", "th": "ปิดตลาดปลาเก่า"}  # fmt: skip
LANGUAGES = pytest.mark.parametrize("lang", TEXTS)


def article(lang: str, form: str = "jsonl") -> CleanRecord:
    """Read the text of a language from a dump of a form and clean it."""
    title, body = TITLES[lang], TEXTS[lang]
    if form == "html":
        sentences = "".join(f"<p>{part}</p>" for part in body.split("\n"))
        data = f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>{title}</title></head><body><h1>{title}</h1><div>{sentences}</div></body></html>".encode()
    elif form == "text":
        data = f"{title}\n\n{body}\n".encode()
    else:
        data = (json.dumps({"id": "1", "title": title, "text": body}, ensure_ascii=form == "escaped") + "\n").encode()
    records = [record for record in read(io.BytesIO(data), "dump") if isinstance(record, RawRecord)]
    (found,) = [cleaned(record) for record in records]
    assert isinstance(found, CleanRecord), found
    return found


@LANGUAGES
@pytest.mark.parametrize("form", ["jsonl", "escaped", "text", "html"])
def test_reading_and_cleaning_change_no_letter(lang: str, form: str) -> None:
    found = article(lang, form)
    assert found.body == canonical_text(TEXTS[lang]) == unicodedata.normalize("NFC", TEXTS[lang])
    assert found.title == TITLES[lang]
    assert found.content_type == "news"
    assert {text for _, text in found.removed} <= {TITLES[lang]}


@LANGUAGES
def test_the_language_is_known_with_a_confidence(lang: str) -> None:
    assert (article(lang).lang, language(TEXTS[lang], SETTINGS)[0]) == (lang, lang)
    confidence = article(lang).lang_confidence
    assert confidence is not None and 0.9 <= confidence <= 1.0


@LANGUAGES
def test_composed_and_decomposed_letters_are_one_text(lang: str) -> None:
    record = RawRecord("1", 0, 1, {"title": TITLES[lang], "body": unicodedata.normalize("NFD", TEXTS[lang])})
    found = cleaned(record)
    assert isinstance(found, CleanRecord) and text_id(found.body) == text_id(article(lang).body)


def groups(bodies: dict[str, str]) -> dict[str, str]:
    table = pa.table({"text_id": list(bodies), "body": list(bodies.values())})
    found = near_copies(table).groups
    return dict(zip(found["text_id"].to_pylist(), found["text_group_id"].to_pylist(), strict=True))


def test_texts_of_one_language_are_not_copies_of_each_other_and_near_copies_are() -> None:
    bodies = {f"t_{lang}": TEXTS[lang] for lang in TEXTS} | {"t_ru2": f"{TEXTS['ru']} Решение опубликуют в среду."}
    found = groups(bodies)
    assert found["t_ru"] == found["t_ru2"]
    assert len(set(found.values())) == len(TEXTS)


@pytest.mark.parametrize("lang", ["ar", "hi", "zh", "th"])
def test_a_near_copy_is_one_in_scripts_of_their_own(lang: str) -> None:
    longer = "\n".join([TEXTS[lang]] * 1 + [TITLES[lang]])
    found = groups({"t_a": TEXTS[lang], "t_b": longer})
    assert found["t_a"] == found["t_b"]
