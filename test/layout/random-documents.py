#!/usr/bin/python3
"""random-documents.py SEED COUNT FOLDER [FAMILY]: random documents for the comparison with dompdf.

Writes FOLDER/0001-letter.html, 0002-blocks.html and so on; the name says the family. The
document with number N depends on SEED and N alone, so one of them can be drawn again
without the others. Only random.Random(…).random() is used: its numbers are the same in
every version of Python, which those of shuffle or sample are not.

Every document keeps to what the letter's renderer promises (no images, no positions), and
to one to six pages, for dompdf's time grows with the square of a table's rows.
"""
import os
import random
import sys


class Dice:
    """The one source of chance."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def chance(self, share):
        return self.random() < share

    def pick(self, things):
        return things[self.below(len(things))]

    def some(self, things, share):
        return [t for t in things if self.chance(share)]


# === words ===

PLAIN = """le la les un une de du des et en à au aux pour par sur avec sans sous dans club
poney manège sellerie volontaire association assurance responsabilité engagement cheval
écurie membres réunion séance enfants parents cotisation secrétariat règlement août Noël
het een van voor met vereniging vrijwilligers onkostenvergoeding bestuur zaal Gemäß über
der die das Verein Mitglieder Haftpflichtversicherung Straße größer œuvre cœur""".split()
HYPHENS = "dix-sept porte-à-faux rendez-vous Louvain-la-Neuve week-end -x- a--b".split()
MARKS = """l'ASBL qu'il d'une (BCE) fin. soit, ainsi; a/b non–fin n° 12 42,31 2026 R&amp;D
&eacute;t&eacute; &lt;ici&gt; r&egrave;glement &laquo; &#8211; mot<!--x--> -5 50%""".split()
BOUND = ["42,31\u00a0€", "fin\u00a0:", "«\u00a0lu\u00a0»", "1\u00a0692,51", "10\u202f%"]
LONG = ["anticonstitutionnellement", "Grundstücksverkehrsgenehmigungszuständigkeit",
        "BE0123456789BE0123456789BE0123456789", "www.exemple.be/une/adresse/longue",
        "aansprakelijkheidswaardevaststellingsveranderingen"]
FOREIGN = ["Ő", "Győr", "Łódź", "Škoda", "₹\u00a0500", "Москва", "волонтёр", "Αθήνα",
           "εθελοντής", "→", "✓", "Żółć", "İzmir"]

DEJAVU = ["'DejaVu Serif'", "'DejaVu Sans'", "'DejaVu Sans Mono'"]
CORE = ["times", "helvetica", "courier", "Arial, sans-serif", "serif", "monospace",
        "Arial", "Georgia, 'Times New Roman', serif"]
# With these every character of FOREIGN has a glyph, in one family or the other.
WHOLE = DEJAVU + ["'DejaVu Serif', serif", "'DejaVu Sans', sans-serif"]


class Words:
    """Draws text; characters outside CP1252 only where a font has them."""

    def __init__(self, dice, foreign=0.0, long=0.01, bound=0.03):
        self.dice = dice
        self.foreign = foreign
        self.long = long
        self.bound = bound

    def word(self):
        d = self.dice
        x = d.random()
        for share, words in ((self.foreign, FOREIGN), (self.long, LONG),
                             (self.bound, BOUND), (.04, HYPHENS), (.08, MARKS)):
            if x < share:
                return d.pick(words)
            x -= share
        return d.pick(PLAIN)

    def text(self, low, high):
        return " ".join(self.word() for _ in range(self.dice.between(low, high)))

    def length(self):
        """A field's text: from none to very long."""
        low, high = self.dice.pick(
            [(0, 0), (1, 2), (1, 4), (3, 9), (10, 25), (25, 60), (60, 120)])
        return self.text(low, high)

    def sentence(self):
        low, high = self.dice.pick([(2, 5), (6, 14), (15, 40), (40, 70), (70, 110)])
        return self.text(low, high) + "."


