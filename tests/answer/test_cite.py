"""A quotation is found again in the source, or it is not a citation."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.answer.cite import find, locate
from rag.answer.compared import compared
from rag.answer.torn import torn
from rag.text.graphemes import between_characters
from rag.text.han import simplify
from rag.text.normalise import fold
from tests.answer.library import TEXTS, chunks, passage

PASSAGES = st.sampled_from(chunks())


def quoted(chunk, place):
    return chunk.text[place[0] - chunk.start : place[1] - chunk.start]


def key(text):
    return "".join(simplify(fold(text)).split())


@given(PASSAGES, st.data())
def test_any_stretch_that_a_writer_might_quote_is_found_where_it_stands(chunk, data):
    begin = data.draw(st.integers(0, len(chunk.text) - 1))
    end = data.draw(st.integers(begin + 1, len(chunk.text)))
    quote = chunk.text[begin:end].strip()
    begin = chunk.text.index(quote, begin)
    assume(quote and not torn(chunk.text, begin, begin + len(quote)))
    place = locate(quote, chunk)
    assert place and quoted(chunk, place) == quote
    assert place[0] <= chunk.start + begin


@given(PASSAGES, st.data())
def test_a_stretch_with_one_character_changed_is_never_verified(chunk, data):
    begin = data.draw(st.integers(0, len(chunk.text) - 6))
    end = data.draw(st.integers(begin + 5, min(len(chunk.text), begin + 40)))
    place = data.draw(st.integers(begin, end - 1))
    other = data.draw(st.sampled_from("0123456789三五八十百不未無没非年月日aNé한국어東西"))
    assume(not chunk.text[place].isspace())
    altered = chunk.text[begin:place] + other + chunk.text[place + 1 : end]
    assume(key(altered) not in key(chunk.text))
    assert locate(altered, chunk) is None


@given(PASSAGES, st.text(min_size=1, max_size=30))
def test_invented_words_are_never_verified(chunk, invented):
    assume(key(invented) not in key(chunk.text))
    assert locate(invented, chunk) is None


@given(PASSAGES, st.text(max_size=20))
def test_what_is_verified_reads_the_same_as_the_quotation(chunk, tail):
    for quote in (tail, chunk.text[3:12] + tail):
        place = locate(quote, chunk)
        if place:
            assert key(quote) in key(quoted(chunk, place))
            assert chunk.start <= place[0] < place[1] <= chunk.end


@pytest.mark.parametrize(
    ("quote", "original"),
    [
        ("台北门市的营业时间是上午十点", "臺北門市的營業時間是上午十點"),
        ("臺北門市", "臺北門市"),
        ("年次有給休暇は、勤続年数が", "年次有給休暇は、勤続年数が"),
        ("最大で２０日とする", "最大で20日とする"),
        ("ｴﾗｰ表示 Ｅ０３", "エラー表示 E03"),
        ("水位センサーの汚れをふき取って", "水位センサーの汚れを\nふき取って"),
        ("凭发票退货。退货时", "憑發票退貨。\n退貨時"),
        ("１５일의  유급휴가", "15일의 유급휴가"),
        ("FULL BACKUPS are\nkept for 90 days", "Full backups are kept for 90 days"),
        ("ppr－9087", "PPR-9087"),
    ],
)
def test_width_case_script_and_line_ends_are_no_difference_and_the_original_is_returned(quote, original):
    found = [(chunk, place) for chunk in chunks() if (place := locate(quote, chunk))]
    assert [quoted(chunk, place) for chunk, place in found] == [original]


@pytest.mark.parametrize("quote", ["", "  \n", "七天\x00年假", "最大で30日とする", "유급 휴가를", "90days"])
def test_what_is_not_there_is_not_found(quote):
    assert not any(locate(quote, chunk) for chunk in chunks())


def test_a_line_end_inside_a_word_of_the_source_is_no_difference():
    hit = passage("The infra-\nstructure team keeps\nit. 유급휴\n가를 준다.", "en")
    assert locate("유급휴가를 준다", hit.chunk) is not None
    assert locate("keeps it", hit.chunk) is not None


def test_the_offsets_of_decomposed_characters_are_those_of_the_source():
    text = "か\u3099くせいは\u202810日です。"
    hit = passage(text, start=7)
    place = locate("がくせい", hit.chunk)
    assert place == (7, 12) and text[: place[1] - 7] == "か\u3099くせい"


def found_in(text, quote):
    hit = passage(text, start=0)
    found = find(quote, hit.chunk)
    return found and (found.match, text[found.start : found.end])


@pytest.mark.parametrize(
    ("text", "quote", "original"),
    [
        ("彼は「行く『今』」と。", "彼は“行く‘今’”と", "彼は「行く『今』」と"),
        ('say "yes" now', "say “yes” now", 'say "yes" now'),
        ("don't stop", "don’t stop", "don't stop"),
        ("2019－2020年——至今", "2019–2020年—至今", "2019－2020年——至今"),
        ("等待……然后", "等待…然后", "等待……然后"),
        ("等待...然后", "等待⋯然后", "等待...然后"),
        ("こゝろとみすゞと日々", "こころとみすずと日日", "こゝろとみすゞと日々"),
        ("ユーリー-ミラーの実験", "ユーリー‑ミラーの実験", "ユーリー-ミラーの実験"),
        ("コンピュ−タを買う", "コンピュータを買う", "コンピュ−タを買う"),
        ("か\u3099くせい", "がくせい", "か\u3099くせい"),
        ("한국어를 쓴다", "\u1112\u1161\u11ab\u1100\u116e\u11a8어를 쓴다", "한국어를 쓴다"),
        ("数\u200b据库\u2060的", "数据库的", "数\u200b据库\u2060的"),
        ("３㌔まで", "3キロまで", "３㌔まで"),
        ("⻑崎と⼤阪", "長崎と大阪", "⻑崎と⼤阪"),
        ("皇后与後日", "皇后與后日", "皇后与後日"),
        ("CO₂を１０㎡に", "CO2を10m2に", "CO₂を１０㎡に"),
        ("面積46m²の家", "面積46M²の家", "面積46m²の家"),
        ("infra-\nstructure team", "infrastructure team", "infra-\nstructure team"),
        ("Mix of\nline ends\u3000here", "mix of line ends here", "Mix of\nline ends\u3000here"),
        ("유급휴\n가를 준다\n그리고", "유급휴가를 준다 그리고", "유급휴\n가를 준다\n그리고"),
    ],
)
def test_spellings_of_one_thing_are_found_folded_and_the_original_is_returned(text, quote, original):
    assert found_in(text, quote) == ("folded", original)
    assert found_in(text, original) == ("exact", original)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("はしを渡る", "ばしを渡る"),
        ("ハードのロ一ル", "ハードの口ール"),
        ("タ一ン二回", "ターン二回"),
        ("ニつの力", "ニつのカ"),
        ("O2の濃度", "02の濃度"),
        ("10²個ある", "102個ある"),
        ("x²の値", "x2の値"),
        ("2½カップ", "21/2カップ"),
        ("未満の値", "末満の値"),
        ("己の日曜", "已の日曜"),
        ("가각을 본다", "가가을 본다"),
        ("now\nhere else", "nowhere else"),
        ("12\n34号", "1234号"),
        ("日々の生活", "日の生活"),
        ("こゝろの声", "ろの声を"),
        ("`a*b` ** c", "a b c"),
        ("年假为7天", "年假为 ７ 日"),
        ("髮型設計師", "發型設計師"),
        ("髪型の設計", "発型の設計"),
        ("臺風警報", "颱風警報"),
    ],
)
def test_what_only_looks_alike_is_not_found(text, quote):
    assert found_in(text, quote) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("３㌔まで", "キ"),
        ("３㌔まで", "ロまで"),
        ("か\u3099くせい", "か"),
        ("葛\u3099城", "葛"),
        ("旗は🇯🇵だ", "🇵だ"),
        ("👨\u200d👩と行く", "👩と行く"),
        ("こゝろ", "ころ"),
        ("\u1100\u1161\u11a8을", "\u1100\u1161"),
    ],
)
def test_a_quotation_never_begins_or_ends_inside_a_character(text, quote):
    assert found_in(text, quote) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("手当は15日分", "5日分"),
        ("手当は115日分", "手当は11"),
        ("二十五日まで", "五日まで"),
        ("三百万円を払う", "百万円を払う"),
        ("15万円を払う", "手当は15"),
        ("￥12,000を払う", "000を払う"),
        ("値は3.14です", "値は3"),
        ("10:30に始まる", "30に始まる"),
        ("気温は-5度です", "5度です"),
        ("気温はマイナス5度です", "5度です"),
        ("室外零下10度左右", "10度左右"),
    ],
)
def test_a_quotation_never_begins_or_ends_inside_a_number(text, quote):
    assert found_in(text, quote) is None


@pytest.mark.parametrize("text", ["发型设计师", "髮型設計師", "髪型設計師"])
def test_the_simplified_form_of_two_words_is_either(text):
    assert found_in(text, "发型设计师")


@pytest.mark.parametrize(
    "quote",
    [
        "ranted access to all",
        "access to all document",
        "granted access to al",
        "PIs in",
    ],
)
def test_a_quotation_never_begins_or_ends_inside_a_word_of_the_west(quote):
    assert found_in("He was granted access to all documents and APIs in use.", quote) is None


def test_a_single_word_stands_for_its_forms_and_may_be_part_of_a_name():
    assert found_in("Set the timeouts of TracerProvider.", "timeout") == ("exact", "timeout")
    assert found_in("Set the timeouts of TracerProvider.", "Provider") == ("exact", "Provider")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("员工不可以在会议室内用餐。", "可以在会议室内用餐"),
        ("未经批准进入机房的", "批准进入机房的人"[:-1]),
        ("没有提交书面申请的人", "提交书面申请的人"),
        ("館內不得使用閃光燈攝影", "使用閃光燈攝影"),
        ("第三者に再委託することはできない。", "第三者に再委託することはでき"),
        ("書面を提出しません。", "の書面を提出し"[1:]),
        ("대형견은 함께 탈 수 없다.", "대형견은 함께 탈 수"),
        ("정보를 외부에 제공하지 않는다.", "정보를 외부에 제공하지"),
        ("회비는 안 돌려준다고 합니다.", "돌려준다고 합니다"),
        ("She is not allowed to sign.", "allowed to sign"),
        ("It cannot be installed outdoors.", "installed outdoors"),
        ("They are unable to connect here.", "able to connect here"),
        ("Smoking is not allowed.", "Smoking is"),
        ("誰でも無料で利用できるわけではない。", "無料で利用できる"),
    ],
)
def test_a_quotation_is_never_cut_off_from_what_negates_it(text, quote):
    assert found_in(text, quote) is None
    assert found_in(text, text.rstrip("。.")) is not None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("如有不便，敬请谅解并联系我们", "敬请谅解并联系我们"),
        ("是非ご利用ください皆様", "ご利用ください皆様"),
        ("次の文。ない場合は連絡する。", "ない場合は連絡する"),
        ("電池は保証対象ではない", "保証対象"),
        ("배터리는 보증 대상이 아니다", "보증 대상"),
        ("6개월 동안 보증 수리를 제공한다", "보증 수리를 제공한다"),
        ("PPR-9087の消費電力", "9087の消費電力"),
        ("3月から5月まで", "5月まで"),
        ("第3条，100元以上", "100元以上"),
    ],
)
def test_other_words_beside_a_quotation_do_not_matter(text, quote):
    assert found_in(text, quote) == ("exact", quote)


@given(PASSAGES, st.data())
def test_what_is_found_reads_alone_as_it_reads_in_the_text(chunk, data):
    """The stretch that is returned, compared by itself, is the quotation compared by itself."""
    begin = data.draw(st.integers(0, len(chunk.text) - 1))
    quote = unicodedata.normalize("NFKD", chunk.text[begin : begin + 20]).upper().strip()
    found = find(quote, chunk) if quote else None
    if found:
        alone = chunk.text[found.start - chunk.start : found.end - chunk.start]
        assert compared(alone).letters == compared(quote).letters
        assert between_characters(chunk.text, found.start - chunk.start)
        assert between_characters(chunk.text, found.end - chunk.start)


def test_the_library_has_all_languages():
    assert {lang for lang, _, _ in TEXTS} == {"zh-Hans", "zh-Hant", "ja", "ko", "en"}
