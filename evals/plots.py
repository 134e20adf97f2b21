"""The plots of the page: inline SVG that follows the colours of the page, with a title a screen reader says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.labels import label
from evals.markup import Markup, join, tag
from evals.scoring import Tally, quantile

_WIDTH = 640
_ROW = 24
_LEFT = 190
_BINS = 24


def _svg(name: str, title: str, description: str, height: float, *children: Markup) -> Markup:
    heads = tag("title", title, id=f"{name}-title"), tag("desc", description, id=f"{name}-desc")
    drawn = tag(
        "svg",
        *heads,
        *children,
        viewBox=f"0 0 {_WIDTH} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="plot",
    )
    return tag("div", drawn, class_="scroll", tabindex="0", role="region", aria_label=title)


def _text(x: float, y: float, text: object, anchor: str = "start", class_: str = "") -> Markup:
    return tag("text", text, x=f"{x:g}", y=f"{y:g}", text_anchor=anchor, class_=class_ or None)


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return tag("line", x1=f"{x1:g}", y1=f"{y1:g}", x2=f"{x2:g}", y2=f"{y2:g}", class_=class_)


def plot_rates(name: str, title: str, tallies: Mapping[str, Mapping[str, Tally]]) -> Markup:
    """Draw, a row a label, the share passed by each system with its interval; an empty tally draws nothing."""
    systems = list(dict.fromkeys(system for row in tallies.values() for system in row))
    span = _WIDTH - _LEFT - 60
    drawn: list[Markup] = []
    for tick in range(0, 101, 25):
        x = _LEFT + span * tick / 100
        drawn += [
            _line(x, 24, x, 30 + _ROW * len(tallies), "grid"),
            _text(x, 16, f"{tick} %", "middle", "small"),
        ]
    for rank, (name_of, row) in enumerate(tallies.items()):
        y = 42 + _ROW * rank
        drawn.append(_text(_LEFT - 8, y + 4, name_of, "end"))
        for place, system in enumerate(systems):
            tally = row.get(system)
            if tally is None or tally.rate is None:
                continue
            low, high = tally.interval
            at = y + (place - (len(systems) - 1) / 2) * 7
            note = tag("title", f"{name_of}, {system} : {tally.passed} sur {tally.n}")
            drawn.append(_line(_LEFT + span * low, at, _LEFT + span * high, at, f"whisker s{place}"))
            drawn.append(
                tag(
                    "circle",
                    note,
                    cx=f"{_LEFT + span * tally.rate:.1f}",
                    cy=f"{at:g}",
                    r="4",
                    class_=f"dot s{place}",
                )
            )
        first = row.get(systems[0])
        drawn.append(_text(_WIDTH - 4, y + 4, f"n = {first.n if first else 0}", "end", "small"))
    foot = 50 + _ROW * len(tallies)
    for place, system in enumerate(systems):
        x = _LEFT + 150 * place
        drawn += [
            tag("circle", cx=f"{x:g}", cy=f"{foot:g}", r="4", class_=f"dot s{place}"),
            _text(x + 10, foot + 4, system, class_="small"),
        ]
    told = " ; ".join(
        f"{of} : " + ", ".join(f"{system} {tally.passed} sur {tally.n}" for system, tally in row.items())
        for of, row in tallies.items()
    )
    return _svg(name, title, told, foot + 14, *drawn)


def plot_latency(name: str, title: str, times: Sequence[float]) -> Markup:
    """Draw how many replies took how many milliseconds; those beyond the 99th percentile are in the last bar."""
    ordered = sorted(times)
    if not ordered:
        return join()
    median, high = quantile(ordered, 0.5), quantile(ordered, 0.95)
    end = max(1.0, quantile(ordered, 0.99))
    counts = [0] * _BINS
    for time in ordered:
        counts[min(_BINS - 1, int(_BINS * time / end))] += 1
    tallest, height, span = max(counts), 160.0, _WIDTH - 60.0
    width = span / _BINS
    drawn = [_line(40, 20 + height, _WIDTH - 20, 20 + height, "axis")]
    for rank, count in enumerate(counts):
        tall = height * count / tallest
        note = tag(
            "title", f"de {end * rank / _BINS:.0f} à {end * (rank + 1) / _BINS:.0f} ms : {count} réponses"
        )
        drawn.append(
            tag("rect", note, x=f"{40 + width * rank + 1:.1f}", y=f"{20 + height - tall:.1f}",
                width=f"{width - 2:.1f}", height=f"{tall:.1f}", class_="bar")
        )  # fmt: skip
    for value, what in ((median, "médiane"), (high, "95e centile")):
        x = 40 + span * min(1.0, value / end)
        drawn += [
            _line(x, 14, x, 20 + height, "mark"),
            _text(x + 3, 12, f"{what} {value:.0f} ms", class_="small"),
        ]
    for tick in range(5):
        drawn.append(_text(40 + span * tick / 4, 36 + height, f"{end * tick / 4:.0f} ms", "middle", "small"))
    told = f"médiane {median:.0f} ms, 95e centile {high:.0f} ms, {len(ordered)} réponses"
    return _svg(name, title, told, 44 + height, *drawn)


def plot_confusion(
    name: str, title: str, counts: Mapping[tuple[str, str], int], kinds: Sequence[str]
) -> Markup:
    """Draw, a row an expected kind and a column a kind given, how many replies; the diagonal is right."""
    side, top = 100.0, 44.0
    most = max(counts.values(), default=1)
    drawn = [_text(_LEFT + side * len(kinds) / 2, 14, "donnée", "middle", "small")]
    for column, kind in enumerate(kinds):
        drawn.append(_text(_LEFT + side * (column + 0.5), 34, label(kind), "middle", "small"))
    for row, expected in enumerate(kinds):
        y = top + 40 * row
        drawn.append(_text(_LEFT - 8, y + 24, f"attendue : {label(expected)}", "end", "small"))
        for column, given in enumerate(kinds):
            count = counts.get((expected, given), 0)
            shade = 0.0 if not count else 0.12 + 0.4 * (count / most) ** 0.5
            box = tag("rect", x=f"{_LEFT + side * column + 1:g}", y=f"{y + 1:g}", width=f"{side - 2:g}", height="38",
                      fill_opacity=f"{shade:.2f}", class_="right" if row == column else "wrong")  # fmt: skip
            drawn += [box, _text(_LEFT + side * (column + 0.5), y + 24, count, "middle")]
    told = " ; ".join(
        f"{label(one)} attendue, {label(other)} donnée : {count}" for (one, other), count in counts.items()
    )
    return _svg(name, title, told, top + 40 * len(kinds) + 8, *drawn)