# === pieces of a document ===


def style(pairs):
    """A style attribute, or nothing."""
    text = ";".join(f"{name}:{value}" for name, value in pairs)
    return f' style="{text}"' if text else ""


def page(dice, css, body, font=None):
    """A whole document; margins of the page and of the body vary."""
    margin = dice.pick(["18mm", "18mm", "2cm", "20mm 15mm", "60px 40px 80px", None,
                        "15mm 20mm 25mm 30mm"])
    padding = dice.pick(["28px 32px", "28px 32px", "0", "10pt 24pt 30pt"])
    font = font or dice.pick(WHOLE)
    base = [f"@page {{ margin: {margin}; }}"] if margin else []
    base.append(f"body {{ margin: 0; padding: {padding}; font-family: {font}; "
                f"font-size: {dice.pick(['11pt', '10pt', '12px', '9.5pt'])}; "
                f"line-height: {dice.pick(['1.55', '1.4', 'normal', '1.2', '150%'])}; }}")
    sheet = "\n".join(base + css)
    return ('<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
            f"<title>Document</title>\n<style>\n{sheet}\n</style>\n</head>\n<body>\n"
            f"{body}\n</body>\n</html>\n")


LENGTHS = ["0", "2pt", "4pt", "6px", "8px", "10pt", "1em", "14px", "18px", "20pt", "3mm"]


def sides(dice, lengths):
    """One to four values of a margin or padding."""
    return " ".join(dice.pick(lengths) for _ in range(dice.pick([1, 1, 2, 2, 3, 4])))


def border(dice):
    return f"{dice.pick(['1px', '2px', '0.5px', '1pt', '3pt'])} solid " \
           f"{dice.pick(['#333', '#999999', 'black', '#204060'])}"


def breaks(dice, share):
    """Declarations of page breaks; forced ones are rare, they make many pages."""
    pairs = []
    if dice.chance(share):
        pairs.append(("page-break-inside", "avoid"))
    if dice.chance(share):
        pairs.append(("page-break-after", dice.pick(["avoid"] * 11 + ["always", "auto"])))
    if dice.chance(share):
        pairs.append(("page-break-before", dice.pick(["avoid"] * 11 + ["always", "auto"])))
    return pairs


def runs(dice, words, core=True):
    """Inline content: runs of text in several fonts and sizes, touching or not."""
    out = []
    for _ in range(dice.between(1, 8)):
        text = words.text(*dice.pick([(1, 2), (1, 4), (4, 12), (12, 30)]))
        text = dice.pick(["", " ", "", "\n"]) + text + dice.pick([" ", " ", "", "\n "])
        kind = dice.below(9)
        if kind < 3:
            out.append(text)
        elif kind < 6:
            tag = dice.pick(["strong", "b", "i", "em", "u", "small", "sub", "sup"])
            out.append(f"<{tag}>{text}</{tag}>")
        elif kind == 6 and core:
            plain = Words(dice, long=words.long).text(1, 12)
            out.append(f'<span style="font-family:{dice.pick(CORE)}">{plain}</span> ')
        elif kind == 7:
            out.append(f'<span style="font-family:{dice.pick(DEJAVU).strip(chr(39))}">'
                       f"{text}</span>")
        else:
            size = dice.pick(["7pt", "8pt", "9.5pt", "13px", "14pt", "18pt", "1.3em",
                              "80%"])
            out.append(f'<span style="font-size:{size}">{text}</span>')
        if dice.chance(.04):
            out.append("<br>")
    return "".join(out)


# === families ===


