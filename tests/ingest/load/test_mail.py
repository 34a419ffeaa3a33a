"""Messages are read under their subject, in whatever charset their program wrote, with what is attached."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings

from ingest.load import mail as loader
from ingest.load import parse
from rag.errors import DocumentError
from rag.types import Document
from tests.helpers.reading import LANGUAGES, blocks, damaged, place_of, survives

CHARSETS = {"zh-Hans": "gb2312", "zh-Hant": "big5", "ja": "iso-2022-jp", "ko": "ks_c_5601-1987"}


def message(text: str, subject: str = "件名", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "山田太郎 <yamada@example.jp>", "ko@example.kr"
    made["Date"] = "Sat, 31 Jan 2026 09:00:00 +0900"
    for key, value in headers.items():
        made[key] = value
    made.set_content(text)
    return made


def eml(raw: bytes) -> Document:
    return parse(raw, name="a.eml")


def test_a_message_is_read_under_its_subject_with_sender_and_date():
    document = eml(message("こんにちは。\n二行目。\n\n> 引用\n> 続き\n返事です。\n").as_bytes())
    assert blocks(document) == [
        ("heading", "件名"),
        ("paragraph", "From: 山田太郎 <yamada@example.jp>\nTo: ko@example.kr\nDate: 2026-01-31 09:00+09:00"),
        ("paragraph", "こんにちは。\n二行目。"),
        ("quote", "> 引用\n> 続き"),
        ("paragraph", "返事です。"),
    ]
    assert (document.title, document.meta) == ("件名", {"date": "2026-01-31", "author": "山田太郎"})


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("said", ["right", "none", "unknown-8bit", "us-ascii", "utf-8"])
def test_what_a_message_says_of_its_charset_is_a_hint(lang, said):
    codec, sentence = LANGUAGES[lang]
    label = CHARSETS[lang] if said == "right" else said
    codec = "iso2022_jp" if label == "iso-2022-jp" else codec
    line = f"Content-Type: text/plain; charset={label}\n".encode() if said != "none" else b""
    raw = b"Subject: x\n" + line + b"Content-Transfer-Encoding: 8bit\n\n" + sentence.encode(codec)
    assert blocks(eml(raw))[-1] == ("paragraph", sentence)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?gb2312?B?" + base64.b64encode("关于朱镕基".encode("gb18030")).decode() + "?=", "关于朱镕基"),
        ("=?iso-2022-jp?B?" + base64.b64encode(b"\x1b$B-!-j\x1b(B").decode() + "?=", "①㈱"),
        ("=?ks_c_5601-1987?Q?=C8=B8=C0=C7?= 1", "회의 1"),
        ("Re: =?x-unknown?B?" + base64.b64encode("會議通知".encode()).decode() + "?=", "Re: 會議通知"),
        ("=?UTF-8*ja?Q?a_=E8=A1=A8?=", "a 表"),
        ("=?utf-8?B?!!!?=", ""),
    ],
)  # fmt: skip
def test_encoded_words_of_a_subject_are_decoded(raw, text):
    assert text in eml(f"Subject: {raw}\n\n本文です。".encode()).text


@pytest.mark.parametrize("cut", [1, 2, 4, 5])
def test_a_subject_may_be_parted_inside_a_character(cut):
    data = "日本語の件名".encode()
    words = [base64.b64encode(one).decode() for one in (data[:cut], data[cut:])]
    raw = "\r\n ".join(f"=?UTF-8?B?{one}?=" for one in words)
    assert eml(f"Subject: {raw}\r\n\r\nx".encode()).title == "日本語の件名"


def test_a_subject_in_raw_bytes_is_read():
    assert eml("Subject: 회의 일정 안내입니다\n\n본문입니다.".encode("cp949")).title == "회의 일정 안내입니다"


def test_flowed_lines_are_joined():
    raw = "Subject: x\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n"
    raw += "長い \n段落。\n> 引用の \n> 続き。\n-- \n署名"
    assert [text for _, text in blocks(eml(raw.encode()))[1:]] == ["長い段落。", "> 引用の続き。", "--\n署名"]


def test_plain_text_is_preferred_and_html_read_where_there_is_none():
    both = message("平文です。")
    both.add_alternative("<p>HTMLです。</p>", subtype="html")
    assert "平文" in eml(both.as_bytes()).text and "HTML" not in eml(both.as_bytes()).text
    only = MIMEText("<html><body><p>第一段<br>换行</p><ul><li>项目</ul></body></html>", "html", "gb2312")
    assert blocks(eml(only.as_bytes()))[-2:] == [("paragraph", "第一段\n换行"), ("list", "- 项目")]


@pytest.mark.parametrize("related", [False, True])
def test_html_is_read_where_the_plain_text_only_points_at_it(related):
    stub = message("This is a multi-part message in HTML format.")
    stub.add_alternative("<p>" + "本文はHTMLにだけあります。" * 20 + "</p>", subtype="html")
    if related:
        stub.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<a>")
    text = eml(stub.as_bytes()).text
    assert "本文はHTMLにだけあります。" in text and "multi-part" not in text


def test_attached_files_are_members_with_their_names():
    made = message("添付します。")
    made.add_attachment("a,b\n1,2\n", subtype="csv", filename="売上.csv")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline", cid="<1>")
    made.add_attachment(message("転送された本文。", "転送"))
    raw = made.as_bytes() + b""
    old = MIMEText("本文", "plain", "iso-2022-jp")
    word = base64.b64encode("資料.txt".encode("iso2022_jp")).decode()
    old.add_header("Content-Disposition", "attachment", filename=f"=?ISO-2022-JP?B?{word}?=")
    mixed = MIMEMultipart()
    mixed.attach(old)
    members = list(loader.load(raw, "a.eml").members)
    assert [(one.name, one.data[:3]) for one in members][:1] == [("売上.csv", b"a,b")]
    assert members[1].name.endswith(".eml") and eml(members[1].data).title == "転送" and len(members) == 2
    assert [one.name for one in loader.load(mixed.as_bytes(), "a.eml").members] == ["資料.txt"]


def test_the_messages_of_a_box_are_places_of_one_document():
    letters = (message(f"{n}通目の本文。\n\n>From は直す。\n", f"件名{n}") for n in "一二三")
    box = b"".join(b"From a@b Sat Jan 31 09:00:00 2026\n" + one.as_bytes() + b"\n" for one in letters)
    document = parse(box, name="受信.mbox")
    assert [text for kind, text in blocks(document) if kind == "heading"] == ["件名一", "件名二", "件名三"]
    assert place_of(document, "二通目の本文") == "message 2"
    assert (document.title, document.meta) == ("受信", {})


@pytest.mark.parametrize(
    "raw",
    [
        b'Subject: x\nContent-Type: application/pkcs7-mime; name="smime.p7m"\n\nMIAG',
        b'Subject: x\nContent-Type: multipart/encrypted; boundary="b"\n\n--b\n\nVersion: 1\n--b--\n',
        b"Subject: x\n\n-----BEGIN PGP MESSAGE-----\nhQEMA\n-----END PGP MESSAGE-----\n",
    ],
)
def test_an_encrypted_message_is_said_to_be_so(raw):
    with pytest.raises(DocumentError) as caught:
        eml(raw)
    assert caught.value.code == "encrypted"


def test_parts_nested_beyond_measure_are_no_crash():
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    survives(b"Subject: x\n" + raw, "a.eml")


@settings(max_examples=50, deadline=None)
@given(damaged(message("本文です。").as_bytes() + b"\n\nFrom x\nA: b\n\nc"))
def test_damaged_messages_are_read_or_refused(data):
    survives(data, "a.eml")
    survives(b"From a@b\n" + data, "a.mbox")
