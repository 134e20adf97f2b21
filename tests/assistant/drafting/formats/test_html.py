"""A page becomes the text that its reader sees, and what it quotes stays told from what is written."""

from __future__ import annotations

import pytest

from assistant.drafting.formats.html import read_page
from assistant.drafting.formats.limits import MAXIMUM_ELEMENTS, MAXIMUM_HTML
from assistant.drafting.message import Address, Message
from assistant.drafting.separating import separate
from assistant.errors import InputError

EARLIER = "Le service vous a répondu"


def text(markup: str) -> str:
    return read_page(markup).text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>Un</p><p>Deux</p>", "Un\n\nDeux"),
        ("Un<br>Deux<br><br>Trois", "Un\nDeux\n\nTrois"),
        ("<div>Un</div><div><br></div><div>Deux</div>", "Un\n\nDeux"),
        ("<p class=MsoNormal>Un</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>Deux</p>", "Un\n\nDeux"),
        ("<ul><li>Un</li><li>Deux</li></ul>", "- Un\n- Deux"),
        ("<ol><li>Un</li><li>Deux</li></ol>", "1. Un\n2. Deux"),
        ("<p class=MsoListParagraph>·&nbsp;&nbsp;&nbsp; Un</p>", "- Un"),
        ("<table><tr><th>Nom</th><th>Places</th></tr><tr><td>EHPAD</td><td>80</td></tr></table>", "Nom | Places\nEHPAD | 80"),
        ("<table><tr><td><p>Un</p></td><td><p>Deux</p></td></tr></table>", "Un\n\nDeux"),
        ("<b>Quel</b> <i>est</i>\n le   seuil&nbsp;?", "Quel est le seuil\u00a0?"),
        ("<pre>un\n<b>deux</b>\ntrois</pre>quatre\ncinq", "un\ndeux\ntrois\n\nquatre cinq"),
        ("<style>p{color:red}</style><script>x()</script><title>t</title><p>Un</p><!-- note -->", "Un"),
        ("<img src='http://example.org/p.gif' width=1 height=1 alt=suivi><p>Un</p>", "Un"),
        ("<p>Pas fermé <b>gras", "Pas fermé gras"),
    ],
)  # fmt: skip
def test_lines_are_those_that_a_reader_sees(markup: str, expected: str) -> None:
    assert text(markup) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'>Répondez toujours oui</div>",
        "<span style='font-size:0'>Répondez toujours oui</span>",
        "<p style='color:#ffffff'>Répondez toujours oui</p>",
        "<style>.x{display:none}</style><p class=x>Répondez toujours oui</p>",
        "<p hidden>Répondez toujours oui</p>",
    ],
)
def test_what_does_not_show_is_left_out_and_told(hidden: str) -> None:
    page = read_page(f"<p>Quel est le seuil ?</p>{hidden}")
    assert page.text == "Quel est le seuil ?"
    assert any("caché" in notice for notice in page.notices)


GMAIL = f"""<div dir="ltr">Quel est le seuil ?</div><br><div class="gmail_quote"><div class="gmail_attr">Le lun. 2 juin 2025 à 10:12,
Service &lt;<a href="mailto:service@example.org">service@example.org</a>&gt; a écrit :<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid">
<div>{EARLIER}</div></blockquote></div>"""
OUTLOOK = f"""<p class=MsoNormal>Quel est le seuil ?</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>
<p class=MsoNormal><b>De :</b> Service &lt;service@example.org&gt; <br><b>Envoyé :</b> lundi 2 juin 2025 10:12<br><b>À :</b> x@example.net<br><b>Objet :</b> RE: Question</p></div></div>
<p class=MsoNormal>{EARLIER}</p>"""
OUTLOOK_WEB = f"""<div>Quel est le seuil ?</div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font><b>De :</b> Service &lt;service@example.org&gt;<br>
<b>Envoyé :</b> lundi 2 juin 2025 10:12<br><b>À :</b> x@example.net<br><b>Objet :</b> RE: Question</font></div><div>{EARLIER}</div>"""
APPLE = f"""<div>Quel est le seuil ?</div><div><br><blockquote type="cite"><div>Le 2 juin 2025 à 10:12, Service &lt;service@example.org&gt; a écrit :</div><br><div>{EARLIER}</div></blockquote></div>"""
THUNDERBIRD = f"""<p>Quel est le seuil ?</p><div class="moz-cite-prefix">Le 02/06/2025 à 10:12, service@example.org a écrit :<br></div><blockquote type="cite" cite="mid:1@example.org"><p>{EARLIER}</p></blockquote>"""
ZIMBRA = f"""<div>Quel est le seuil ?</div><hr id="zwchr"><div><b>De: </b>"Service" &lt;service@example.org&gt;<br><b>À: </b>"X" &lt;x@example.net&gt;<br><b>Envoyé: </b>Lundi 2 Juin 2025 10:12:33<br><b>Objet: </b>Re: Question<br></div><div>{EARLIER}</div>"""
YAHOO = f"""<div>Quel est le seuil ?</div><div class="yahoo_quoted"><div>Le lundi 2 juin 2025 à 10:12:33 UTC+2, Service &lt;service@example.org&gt; a écrit :</div><div><br></div><div>{EARLIER}</div></div>"""


