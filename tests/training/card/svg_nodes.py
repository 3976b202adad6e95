"""The elements of a drawing, parsed as XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

NAMESPACE = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    """The root of an SVG; fails where it is not well formed."""
    return ET.fromstring(svg)  # noqa: S314 - our own


def nodes(svg: str, tag: str) -> list[ET.Element]:
    return [*parsed(svg).iter(f"{NAMESPACE}{tag}")]


def tip(node: ET.Element) -> str | None:
    return node.findtext(f"{NAMESPACE}title")
