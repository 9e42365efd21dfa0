"""Page tree: the text of a filled template becomes the tree of elements that is laid out.

A page that begins with an XML declaration is read by the reader of XML, which takes a twentieth
of the time; one that does not, or that is not well-formed after all, as browsers read HTML.
"""

from __future__ import annotations

from xml.etree import ElementTree

from cssselect2 import ElementWrapper
from weasyprint import HTML
from weasyprint.urls import URLFetcher

_DECLARED = "<?xml"
_ROW_GROUPS = ("thead", "tbody", "tfoot")


def page_tree(text: str, urls: URLFetcher) -> HTML:
    """The page as WeasyPrint takes it, with all that it asks for fetched by `urls`."""
    root = _root(text) if text.startswith(_DECLARED) else None
    return HTML(string=text, url_fetcher=urls) if root is None else _Parsed(root, urls)


class _Parsed(HTML):  # type: ignore[misc]  # WeasyPrint says nothing about its types
    """A page whose elements are known: WeasyPrint itself takes only text."""

    def __init__(self, root: ElementTree.Element, urls: URLFetcher) -> None:
        self.base_url = None
        self.url_fetcher = urls
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = root


def _root(text: str) -> ElementTree.Element | None:
    """The page's elements; None where a reader of HTML would understand others."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    for element in root.iter():
        if element.tag not in _ROW_GROUPS and any(child.tag == "tr" for child in element):
            return None
    return root
