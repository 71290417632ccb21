"""The prose of the manual, from a little Markdown into mdoc(7).

The same subset as src/cli/help/prose.cpp reads: paragraphs, "# " headings, "- " items, tables, lines that
four spaces keep as they are, and `code`.
"""
import re
import textwrap

ROFF = {"\\": r"\e", "^": r"\(ha", "~": r"\(ti", "`": r"\(ga", "'": r"\(aq", "-": r"\-", '"': r"\(dq"}


def literal(text):
    """Characters that stay as they are: what somebody may type."""
    return "".join(ROFF.get(char, char) for char in text)


def inline(text):
    """Running text, with `code` in bold."""
    pieces = re.split(r"`([^`]*)`", text)
    return "".join(rf"\fB{literal(piece)}\fR" if odd % 2 else piece.replace("\\", r"\e")
                   for odd, piece in enumerate(pieces))


def lines(text):
    """Running text as lines of the source, none of which roff takes for a request."""
    wrapped = [line for sentence in re.split(r"(?<=[.!?:]) +", inline(text))
               for line in textwrap.wrap(sentence, 96, break_long_words=False, break_on_hyphens=False)]
    return [r"\&" + line if line[0] in ".'" else line for line in wrapped]


def argument(text):
    """One argument of a macro."""
    return '"' + inline(text).replace('"', '""') + '"'


def cells(row):
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def blocks(markdown):
    """Pairs of a kind and what belongs to it."""
    kind, held = None, []
    for line in markdown.splitlines() + [""]:
        if not line.strip():
            new = None
        elif line.startswith("# "):
            new = "heading"
        elif line.startswith("|"):
            new = "table"
        elif line.startswith("    "):
            new = "verbatim"
        elif line.startswith("- ") or (kind == "list" and line.startswith("  ")):
            new = "list"
        else:
            new = "paragraph"
        if new != kind or new == "heading":
            if kind is not None:
                yield kind, held
            kind, held = new, []
        if new is not None:
            held.append(line)


def merged(found):
    """Blocks, where an empty line inside an example does not end it."""
    out = []
    for kind, held in found:
        if out and kind == "verbatim" == out[-1][0]:
            out[-1] = (kind, out[-1][1] + [""] + held)
        else:
            out.append((kind, held))
    return out


def verbatim(held):
    return [".Bd -literal -offset indent",
            *(r"\&" + literal(line) if line[:1] in (".", "'") else literal(line) for line in held), ".Ed"]


def tagged(rows):
    """Rows of two or more cells; the first is what the others are about."""
    out = [".Bl -tag -width Ds"]
    for first, *rest in rows:
        out += [".It " + argument(first), *lines(": ".join(cell for cell in rest if cell))]
    return out + [".El"]


def items(held):
    out = [".Bl -dash -compact"]
    for item in re.split(r"^- ", "\n".join(held), flags=re.M)[1:]:
        out += [".It", *lines(" ".join(item.split()))]
    return out + [".El"]


def render(markdown):
    """Lines of mdoc."""
    out = []
    for kind, held in merged(blocks(markdown)):
        # mandoc(1) wants no paragraph directly after a heading.
        apart = [] if not out or out[-1].startswith(".Sh") else [".Pp"]
        if kind == "heading":
            out.append(".Sh " + held[0][2:].upper())
        elif kind == "verbatim":
            out += verbatim(held)
        elif kind == "table":
            rows = [cells(row) for row in held if not re.fullmatch(r"[|\- ]+", row)]
            out += tagged(rows[1:])
        elif kind == "list":
            out += apart + items(held)
        else:
            out += apart + lines(" ".join(" ".join(held).split()))
    return out
