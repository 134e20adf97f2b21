"""Messages and replies as JSON, to be kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from assistant.drafting.message import Address, Attachment, Message
from assistant.drafting.reply import Reply
from assistant.storage.learning import is_lacking


def message_to_json(message: Message) -> dict[str, Any]:
    """Return a message as JSON; :func:`message_from_json` gives it back."""
    return {
        "text": message.text,
        "subject": message.subject,
        "sender": _address_to_json(message.sender),
        "reply_to": _address_to_json(message.reply_to),
        "to": [_address_to_json(address) for address in message.to],
        "cc": [_address_to_json(address) for address in message.cc],
        "sent": message.sent.isoformat() if message.sent else None,
        "message_id": message.message_id,
        "references": list(message.references),
        "attachments": [
            {
                "name": attachment.name,
                "media_type": attachment.media_type,
                "size": attachment.size,
                "text": attachment.text,
                "problem": attachment.problem,
            }
            for attachment in message.attachments
        ],
        "notices": list(message.notices),
    }


def message_from_json(value: dict[str, Any]) -> Message:
    """Return the message kept."""
    return Message(
        text=value["text"],
        subject=value["subject"],
        sender=_address(value["sender"]),
        reply_to=_address(value["reply_to"]),
        to=_addresses(value["to"]),
        cc=_addresses(value["cc"]),
        sent=datetime.fromisoformat(value["sent"]) if value["sent"] else None,
        message_id=value["message_id"],
        references=tuple(value["references"]),
        attachments=tuple(Attachment(**attachment) for attachment in value["attachments"]),
        notices=tuple(value["notices"]),
    )


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """Return ``reply.as_json()`` with what the desk also needs.

    That is ``points``, [{key, text}]; ``levels``, [{level, text}] of the reasons; ``options``, {tone, length,
    signature}; for each question its ``status``, and whether it shows that the corpus is ``lacking``.
    """
    whole = reply.as_json()
    for question, answered in zip(whole["questions"], reply.questions, strict=True):
        answer = answered.answer
        question["status"] = answer.status.value
        question["lacking"] = is_lacking(answer.kind, answer.status, answer.rules)
    return whole | {
        "points": [{"key": point.key, "text": point.text} for point in reply.points],
        "levels": [{"level": reason.level.value, "text": reason.text} for reason in reply.reasons],
        "options": {
            "tone": reply.options.tone.value,
            "length": reply.options.length.value,
            "signature": reply.options.signature,
        },
    }


def _address_to_json(address: Address | None) -> dict[str, str] | None:
    return {"name": address.name, "address": address.address} if address else None


def _address(value: dict[str, str] | None) -> Address | None:
    return Address(**value) if value else None


def _addresses(values: Iterable[dict[str, str]]) -> tuple[Address, ...]:
    return tuple(Address(**value) for value in values)
