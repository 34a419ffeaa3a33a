"""A sentence copied without quotation marks stands or falls with what was changed in it."""

import pytest

from rag.answer.copied import miscopied
from rag.answer.figures import number

LEAVE = "入职满一年的员工每年享有七天带薪年假；满五年的，每年享有十二天。"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("入职满一年的员工每年享有八天带薪年假", LEAVE),
        ("按手册，入职满一年的员工每年享有七天带薪年假；满五年的，每年享有十三天", LEAVE),
        ("入职满一年的员工每年享有十二天带薪年假；满五年的，每年享有七天", LEAVE),
        ("入职满一年的员工每年不享有七天带薪年假", LEAVE),
        ("入职满一年的董事每年享有七天带薪年假", LEAVE),
        ("入职满一年的工员每年享有七天带薪年假", LEAVE),
        ("入職滿一年的員工每年享有七天帶薪病假", LEAVE),
        ("手册规定，2082年4月起试行新的考勤办法", "2012年4月起试行新的考勤办法。"),
        ("新的考勤办法试行至4月30日，之后另行通知", "新的考勤办法试行至4月13日。"),
        ("逾期须由部门总裁批准", "逾期须由部门总监批准。"),
        ("駐車場の利用には総務部の許可は必要ではありません", "駐車場の利用には、総務部の許可が必要です。"),
        ("申請は四日前までに行います", "申請は三日前までに行ってください。"),
        (
            "회사는 이용자의 동의 없이 개인정보를 제공한다",
            "회사는 이용자의 동의 없이 개인정보를 제공하지 않는다.",
        ),
        ("Full backups are kept for 60 days", "Full backups are kept for 90 days."),
        ("Full backups are never kept for 90 days", "Full backups are kept for 90 days."),
        ("Full restores are kept for 90 days", "Full backups are kept for 90 days."),
    ],
)
def test_a_changed_figure_negation_or_word_in_a_copy_is_noticed(statement, sentence):
    assert miscopied(statement, sentence)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (LEAVE, LEAVE),
        ("员工每年享有7天带薪年假", LEAVE),
        ("根据手册，入职满一年的员工每年可享有七天的带薪年假", LEAVE),
        ("满五年每年享有十二天", LEAVE),
        ("申請は三日前までに行います", "申請は三日前までに行ってください。"),
        ("駐車場には総務部の許可が必要です", "駐車場の利用には、総務部の許可が必要です。"),
        ("배터리는 소모품이라 6개월 동안만 보증된다", "배터리는 소모품이므로 6개월 동안만 보증합니다."),
        ("A full backup is kept for 90 days", "Full backups are kept for 90 days."),
        ("The leave policy was rewritten last year", "Full backups are kept for 90 days."),
        ("", LEAVE),
    ],
)
def test_copies_condensed_sentences_and_other_words_are_left_to_the_comparison_of_terms(statement, sentence):
    assert not miscopied(statement, sentence)


@pytest.mark.parametrize(
    ("numeral", "digits"), [("一百五十八", "158"), ("007", "7"), ("3.50", "3.50"), ("二〇二六", "2026")]
)
def test_numerals_are_read_by_their_worth(numeral, digits):
    assert number(numeral) == digits