def letter(dice):
    """The app's letter, every field from empty to very long."""
    w = Words(dice, foreign=dice.pick([0, 0, .02, .1]), long=dice.pick([0, .02, .1]))
    avoid = dice.pick(["avoid", "avoid", "auto"])
    css = [
        f"body {{ text-align: {dice.pick(['justify', 'justify', 'left'])}; }}",
        f"h1, h2, h3, .intro {{ page-break-after: {avoid}; }}",
        "h1 { font-size: 16pt; text-align: center; margin: 0 0 8px; }",
        ".intro { font-size: 9pt; font-style: italic; text-align: center; "
        "margin: 0 0 20px; }",
        ".section { margin: 14px 0; }",
        "h2 { font-size: 12pt; margin: 18px 0 8px; }",
        "h3 { font-size: 11pt; margin: 10px 0 4px; }",
        "p { margin: 6px 0; }", "ul { margin: 8px 0; padding-left: 22px; }",
        "li { margin: 2px 0; }",
        f".partie {{ margin: 12px 0; margin-left: 16px; page-break-inside: {avoid}; }}",
        f".signatures {{ margin-top: 30px; page-break-inside: {avoid}; }}",
        ".signatures table { width: 100%; }",
        ".signatures td { width: 45%; vertical-align: top; }",
        ".signature-block { margin-top: 40px; border-top: 1px solid #333; "
        "padding-top: 4px; }",
    ]
    body = [f"<h1>{w.text(1, 8)}</h1>", f'<p class="intro">{w.length()}</p>',
            f"<p>{w.sentence()}</p>"]
    for name in dice.some(["L'organisation", "Le volontaire", "La section"], .8):
        lines = [f"<strong>{w.length()}</strong>"]
        lines += [f"{w.text(1, 4)} : {w.length()} , {w.word()}"
                  for _ in range(dice.between(0, 5))]
        body.append(f'<div class="partie"><h3>{name}</h3>'
                    + "".join(f"<p>{x}</p>" for x in lines) + "</div>")
    for n in range(1, dice.between(2, 6)):
        inside = [f"<h2>{n}. {w.text(1, 5)}</h2>"]
        if dice.chance(.3):
            inside.append(f"<h3>{w.text(1, 4)}</h3>")
        inside += [f"<p>{w.sentence()}</p>" for _ in range(dice.between(0, 4))]
        if dice.chance(.4):
            many = dice.pick([0, 1, 3, 8, 40])
            items = "".join(
                f"<li>{w.text(1, 12)} <strong>{w.text(1, 2)}</strong>, n° {w.word()}</li>"
                for _ in range(many))
            inside.append(f"<ul>{items}</ul>")
        body.append('<div class="section">\n' + "\n".join(inside) + "\n</div>")
    cells = "".join(f"<td><p>{w.length()}</p><p>{w.text(0, 4)}</p>"
                    f'<div class="signature-block">{w.text(0, 5)}</div></td>'
                    + ('<td style="width:10%"></td>' if left else "")
                    for left in (True, False))
    body.append(f'<div class="signatures"><table><tr>{cells}</tr></table></div>')
    return page(dice, css, "\n".join(body))


def block(dice, w, depth):
    """A block with random edges; most hold text, some hold blocks."""
    pairs = []
    if dice.chance(.6):
        pairs.append(("margin", sides(dice, LENGTHS + ["-4pt", "5%"])))
    if dice.chance(.35):
        pairs.append(("padding", sides(dice, LENGTHS + ["3%"])))
    if dice.chance(.2):
        pairs.append(("border" + dice.pick(["", "-top", "-bottom", "-left", "-right"]),
                      border(dice)))
    if dice.chance(.1):
        pairs.append(("background-color", dice.pick(["#eee", "#ffe", "#d0e0f0"])))
    if dice.chance(.12):
        pairs.append(("width", dice.pick(["50%", "75%", "200pt", "80mm", "300px"])))
        if dice.chance(.5):
            pairs += [("margin-left", "auto"), ("margin-right", "auto")]
    if dice.chance(.3):
        pairs.append(("text-align",
                      dice.pick(["justify", "justify", "center", "right", "left"])))
    if dice.chance(.08):
        pairs.append((dice.pick(["min-width", "max-width", "min-height", "max-height",
                                 "height"]), dice.pick(["60pt", "150pt", "8cm"])))
    pairs += breaks(dice, .06)
    if depth < 4 and dice.chance(.4):
        tag = dice.pick(["div", "div", "div", "section", "blockquote", "article"])
        inside = [block(dice, w, depth + 1) for _ in range(dice.between(1, 4))]
        if dice.chance(.1):
            inside.insert(dice.below(len(inside) + 1), w.text(1, 8))
        return f"<{tag}{style(pairs)}>\n" + "\n".join(inside) + f"\n</{tag}>"
    tag = dice.pick(["p"] * 8 + ["div", "h1", "h2", "h3", "h4", "h5", "h6", "address"])
    if dice.chance(.04):
        return "<hr>"
    text = "" if dice.chance(.05) else w.sentence() if tag in "p div" else w.text(1, 9)
    return f"<{tag}{style(pairs)}>{text}</{tag}>"


