"""Scripts without blanks between words: copies are found, and texts that share names and formulas are not taken for copies."""

from itertools import combinations

import pyarrow as pa
import pytest

from transforms.dedupe import near_copies
from transforms.dedupe.overlap import of_two
from transforms.text import text_id

# Reports of our own making; of each language they share an agency's opening, offices and formulas.
TEXTS = {
    "zh": [
        "新华社三月二日电 江州市政府新闻发言人周一表示，位于东岸的旧渔市将于六月底关闭，商户须在四周内迁往新址。许多摊主担心租金上涨，要求延长过渡期。市长称迁移是为了改善卫生条件，并承诺在新市场附近增设公交线路。",
        "新华社三月二日电 江州市政府新闻发言人周一表示，连接两座小岛的大桥将推迟到明年春天通车，原因是冬季海浪损坏了三处桥墩。工程师正在检查钢缆，预计修复费用约为两千万元。渡轮公司已同意增加夜间班次。",
        "新华社三月三日电 省立图书馆在地下书库发现一幅失传九十年的古地图，图上详细标出了山谷里的水井和驿站。修复人员将用一个冬天清洗纸面，计划明年五月向公众展出。历史学者认为这是铁路通车以前最精确的一幅。",
        "新华社三月三日电 南部产茶区今年降雨不足，农户估计春茶产量将减少三成。合作社开始用水车给新栽的茶树浇水，并向银行申请延期还款。气象部门说，四月中旬以前不会有大范围降水，价格可能上升。",
    ],
    "ja": [
        "【海浜共同】港町の市議会は月曜日、古い魚市場を六月末に閉鎖する案を賛成多数で可決した。業者には四週間の猶予が与えられ、新しい建物へ移ることになる。家賃の値上がりを心配する声が多く、市長は駐車場を無料にすると約束した。",
        "【海浜共同】港町の市議会は月曜日、二つの島を結ぶ橋の開通を来年の春まで延期すると発表した。冬の高波で橋脚の三か所が傷み、修理には二億円ほどかかる見通しだ。渡し船の会社は夜の便を増やすことに同意している。",
        "【海浜共同】県立図書館の地下で、九十年前に失われたとされた古い地図が見つかった。谷の井戸と宿場が細かく描かれており、鉄道が通る前のものとしては最も正確だという。修復を終えた後、来年の五月に公開される。",
        "【海浜共同】南部の茶どころでは雨が少なく、農家は新茶の収穫が三割ほど減るとみている。組合は給水車で若い木に水をやり始め、銀行に返済の猶予を求めた。気象台によると、四月の半ばまではまとまった雨は期待できない。",
    ],
    "th": [
        "สำนักข่าวชายฝั่งรายงานว่า สภาเมืองท่ามีมติเมื่อวันจันทร์ให้ปิดตลาดปลาเก่าภายในสิ้นเดือนมิถุนายน ผู้ค้ามีเวลาสี่สัปดาห์ในการย้ายไปยังอาคารใหม่ หลายคนกังวลเรื่องค่าเช่าที่สูงขึ้น ส่วนนายกเทศมนตรีรับปากว่าจะเพิ่มรถประจำทางให้ถึงหน้าตลาด",
        "สำนักข่าวชายฝั่งรายงานว่า สภาเมืองท่ามีมติเมื่อวันจันทร์ให้เลื่อนการเปิดสะพานเชื่อมสองเกาะไปเป็นฤดูใบไม้ผลิปีหน้า เพราะคลื่นลมแรงในฤดูหนาวทำให้เสาสะพานเสียหายสามต้น วิศวกรกำลังตรวจสายเคเบิล และบริษัทเรือข้ามฟากตกลงเพิ่มเที่ยวกลางคืน",
        "สำนักข่าวชายฝั่งรายงานว่า หอสมุดประจำจังหวัดพบแผนที่โบราณที่หายไปเก้าสิบปีหลังชั้นหนังสือในห้องใต้ดิน แผนที่แสดงตำแหน่งบ่อน้ำและที่พักคนเดินทางในหุบเขาอย่างละเอียด เจ้าหน้าที่จะใช้เวลาตลอดฤดูหนาวทำความสะอาดก่อนนำออกแสดงในเดือนพฤษภาคม",
        "สำนักข่าวชายฝั่งรายงานว่า แหล่งปลูกชาทางใต้มีฝนน้อยกว่าปกติ ชาวไร่คาดว่าผลผลิตจะลดลงราวหนึ่งในสาม สหกรณ์เริ่มใช้รถบรรทุกน้ำรดต้นอ่อนและขอผ่อนผันหนี้กับธนาคาร กรมอุตุนิยมวิทยาบอกว่าจะยังไม่มีฝนตกหนักก่อนกลางเดือนเมษายน",
    ],
}  # fmt: skip
ADDED = {
    "zh": "\n本报编辑补充：有关部门将在下周召开说明会。",
    "ja": "\n編集部注：関係者への説明会は来週開かれる。",
    "th": "\nหมายเหตุบรรณาธิการ จะมีการประชุมชี้แจงในสัปดาห์หน้า",
}


def groups(bodies: list[str]) -> list[str]:
    ids = [text_id(body) for body in bodies]
    found = near_copies(pa.table({"text_id": ids, "body": bodies})).groups
    group = dict(zip(*found.to_pydict().values(), strict=True))
    return [group[id_] for id_ in ids]


@pytest.mark.parametrize("lang", TEXTS)
def test_reports_with_a_formula_in_common_are_no_copies(lang: str) -> None:
    assert len(set(groups(TEXTS[lang]))) == len(TEXTS[lang])
    # The formula is a fifth of the text or less, and so is what they share.
    assert all(of_two(one, other)["containment"] < 0.3 for one, other in combinations(TEXTS[lang], 2))


@pytest.mark.parametrize("lang", TEXTS)
def test_set_otherwise_added_to_and_cut_each_stays_with_its_own(lang: str) -> None:
    bodies = TEXTS[lang]
    others = [
        [body.replace("，", ", ").replace("、", " ").replace("。", ".\n") + " ***" for body in bodies],
        [body + ADDED[lang] for body in bodies],
        [body[: int(len(body) * 0.7)] for body in bodies],
    ]
    found = [groups([*bodies, *copies]) for copies in others]
    for group in found:
        assert group[: len(bodies)] == group[len(bodies) :]
        assert len(set(group)) == len(bodies)


@pytest.mark.parametrize("lang", TEXTS)
def test_a_changed_word_leaves_most_of_a_text(lang: str) -> None:
    body = TEXTS[lang][2]
    half = len(body) // 2
    assert of_two(body, body[:half] + body[half + 2 :])["jaccard"] > 0.8
