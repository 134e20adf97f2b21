"""List the requests: filtered, searched, sorted, a page at a time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from assistant.drafting.reply import Risk
from assistant.storage.columns import storable
from assistant.storage.models import Request, SearchText
from assistant.storage.reading import ROW, people, row_of
from assistant.storage.searching import matching
from assistant.storage.views import Filter, Order, Page, RequestRow, Status

MAX_PAGE = 200  # requests
_RISKS = (Risk.RED, Risk.AMBER, Risk.GREEN)


def page_of(session: Session, shown: Filter, page: int, size: int, instant: datetime) -> Page[RequestRow]:
    """Return a page of the requests; beyond the last page, the last one."""
    size = max(1, min(size, MAX_PAGE))
    chosen, order = _chosen(shown), _order(shown.order)
    words = matching(shown.words, is_sqlite=session.get_bind().dialect.name == "sqlite")
    if words:
        # Every text is read: once, for the counts and the page alike.
        found = session.execute(
            select(Request.id, Request.status)
            .join(SearchText, SearchText.request_id == Request.id)
            .where(*chosen, *words)
            .order_by(*order)
        ).all()
        counts: dict[str, int] = Counter(status for _, status in found)
    else:
        counted = select(Request.status, func.count()).where(*chosen).group_by(Request.status)
        counts = {status: count for status, count in session.execute(counted)}
    totals = {status: counts.get(status.value, 0) for status in Status}
    total = totals[shown.status] if shown.status else sum(totals.values())
    page = max(1, min(page, -(-total // size)))
    start = (page - 1) * size
    query = select(*ROW).order_by(*order)
    if words:
        ids = [one for one, status in found if not shown.status or status == shown.status.value]
        query = query.where(Request.id.in_(ids[start : start + size]))
    else:
        query = query.where(*chosen, *_of_status(shown)).limit(size).offset(start)
    rows = session.execute(query).all()
    who = people(session)
    return Page(tuple(row_of(row, who, instant) for row in rows), page, size, total, totals)


def _chosen(shown: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter, but its status and words."""
    chosen: list[ColumnElement[bool]] = [
        Request.removed_at.is_not(None) if shown.removed else Request.removed_at.is_(None)
    ]
    if shown.unassigned:
        chosen.append(Request.assignee_id.is_(None))
    elif shown.assignee is not None:
        chosen.append(Request.assignee_id == (shown.assignee if is_id(shown.assignee) else 0))
    if shown.risk:
        chosen.append(Request.risk == shown.risk.value)
    if shown.theme:
        chosen.append(Request.theme == storable(shown.theme))
    return chosen


def _of_status(shown: Filter) -> list[ColumnElement[bool]]:
    return [Request.status == shown.status.value] if shown.status else []


def _order(order: Order) -> tuple[Any, ...]:
    if order is Order.OLDEST:
        return Request.received_at.asc(), Request.id.asc()
    if order is Order.RISK:
        rank = case({risk.value: place for place, risk in enumerate(_RISKS)}, value=Request.risk)
        return rank, Request.received_at.asc(), Request.id.asc()
    return Request.received_at.desc(), Request.id.desc()


def is_id(number: int) -> bool:
    """Say whether a number, that may come from an address, can be an id: PostgreSQL compares no larger one."""
    return 0 < number < 2**31