def blocks(dice):
    w = Words(dice, foreign=dice.pick([0, .03]))
    body = [block(dice, w, 0) for _ in range(dice.between(3, 11))]
    return page(dice, ["p { margin: 6px 0; }"] if dice.chance(.5) else [],
                "\n".join(body))


def inline(dice):
    w = Words(dice, foreign=dice.pick([0, .05]), long=dice.pick([.01, .08]), bound=.05)
    body = []
    for _ in range(dice.between(5, 16)):
        pairs = [("text-align", dice.pick(["justify", "justify", "left", "center",
                                           "right"]))]
        if dice.chance(.3):
            pairs.append(("width", dice.pick(["120pt", "200pt", "60%", "90mm"])))
        if dice.chance(.15):
            pairs.append(("text-indent", dice.pick(["20pt", "2em", "-10pt"])))
        if dice.chance(.2):
            pairs.append(("line-height", dice.pick(["1", "20px", "130%", "2", "1.2em"])))
        if dice.chance(.08):
            pairs.append(("text-transform", dice.pick(["uppercase", "lowercase"])))
        # dompdf justifies some lines that end in a newline of pre-line, and some not.
        if dice.chance(.1) and pairs[0][1] != "justify":
            pairs.append(("white-space", dice.pick(["pre-line", "pre-wrap", "normal"])))
        body.append(f"<p{style(pairs)}>{runs(dice, w)}</p>")
    return page(dice, [], "\n".join(body))


