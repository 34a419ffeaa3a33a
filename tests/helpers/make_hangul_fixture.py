"""Writes tests/fixtures/hangul.hwp with jakal-hwpx (MIT), whose template the Hangul word processor saved.

pip install jakal-hwpx==1.0 && python -m tests.helpers.make_hangul_fixture
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

TARGET = Path(__file__).parents[1] / "fixtures" / "hangul.hwp"


def main() -> None:
    document = import_module("jakal_hwpx").HwpDocument.blank()
    document.append_paragraph("연차 유급휴가는 최대 20일로 한다. 漢字와 日本語のかな")
    document.append_table(rows=2, cols=2, cell_texts=[["구분", "일수"], ["결혼", "5일"]])
    document.append_footnote("근로기준법 제60조")
    document.append_hyperlink("https://example.com", text="연결 글")
    document.append_memo("숨은 메모")
    document.append_header("쪽 머리말")
    document.append_shape(kind="rect", text="글상자 내용")
    document.append_paragraph("끝 문단")
    document.save(TARGET)


if __name__ == "__main__":
    main()
