"""Where the bars of the timeline go: percentages along an axis of whole years, drawn by the template as SVG.

An end known only by its month, or not at all, is never drawn as a day: that part of the bar is ``rough``, and it
fades where nothing bounds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from assistant.composing.french import MONTHS
from assistant.rules.deadline import Window

_SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
                 "déc.")  # fmt: skip
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tick:
    """A month or a year of the axis: its label, that of a narrow screen, where it begins and its middle (percent)."""

    label: str
    short: str
    at: float
    middle: float


@dataclass(frozen=True)
class Segment:
    """A part of a bar, in percent of the axis: ``sure`` (open) or ``rough`` (perhaps open).

    ``fade`` says where nothing bounds it: ``left``, ``right``, ``both``, or empty.
    """

    kind: str
    at: float
    width: float
    fade: str = ""


@dataclass(frozen=True)
class Bar:
    """The parts of a call's bar in the order of time, and where an end is known to the day."""

    segments: tuple[Segment, ...]
    ends: tuple[float, ...]


@dataclass(frozen=True)
class Axis:
    """The days from the first of January of a year to the end of the same or of a later year."""

    first_year: int
    last_year: int

    @property
    def _span(self) -> int:
        return (date(self.last_year, 12, 31) - self._first).days + 1

    @property
    def _first(self) -> date:
        return date(self.first_year, 1, 1)

    def at(self, day: date) -> float:
        """Return where the morning of a day is, from 0 to 100; what lies outside is brought to the nearest end."""
        return round(min(max((day - self._first).days / self._span, 0), 1) * 100, 2)

    def after(self, day: date) -> float:
        """Return where the evening of a day is, from 0 to 100."""
        return self.at(day + _DAY)

    def holds(self, day: date) -> bool:
        """Whether the day is on the axis."""
        return self.first_year <= day.year <= self.last_year

    def today(self, day: date) -> float | None:
        """Return where the noon of a day is; ``None`` when it is not on the axis."""
        return round((self.at(day) + self.after(day)) / 2, 2) if self.holds(day) else None

    @property
    def years(self) -> tuple[Tick, ...]:
        """The years of the axis."""
        starts = [date(year, 1, 1) for year in range(self.first_year, self.last_year + 2)]
        return tuple(
            self._tick(start, end, str(start.year), str(start.year)) for start, end in pairwise(starts)
        )

    @property
    def months(self) -> tuple[Tick, ...]:
        """The months of the axis."""
        starts = [
            date(year, month, 1)
            for year in range(self.first_year, self.last_year + 1)
            for month in range(1, 13)
        ]
        ends = [*starts[1:], date(self.last_year + 1, 1, 1)]
        return tuple(
            self._tick(start, end, _SHORT_MONTHS[start.month - 1], MONTHS[start.month - 1][0].upper())
            for start, end in zip(starts, ends, strict=True)
        )

    def _tick(self, start: date, end: date, label: str, short: str) -> Tick:
        return Tick(label, short, self.at(start), round((self.at(start) + self.at(end)) / 2, 2))


def draw(window: Window, axis: Axis, limit: date) -> Bar:
    """Return the bar of a call; one whose closing nothing bounds fades until ``limit``."""
    opening = window.opening.day() if window.opening else None
    closing = window.closing.day()
    ends = ([axis.at(opening)] if opening else []) + ([axis.after(closing)] if closing else [])
    return Bar(tuple(_segments(window, axis, limit)), tuple(ends))


def _segments(window: Window, axis: Axis, limit: date) -> list[Segment]:
    dated = bool(window.opening and window.opening.value)
    first = window.opens_from or axis._first
    sure, until = window.opens_by, window.closes_from
    if window.closes_by is None or until is None:
        return [_part("rough", axis.at(first), axis.after(max(limit, first)), "right" if dated else "both")]
    start, last = axis.at(first), axis.after(window.closes_by)
    if sure is None or sure < first or sure > until:
        return [_part("rough", start, last, "" if dated else "left")]
    begins, stops = axis.at(sure), axis.after(until)
    parts = (
        _part("rough", start, begins, "" if dated else "left"),
        _part("sure", begins, stops),
        _part("rough", stops, last),
    )
    return [part for part in parts if part.width > 0]


def _part(kind: str, start: float, end: float, fade: str = "") -> Segment:
    return Segment(kind, start, round(end - start, 2), fade)
