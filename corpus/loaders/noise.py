"""Leave out what a web page puts around its text: advertising, teasers, cookie banners, comment forms, footers.

Two kinds of evidence, neither enough to drop a fact: a short line made of the vocabulary of a page's own
machinery (share, subscribe, accept, log in), and the section of teasers that follows the end of an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.loaders.content import Block, LoadedDocument

PAGES = frozenset({"html", "markdown", "text"})  # what a web page is saved or copied as

SHORT = 160  # characters; a longer line is a text that mentions the machinery, not a piece of it
TITLE = 70
TEASER = 600

_I = re.IGNORECASE

# A line that is nothing but machinery, from its first word to its last.
_MACHINERY = re.compile(
    r"(?:publicité|annonce|contenu sponsorisé|sponsorisé)\b(?: en cours de chargement)?"
    r"|(?:é|e)couter (?:l[’']article|cet article|la page|le contenu)|temps de lecture\b.{0,20}|\d+ min(?:utes)? de lecture"
    r"|sommaire|table des matières|partager(?: (?:sur\b.{1,40}|par (?:mail|e-mail|courriel|sms)|cet article|cette page|l[’']article|la page))?|imprimer(?: (?:cette|la) page)?"
    r"|(?:lire|voir) (?:la suite|plus|l[’']article)|en savoir plus|retour en haut(?: de (?:la )?page)?|haut de page|aller au contenu(?: principal)?"
    r"|(?:suivez|retrouvez|rejoignez)-nous\b.{0,80}|(?:s[’']abonner|abonnez-vous|inscrivez-vous|s[’']inscrire)(?: (?:à|au|aux)\b.{0,40}(?:newsletter|lettre|alertes?|flux|chaîne|infolettre)\b.{0,30})?"
    r"|(?:notre |la )?(?:newsletter|lettre d[’']information)|(?:tout |tous )?(?:accepter|refuser|autoriser)(?: tout| tous| les cookies| et (?:fermer|continuer))*"
    r"|(?:paramétrer|personnaliser|gérer)(?: (?:mes|les|vos))? (?:cookies|choix|préférences|consentements?)"
    r"|(?:vous devez|il faut) (?:être|vous) (?:connecter|connectée?s?|inscrite?s?) pour (?:poster|publier|laisser|écrire|commenter|répondre|lire la suite|voir ce contenu|accéder à ce contenu)\b.{0,60}"
    r"|(?:laisser|poster|publier|ajouter|écrire|soyez le premier à)\b.{0,20}\bcommentaires?\b.{0,30}|\d* ?commentaires?"
    r"|(?:avez-vous (?:aimé|apprécié|trouvé)|ce contenu vous a-t-il|cette page vous a-t-elle|cet article vous a-t-il)\b.{0,80}"
    r"|(?:mot de passe|identifiant) oublié|se connecter|connexion|mon compte|créer un compte"
    r"|mentions légales|plan du site|politique de confidentialité|conditions générales(?: d[’']utilisation)?|accessibilité ?: .{0,30}conforme"
    r"|(?:©|copyright\b).{0,80}|tous droits réservés.{0,40}|.{0,40}©\s*(?:19|20)\d\d.{0,40}",
    _I,
)
# What may also be the title of a section of the text.
_A_TITLE_TOO = re.compile(
    r"publicité|annonces?|commentaires?|connexion|mon compte|mentions légales|conditions générales.*|accessibilité.*|newsletter|lettre d[’']information|.*politique de confidentialité",
    _I,
)
_SEPARATORS = re.compile(r"\s*[|•·>/–—]\s*")  # of the entries of a footer or a menu
_COOKIES = re.compile(r"\bcookies?\b|\btraceurs?\b", _I)
_CONSENT = re.compile(
    r"\bnous (?:utilisons|déposons)\b|\b(?:ce|notre) site (?:web )?(?:utilise|dépose)\b|\ben poursuivant (?:votre|la) navigation\b|\bvous (?:acceptez|pouvez (?:accepter|refuser))\b|\btout accepter\b",
    _I,
)

# What follows is no longer the text.
_AFTER_THE_END = re.compile(
    r"(?:à|a) (?:lire|voir|découvrir) (?:également|aussi|ensuite)|(?:lire|voir) (?:également|aussi)|(?:articles?|contenus?|actualités?) (?:similaires?|liés?|connexes?|récente?s?|associés?)"
    r"|(?:sur le|dans le) même (?:sujet|thème)|(?:ces|nos autres|d[’']autres) articles\b.{0,40}|vous aimerez aussi|les plus lus|dernières actualités|recommandé pour vous",
    _I,
)
_DATE_LINE = re.compile(
    r"\d{1,2}(?:er)? (?:janv|févr|fevr|mars|avr|mai|juin|juil|août|aout|sept|oct|nov|déc|dec)[a-zéû]*\.? 20\d\d\b.{0,30}",
    _I,
)
_CUT_SHORT = re.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\])\s*$")

_OFFER = re.compile(
    r"\ben (?:1|un|2|deux|quelques) clics?\b|\bpr[êe]ts? à l[’']emploi\b|\billimité\w*|\bgratuit\w*|\boffert\w*|\bpromo\w*|\bremises?\b|\bsans (?:effort|engagement)\b"
    r"|\bessai\b|\bd[ée]mo(?:nstration)?\b|\bboutique\b|\bpanier\b|\bnos (?:packs?|offres?|formations?|modèles)\b|\b\+ ?\d{2,} (?:\w+)|\bdès maintenant\b|\bclé en main\b",
    _I,
)
_CALL = re.compile(
    r"\b(?:accédez|téléchargez|découvrez|profitez|essayez|commandez|réservez|demandez|formez|boostez|cliquez|arrêtez|achetez|testez|rejoignez|projetez)\b"
    r"|\bj[’'](?:accède|achète|essaie|en profite)\b|\bje (?:télécharge|découvre|profite|commande|réserve|teste|m[’']inscris|veux)\b",
    _I,
)
_BUTTON = re.compile(
    r"(?:[Jj][’'](?:accède|achète|essaie|en profite)|[Jj]e (?:télécharge|découvre|profite|commande|réserve|teste|m[’']inscris|veux))\b"
    r"[^.;:!?]{0,60}?(?:(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý][a-zà-ÿ’' ])|$)"
)
_NAME = re.compile(r"(?:[A-ZÀ-Ý][\w’'-]+\s){1,3}[A-ZÀ-Ý][\w’'-]+")


def without_page_noise(document: LoadedDocument) -> LoadedDocument:
    """Return a page or a text copied from one without what surrounds it, and a notice of how much that was."""
    blocks, count = without_noise(document.blocks)
    if not count or not blocks:
        return document
    lines = "1 ligne écartée" if count == 1 else f"{count} lignes écartées"
    notice = f"{lines}\u00a0: publicité, accroches d’autres pages, navigation ou formulaires."
    return replace(document, blocks=tuple(blocks), notices=(*document.notices, notice))


def without_noise(blocks: Sequence[Block]) -> tuple[list[Block], int]:
    """Return the blocks of the text itself, and how many were left out.

    Example:
        >>> page = [Block("paragraph", "Le dépôt ferme le 3 mars."), Block("paragraph", "Partager sur Mastodon")]
        >>> without_noise(page)
        ([Block(kind='paragraph', text='Le dépôt ferme le 3 mars.', level=0, page=None)], 1)
    """
    end = _end_of_text(blocks)
    kept: list[Block] = []
    for rank, block in enumerate(blocks[:end]):
        text = _without_button(block.text)
        machinery = _is_machinery(text) and not (block.kind == "heading" and _A_TITLE_TOO.fullmatch(text))
        if not text or machinery or _is_advertising(blocks, rank):
            continue
        kept.append(block if text == block.text else replace(block, text=text))
    return kept, len(blocks) - len(kept)


def _is_machinery(text: str) -> bool:
    if len(text) <= SHORT:
        parts = [part for part in _SEPARATORS.split(text.strip(" .:!?…")) if part]
        if parts and all(_MACHINERY.fullmatch(part.strip(" .:!?…")) for part in parts):
            return True
    return len(text) <= TEASER and bool(_COOKIES.search(text)) and bool(_CONSENT.search(text))


def _without_button(text: str) -> str:
    """Return the text without the label of a button that a page was saved with, glued before it."""
    found = _BUTTON.match(text)
    return text[found.end() :].strip() if found else text


def _is_advertising(blocks: Sequence[Block], rank: int) -> bool:
    """Whether a block calls to buy or download with the words of an offer, or announces the block that does."""
    text = blocks[rank].text
    if len(text) > TEASER or blocks[rank].kind == "table_row":
        return False
    if _sells(text):
        return True
    following = blocks[rank + 1].text if rank + 1 < len(blocks) else ""
    return len(text) <= TITLE and bool(_CALL.search(text)) and _sells(following)


def _sells(text: str) -> bool:
    return len(text) <= TEASER and len(_CALL.findall(text)) > 0 and len(_OFFER.findall(text)) > 1


def _end_of_text(blocks: Sequence[Block]) -> int:
    """Return the rank where the text ends: at the title of a section of teasers, or after the last block.

    What follows the title must look like teasers; else the title alone is a reference to other pages.
    """
    for rank, block in enumerate(blocks):
        if len(block.text) <= TITLE and _AFTER_THE_END.fullmatch(block.text.strip(" .:!…")):
            rest = blocks[rank + 1 :]
            if rank and _are_teasers(rest):
                return _before_signature(blocks, rank)
    return len(blocks)


def _are_teasers(blocks: Sequence[Block]) -> bool:
    """Whether these are titles, dates and beginnings of other texts, and not a text of their own."""
    if not blocks:
        return True
    dated = sum(bool(_DATE_LINE.match(block.text)) for block in blocks)
    cut = sum(bool(_CUT_SHORT.search(block.text)) for block in blocks)
    titles = all(len(block.text) <= TEASER / 4 and block.text[-1:] not in ".;" for block in blocks)
    return dated + cut >= 2 or (titles and len(blocks) <= 12)


def _before_signature(blocks: Sequence[Block], end: int) -> int:
    """Return where the text ends once the machinery and the author's name before ``end`` are left out."""
    while end and _is_machinery(blocks[end - 1].text):
        end -= 1
    if end > 1 and _NAME.fullmatch(blocks[end - 1].text):
        end -= 1
    return end