def table_of(dice, w, rows, nested=True):
    """A table: widths given or not, spans, padding, alignment, a head or none."""
    cols = dice.between(1, 5)
    widths = [dice.pick([None, None, "45%", "10%", "30%", "50pt", "20mm"])
              for _ in range(cols)] if dice.chance(.6) else [None] * cols
    pad = dice.pick([None, None, "0", "2pt", "4px 8px", "5pt"])
    valign = dice.pick([None, "top", "top", "middle", "bottom"])
    high = max(2, 40 // cols) if rows < 12 else 6

    def cell(tag, column, span):
        pairs = []
        width = widths[column]
        if width and span == 1:
            pairs.append(("width", width))
        if pad:
            pairs.append(("padding", pad))
        if valign:
            pairs.append(("vertical-align", valign))
        if dice.chance(.1):
            pairs.append(("border-top", border(dice)))
        if dice.chance(.08):
            pairs.append(("text-align", dice.pick(["right", "center"])))
        text = "" if dice.chance(.1) else w.text(1, high)
        kind = dice.below(12)
        if kind == 0:
            text = f"<p>{text}</p>"
        elif kind == 1:
            text = f"<p style=\"margin:2pt 0\">{text}</p><div>{w.text(0, 4)}</div>"
        elif kind == 2:
            text = f"<b>{w.text(1, 2)}</b> {text}<br>{w.text(1, 3)}"
        elif kind == 3 and nested and rows < 6:
            text = table_of(dice, w, 2, False)
        wide = f' colspan="{span}"' if span > 1 else ""
        return f"<{tag}{wide}{style(pairs)}>{text}</{tag}>"

    def row(tag):
        cells, column = [], 0
        while column < cols:
            span = dice.between(2, cols - column) \
                if cols - column > 1 and dice.chance(.1) else 1
            cells.append(cell(tag, column, span))
            column += span
        return "<tr>" + "".join(cells) + "</tr>"

    pairs = []
    if dice.chance(.6):
        pairs.append(("width", dice.pick(["100%", "100%", "80%", "250pt"])))
    if dice.chance(.5):
        pairs.append(("border-spacing", dice.pick(["0", "2px", "4pt", "6pt"])))
    if dice.chance(.3):
        pairs.append(("margin", sides(dice, LENGTHS)))
    head = "<thead>" + "".join(row("th") for _ in range(dice.pick([1, 1, 2]))) \
        + "</thead>" if dice.chance(.35) else ""
    lines = "\n".join(row("td") for _ in range(rows))
    if head or dice.chance(.5):
        lines = f"<tbody>\n{lines}\n</tbody>"
    return f"<table{style(pairs)}>{head}\n{lines}\n</table>"


def table(dice):
    w = Words(dice, foreign=dice.pick([0, .03]), long=dice.pick([0, .02, .06]))
    body = []
    for _ in range(dice.between(1, 4)):
        body.append(f"<p>{w.sentence()}</p>")
        body.append(table_of(dice, w, dice.pick([1, 2, 3, 5, 10, 25])))
    body.append("<p>Fin.</p>")
    return page(dice, [], "\n".join(body))


def list_of(dice, w, depth):
    tag = dice.pick(["ul", "ul", "ol"])
    pairs = []
    if dice.chance(.3):
        pairs.append(("list-style-type", dice.pick(["disc", "none", "decimal"])))
    if dice.chance(.3):
        pairs.append(("padding-left", dice.pick(["22px", "10pt", "60px"])))
    if dice.chance(.3):
        pairs.append(("margin", sides(dice, LENGTHS)))
    start = f' start="{dice.between(2, 97)}"' if tag == "ol" and dice.chance(.3) else ""
    many = dice.pick([0, 1, 3, 5, 9, 12, 40] if depth == 0 else [1, 2, 3])
    items = []
    for _ in range(many):
        text = w.text(*dice.pick([(0, 0), (1, 3), (1, 3), (4, 12), (15, 40)]))
        if dice.chance(.15):
            text = f"<p>{text}</p>"
        elif dice.chance(.15):
            text = runs(dice, w, core=False)
        if depth < 3 and dice.chance(.1):
            text += list_of(dice, w, depth + 1)
        own = [("margin", sides(dice, LENGTHS))] if dice.chance(.05) else []
        items.append(f"<li{style(own + breaks(dice, .03))}>{text}</li>")
    return f"<{tag}{start}{style(pairs)}>\n" + "\n".join(items) + f"\n</{tag}>"


def lists(dice):
    w = Words(dice, foreign=dice.pick([0, .03]))
    body = []
    for _ in range(dice.between(1, 4)):
        if dice.chance(.7):
            body.append(f"<p>{w.sentence()}</p>")
        body.append(list_of(dice, w, 0))
    css = ["li { margin: 2px 0; }"] if dice.chance(.5) else []
    return page(dice, css, "\n".join(body))


def break_block(dice, w, depth):
    """A block whose break properties are drawn thickly."""
    pairs = breaks(dice, .3)
    if depth < 3 and dice.chance(.35):
        inside = [break_block(dice, w, depth + 1) for _ in range(dice.between(1, 4))]
        name = dice.pick(["section", "partie", "nu", "cadre"])
        return f'<div class="{name}"{style(pairs)}>' + "\n".join(inside) + "</div>"
    kind = dice.below(10)
    if kind < 5:
        return f"<p{style(pairs)}>{w.sentence()}</p>"
    if kind < 7:
        return f"<h{kind - 4}{style(pairs)}>{w.text(1, 12)}</h{kind - 4}>"
    if kind == 7:
        items = "".join(f"<li{style(breaks(dice, .1))}>{w.text(1, 25)}</li>"
                        for _ in range(dice.between(1, 8)))
        return f"<ul{style(pairs)}>{items}</ul>"
    rows = "".join(f"<tr><td>{w.text(1, 6)}</td><td>{w.text(1, 20)}</td></tr>"
                   for _ in range(dice.between(1, 6)))
    if kind == 8:
        rows = f"<thead><tr><th>Nom</th><th>{w.text(1, 3)}</th></tr></thead>" \
               f"<tbody>{rows}</tbody>"
    return f"<table{style(pairs)}>{rows}</table>"


def page_breaks(dice):
    w = Words(dice, long=0)
    css = ["p { margin: 6px 0; }", "h1 { margin: 20px 0 10px; font-size: 15pt; }",
           "h2 { margin: 18px 0 8px; font-size: 12pt; }", ".section { margin: 14px 0; }",
           ".partie { margin: 12px 0 12px 16px; }",
           f".cadre {{ padding: {sides(dice, LENGTHS)}; border-top: {border(dice)}; }}",
           f"p {{ text-align: {dice.pick(['left', 'justify'])}; }}",
           f"h2 {{ page-break-after: {dice.pick(['avoid', 'auto'])}; }}"]
    if dice.chance(.2):
        css.append(f"p {{ orphans: {dice.pick(['1', '3', '4'])}; }}")
    body = [break_block(dice, w, 0) for _ in range(dice.between(6, 14))]
    return page(dice, css, "\n".join(body))


def page_ends(dice):
    """Little room at the end of each page, and a few blocks with breaks and edges there."""
    w = Words(dice, long=0)
    css = [".haut { page-break-before: always; } .haut1 { page-break-before: auto; }",
           "p { margin: 6px 0; }"]
    body = []
    for n in (1, 2):
        body.append(f'<div class="haut haut{n}" style="height:{dice.between(440, 690)}pt">'
                    f"{w.text(1, 3)}</div>")
        for _ in range(dice.between(1, 3)):
            pairs = breaks(dice, .2)
            if dice.chance(.6):
                pairs.append(("margin", sides(dice, LENGTHS + ["40pt", "-6pt"])))
            if dice.chance(.4):
                pairs.append(("padding", sides(dice, LENGTHS)))
            if dice.chance(.3):
                pairs.append(("border", border(dice)))
            inside = "\n".join(break_block(dice, w, 2)
                               for _ in range(dice.between(1, 3)))
            body.append(f"<div{style(pairs)}>{inside}</div>" if dice.chance(.6)
                        else f"<p{style(pairs)}>{w.sentence()}</p>")
    return page(dice, css, "\n".join(body))


def grid(dice):
    """Tables with borders, collapsed or not, and cells over several rows."""
    w = Words(dice, foreign=dice.pick([0, .03]), long=dice.pick([0, .03]))
    body = []
    for n in range(dice.between(1, 4)):
        pairs = [("border-collapse", dice.pick(["collapse", "separate"]))]
        if dice.chance(.7):
            pairs.append(("width", dice.pick(["100%", "90%", "300pt"])))
        if dice.chance(.3):
            pairs.append(("border", border(dice)))
        if dice.chance(.2):
            pairs.append(("table-layout", "fixed"))
        if dice.chance(.2):
            pairs.append(("background-color", "#f4f4f4"))
        edge = border(dice) if dice.chance(.7) else None
        cols, count = dice.between(2, 4), dice.pick([2, 3, 5, 9, 16])
        rows, covered = [], [0] * cols
        whole = n == 0 and count <= 5
        for r in range(count):
            cells = []
            for c in range(cols):
                if covered[c]:
                    covered[c] -= 1
                    continue
                # dompdf loses cells where a page ends within one of several rows.
                deep = dice.between(2, 3) if whole and dice.chance(.2) \
                    and r + 3 <= count else 1
                covered[c] = deep - 1
                own = [("border", edge)] if edge and dice.chance(.9) else []
                own += [("vertical-align", dice.pick(["top", "middle", "bottom"]))] \
                    if dice.chance(.4) else []
                own += [("padding", dice.pick(["3pt", "4px 8px"]))] \
                    if dice.chance(.5) else []
                tall = f' rowspan="{deep}"' if deep > 1 else ""
                cells.append(f"<td{tall}{style(own)}>{w.text(0, 14)}</td>")
            rows.append("<tr>" + "".join(cells) + "</tr>")
        body += [f"<p>{w.sentence()}</p>",
                 f"<table{style(pairs)}>\n" + "\n".join(rows) + "\n</table>"]
    return page(dice, ["p { margin: 6px 0; }"], "\n".join(body))


def floats(dice):
    """Floats beside text, and inline-blocks beside each other."""
    w = Words(dice, long=0)
    body = []
    for _ in range(dice.between(3, 8)):
        side = dice.pick(["left", "right"])
        width = dice.pick(["30%", "45%", "120pt", "50%", "60mm"])
        kind = dice.below(3)
        if kind == 0:
            pairs = [("float", side), ("width", width)]
            if dice.chance(.4):
                pairs.append(("margin", sides(dice, LENGTHS)))
            body.append(f"<div{style(pairs)}>{w.text(2, 30)}</div>")
            body += [f"<p>{w.sentence()}</p>" for _ in range(dice.between(1, 2))]
            if dice.chance(.7):
                body.append(f'<div style="clear:{dice.pick(["both", side])}"></div>')
        elif kind == 1:
            body.append(f'<div style="float:left;width:48%">{w.text(1, 30)}</div>'
                        f'<div style="float:right;width:48%">{w.text(1, 30)}</div>'
                        '<div style="clear:both"></div>')
        else:
            share = dice.pick(["45%", "50%", "30%", "100pt"])
            top = dice.pick([[], [("vertical-align", "top")]])
            gap = dice.pick(["\n", "", " "])
            body.append("<div>" + gap.join(
                f'<div{style([("display", "inline-block"), ("width", share)] + top)}>'
                f"{w.text(1, 15)}</div>" for _ in range(dice.between(1, 3))) + "</div>")
        body.append(f"<p>{w.sentence()}</p>")
    return page(dice, ["p { margin: 6px 0; }"], "\n".join(body))


def mixed(dice):
    w = Words(dice, foreign=dice.pick([0, .02]))
    makers = [lambda: block(dice, w, 1), lambda: f"<p>{runs(dice, w)}</p>",
              lambda: table_of(dice, w, dice.pick([1, 2, 4, 8])),
              lambda: list_of(dice, w, 1), lambda: break_block(dice, w, 1)]
    body = [dice.pick(makers)() for _ in range(dice.between(5, 16))]
    return page(dice, ["p { margin: 6px 0; }"], "\n".join(body))


FAMILIES = [("letter", letter), ("blocks", blocks), ("inline", inline), ("table", table),
            ("list", lists), ("breaks", page_breaks), ("letter", letter),
            ("blocks", blocks), ("mixed", mixed), ("floats", floats), ("ends", page_ends),
            ("grid", grid)]


def main(seed, count, folder, only=None):
    os.makedirs(folder, exist_ok=True)
    for n in range(1, count + 1):
        name, make = FAMILIES[(n - 1) % len(FAMILIES)]
        if only and name != only:
            continue
        html = make(Dice(seed * 1000003 + n))
        with open(f"{folder}/{n:04}-{name}.html", "w", encoding="utf-8") as f:
            f.write(html)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