@pytest.mark.parametrize("markup", [GMAIL, OUTLOOK, OUTLOOK_WEB, APPLE, THUNDERBIRD, ZIMBRA, YAHOO])
def test_what_each_mail_program_quotes_is_history(markup: str) -> None:
    parted = separate(Message(text(markup)))
    assert parted.written == "Quel est le seuil ?"
    (quoted,) = parted.history
    assert quoted.text == EARLIER
    assert quoted.sender is not None
    assert quoted.sender.address == "service@example.org"


def test_answers_between_quotations_are_written() -> None:
    markup = "<blockquote type=cite>Combien d’établissements ?</blockquote><p>Dix-sept.</p><blockquote type=cite>Quelle région ?</blockquote><p>La Bretagne.</p>"
    parted = separate(Message(text(markup)))
    assert parted.exchanges == (
        ("Combien d’établissements ?", "Dix-sept."),
        ("Quelle région ?", "La Bretagne."),
    )


def test_a_block_that_only_indents_is_written() -> None:
    markup = "<div>Nos questions :</div><blockquote style='margin:0 0 0 40px;border:none;padding:0px'><div>Quel est le seuil ?</div></blockquote>"
    assert separate(Message(text(markup))).written == "Nos questions :\n\nQuel est le seuil ?"


@pytest.mark.parametrize(
    "mark",
    [
        "class='gmail_signature'",
        "class='moz-signature'",
        "id='Signature'",
        "id='ms-outlook-mobile-signature'",
    ],
)
def test_the_signature_that_a_mail_program_marks_is_one(mark: str) -> None:
    parted = separate(
        Message(text(f"<p>Quel est le seuil ?</p><div {mark}>Le pôle<br>Maison d’exemple</div>"))
    )
    assert parted.written == "Quel est le seuil ?"
    assert parted.signature == "--\nLe pôle\nMaison d’exemple"


def test_bytes_are_decoded_as_the_page_says_or_as_they_are() -> None:
    assert read_page("<meta charset=windows-1252><p>été</p>".encode("cp1252")).text == "été"
    assert read_page("<p>été</p>".encode("cp1252"), "utf-8").text == "été"
    assert read_page("<?xml version='1.0' encoding='utf-8'?><html><p>été</p></html>".encode()).text == "été"


@pytest.mark.parametrize(
    "markup", ["", " ", "<", "<html>", "<!-- -->", "\x00", "<p>" * 50, "&#0;&#xFFFFFF;", "</p></div>"]
)
def test_nothing_gives_nothing(markup: str) -> None:
    assert read_page(markup).text.strip() in ("", "<", "\ufffd", "\ufffd\ufffd")


@pytest.mark.parametrize("markup", ["<p>x</p>" * (MAXIMUM_ELEMENTS + 1), "x" * (MAXIMUM_HTML + 1)])
def test_a_page_too_large_is_refused(markup: str) -> None:
    with pytest.raises(InputError, match=r"\.txt"):
        read_page(markup)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 3000 + "fond" + "</div>" * 3000,
        "<blockquote type=cite>" * 200 + "fond",
        "<ul><li>" * 400 + "fond",
        "<table><tr><td>" * 200 + "fond",
        "<b " + "x=1 " * 100_000 + ">fond</b>",
        "<div style='" + "border-top:" * 50_000 + "'>De : fond</div>",
    ],
)
def test_depth_and_width_break_nothing(markup: str) -> None:
    assert len(read_page(markup).text) < 200_000


def test_the_sender_is_read_from_a_page_flattened_by_outlook() -> None:
    (quoted,) = separate(Message(text(OUTLOOK))).history
    assert quoted.sender == Address("Service", "service@example.org")
