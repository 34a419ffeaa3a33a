"""What stands around the content of a web page: navigation, banners, share buttons, what is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

NEVER: Final = frozenset(
    re.findall(
        r"[\w-]+",
        """head script style template noscript iframe svg canvas object select textarea dialog datalist
        noframes annotation annotation-xml""",
    )
)
"""Elements whose text no reader sees."""

_AROUND: Final = frozenset({"nav", "header", "footer", "aside"})
_ROLES: Final = frozenset(
    re.findall(r"\w+", "navigation banner contentinfo search complementary menu menubar toolbar dialog")
)
_KEPT_IN_ARTICLES: Final = frozenset({"header", "footer", "aside", "banner", "complementary", "contentinfo"})
_INVISIBLE = re.compile(
    r"""(?ix)display\s*:\s*none | visibility\s*:\s*hidden | mso-hide\s*:\s*all
    | font-family\s*:\s*["']?(?:wingdings|webdings|symbol)\b  # letters that stand for bullets and arrows
    """
)
_SURE = re.compile(
    r"""(?x)
    (?:(?:site|page|global|main|top|bottom|sub|header|footer|primary|secondary|local|g|l)[-_]?)?
        (?:nav|navi|navbar|navigation|gnavi|lnavi)
    | (?:bread|topic|pan)[-_]?(?:crumbs?|path)s?(?:[-_]\w+)? | pankuzu
    | (?:site|page|global|main)[-_]?(?:header|footer) | footer
    | (?:cookie|gdpr|consent)[-_]?(?:s|banner|bar|notice|consent|popup|modal|message|law[-_]info)?
    | onetrust[-\w]* | cookiebot\w*
    | (?:social|sns|share|sharing)[-_]?(?:buttons?|links?|icons?|bar|list|area|box|tools?|media|share)?
    | sharedaddy | addtoany[-_\w]* | addthis[-_\w]* | jp-relatedposts
    | (?:pagination|pager|paging|page[-_]?nav\w*) | prev[-_]?next | post[-_]?nav\w*
    | skip[-_]?(?:to|nav|link|content|main)[-_\w]*
    | sr[-_]only | visually[-_]?hidden | screen[-_]reader[-_]text
    | mw-editsection | mw-jump-link | navbox | printfooter | catlinks | headerlink
    | ads? | adsbygoogle | advert(?:isement|s)? | ad[-_](?:container|banner|slot|unit|wrapper|area)
    """
)
_LIKELY = re.compile(
    r"""(?x)
    (?:global|main|top|site|side|sub|header)?[-_]?menu | side[-_]?bar | header | banner | widget(?:[-_]area)?
    | (?:related|recommend(?:ed|s)?|popular|ranking)[-_]?
      (?:posts?|links?|articles?|entr(?:y|ies)|content|items?|news|list|stories)?
    | tag[-_]?(?:list|cloud)s? | toc
    """
)
_BODY: Final = "main, article, h1, [role=main], [itemprop=articleBody]"
_MOST_JUDGED: Final = 500
_MOST_TEXT: Final = 0.4
_LINKS: Final = 0.6


def hidden(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether no reader sees the element, whatever page it is on."""
    return (
        tag in NEVER
        or ("hidden" in attributes and attributes["hidden"] != "until-found")
        or bool(_INVISIBLE.search(attributes.get("style") or ""))
    )


class Around:
    """Judges the elements of one page.

    An element that is called so by its class or id is still kept where it holds the article, a large part
    of the page's text or, for names that say less, more than links.
    """

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._total = _length(tree.body) if tree.body else 0
        self._left = _MOST_JUDGED
        self._has_article = tree.css_first("main, article, [role=main]") is not None

    def holds(
        self, node: LexborNode, tag: str, attributes: Mapping[str, str | None], *, in_article: bool
    ) -> bool:
        """Whether the element is part of the surroundings; an article may have a header of its own."""
        role = (attributes.get("role") or "").lower()
        called = tag if tag in _AROUND else role if role in _ROLES else ""
        if called and (called not in _KEPT_IN_ARTICLES or not in_article):
            return not self._belongs(node, called, role)
        if tag in {"html", "body", "main", "article"}:
            return False
        if attributes.get("aria-hidden") == "true":
            return not self._weighs(node)
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower().split()
        if any(_SURE.fullmatch(one) for one in names):
            return not self._weighs(node)
        return any(_LIKELY.fullmatch(one) for one in names) and not self._weighs(node) and _linked(node)

    def _belongs(self, node: LexborNode, called: str, role: str) -> bool:
        """Whether a page header or an aside is part of the text: a title, a note, a remark beside it."""
        if called in {"header", "banner"}:
            return self._heads(node)
        if called in {"aside", "complementary"}:
            return role.startswith("doc-") or not (self._has_article or _linked(node))
        return False

    def _weighs(self, node: LexborNode) -> bool:
        self._left -= 1
        if self._left < 0:
            return True
        return _length(node) > max(_MOST_TEXT * self._total, 1) or node.css_first(_BODY) is not None

    def _heads(self, node: LexborNode) -> bool:
        """Whether a page header is where the title of the text stands: a heading that is no link home."""
        self._left -= 1
        title = node.css_first("h1") if self._left >= 0 else None
        return title is not None and not _linked(title) and node.css_first("nav, form") is None


def _length(node: LexborNode) -> int:
    return len("".join(node.text().split()))


def _linked(node: LexborNode) -> bool:
    """Whether most of the text is links and buttons."""
    links = sum(_length(one) for one in node.css("a, button"))
    return links >= _LINKS * _length(node)
