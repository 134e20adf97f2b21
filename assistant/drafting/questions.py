"""Find what a message asks: questions put as such, requests, doubts and beliefs to confirm, plans to check.

A message is read clause by clause. A clause asks when it is put as a question, requests information, doubts, or takes
for granted something that a rule can judge; the others state what holds for every question. What only asks for a
call, a meeting or a quick answer is a request to the service, which no source answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from assistant.drafting.exporting.outgoing import bare_subject
from assistant.rules.facts import Facts
from assistant.understanding.facts import read_facts
from assistant.understanding.intents import Intent, Speech, Topic, find_intents, find_speech, find_topics
from assistant.understanding.questions import Clause, opens_question, part_clauses, without_lead
from assistant.understanding.spelling import mend
from assistant.understanding.terms import find_terms
from assistant.understanding.text import fold

MAXIMUM_QUESTIONS = 20
MAXIMUM_LENGTH = 30_000  # characters of a message that are read


class Form(StrEnum):
    """How a clause asks."""

    EXPLICIT = "explicit"  # put as a question, a request for information, an item of a list of questions
    DOUBT = "doubt"  # « je ne trouve pas la date »
    BELIEF = "belief"  # « on nous a dit que… »
    PLAN = "plan"  # « nous comptons déposer fin octobre »
    CASE = "case"  # of the sender's own file, which only the service knows


@dataclass(frozen=True)
class Found:
    """A question of a message: the sender's words, and whether it leans on the one before it."""

    words: str
    form: Form
    joined: bool = False

    @property
    def implicit(self) -> bool:
        """Whether the sender did not put it as a question."""
        return self.form in (Form.DOUBT, Form.BELIEF, Form.PLAN)


@dataclass(frozen=True)
class Asking:
    """What a message holds: ``context`` is what it states, ``requests`` what it asks of the service itself.

    ``favours``: questions that ask for an exception, which no source grants;
    ``injected``: sentences that give orders to an assistant; ``complaints``: those that complain or threaten;
    ``left``: how many questions are beyond what one reply takes.
    """

    context: str
    questions: tuple[Found, ...]
    requests: tuple[str, ...] = ()
    favours: tuple[str, ...] = ()
    injected: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    left: int = 0
    announced: str = ""  # what the subject states
    numbers: tuple[str, ...] = ()  # the numbers of ESSMS told in different sentences, when they differ


_WHO = r"(?:je|j'|nous|on)"
_ASKED = r"(?:si|s'il|s'ils|quel\w*|combien|quand|comment|pourquoi|qui|ou|jusqu'a quand|a qui|ce qu\w*)"
_INFORM = r"(?:savoir|connaitre|comprendre|precis\w+|indiqu\w+|confirm\w+|expliqu\w+|rappel(?:er|ez)|inform(?:er|ez)|renseign\w+|eclair\w+|communiqu\w+|transmettre|donner|fournir|verifi\w+|preciser|repondre(?! a (?:l'|un |cet |votre |ce )?(?:appel|aap|projet)))"
_REQUEST = re.compile(
    rf"\b(?:merci|aur(?:ais|ait|ions) (?:bien )?(?:voulu|aime|souhaite)|remerci\w+|pri(?:e|ons)|pri[ée]re|voudr\w+|voulons|veux|voulais|voulions|souhait\w+|aimer\w+|desir\w+|cherch\w+|besoin|pourr(?:iez|ait|ais)|pouvez|pourrait-on|puis-je|sollicit\w+|permets|permettons|s'il vous plait|svp|veuillez|auriez|avez|(?:serai\w*|serions|suis|sommes) (?:\w+ )?(?:curieu|heureu|reconnaissant|interess)\w*)\b.{{0,80}}\b{_INFORM}\b|"
    rf"\b(?:souhait\w+|voudr\w+|aimer\w+|cherch\w+|besoin|auriez|pourr(?:iez|ait)|avoir|obtenir|disposer|recevoir|attente|demand\w+)\b.{{0,60}}\b(?:precisions?|informations?|renseignements?|eclaircissements?|eclairages?|confirmation|details?|reponses?|elements?|liste|modalites|coordonnees|documents?|formulaire|calendrier|avis|position|aide)\b|"
    r"\bquid\b|\b(?:c'est|ce sera|il faut|on peut|on doit|faut) (?:a |de |pour |jusqu'a )?(?:quand|combien|quoi|ou|comment|quel\w*)\b|\breste (?:la question|a savoir)|\b(?:ma|notre|mon|la|une|autre|derniere|premiere|seconde|deuxieme|troisieme) (?:\w+ )?(?:question|interrogation|demande|point)s? (?:est|concerne|porte|:)|\b(?:mes|nos|les|deux|trois|quatre|plusieurs) (?:\w+ )?(?:questions|interrogations) (?:portent|concernent|sont|:)|"
    rf"\b(?:m'|nous |s'|me |on se )?(?:interrog(?:e|eons)|demand(?:e|ons|ais|ions))\b.{{0,30}}\b(?:si|s'il|s'ils|sur|quel\w*|comment|combien|quand|pourquoi|ce que|ou|a qui)\b|"
    rf"\b{_WHO} ?(?:cherch\w+|demand(?:e|ons)|aimer\w+|voudr\w+|voulons|veux) (?:a savoir |savoir |connaitre )?{_ASKED}\b|\b(?:etre|pas (?:tout a fait |bien |tres )?) ?(?:surs?|sures?|certaine?s?) (?:que|qu'|si)\b|"
    r"\b(?:could|can|would) you\b|\bplease\b|\b(?:i|we) (?:would like|want|need|wish|wonder)\b|\bi'd like\b|\blet (?:me|us) know\b"
)
_DOUBT = re.compile(
    rf"\b{_WHO} ?(?:n'|ne )(?:en |le |y )?(?:sa(?:is|it|vons)|compren\w+|comprend\w*|saisi\w+|trouv\w+|vo(?:is|it|yons)|arriv\w+ (?:pas |plus )?a|parvien\w+ (?:pas |plus )?a|parven\w+ (?:pas |plus )?a)\b.{{0,25}}?\b(?:pas|plus|guere|nulle part|aucun\w*|rien)\b|"
    rf"\b{_WHO} ?(?:n'|ne )(?:avons|ai|a|suis|sommes|est)\b.{{0,15}}?\b(?:pas|plus|rien|nulle part)\b(?: \w+)? ?(?:trouv\w+|saisi\w*|compris\w*|su|pu|reussi|surs?|sures?|certaine?s?|vu|lu)\b|"
    rf"\b{_WHO} ?(?:hesit\w+|ignor\w+|dout\w+|somm?e?s? (?:un peu |totalement |completement )?(?:perdu\w*|incertain\w*|confus\w*|dans le flou))|\b(?:n'est|n'etait|ne sont|semble|reste|restent|est|sont|demeure\w*) (?:pas (?:tres |vraiment |du tout )?clair\w*|(?:tres |assez |encore |un peu )?(?:flou\w*|confus\w*|obscur\w*|ambigu\w*|difficile a comprendre))|"
    r"\b(?:rien (?:ne |n')?(?:dit|indique|precise|mentionne)|(?:ne|n') (?:dit|disent|precise\w*|mentionn\w+|indiqu\w+) (?:pas|rien|nulle)|introuvable\w*|nulle part|pas (?:reussi|pu|su) (?:a )?(?:trouver|savoir|comprendre|determiner))\b|"
    rf"\b(?:un|le|mon|notre|nos|des|de gros|dans le) doutes?\b|\b(?:incertitude|hesitation)s?\b|\b(?:inquiet\w*|crai(?:ns|gnons)|peur) (?:que|qu'|de|d'|pour)\b"
)
# « je n’ai pas saisi si… » asks, whatever the rest is about; not whom one writes to.
_WONDERS = re.compile(
    r"\b(?:si|s'il|s'ils|quel\w*|combien|quand|comment)\b(?!.{0,40}\b(?:bonne? (?:personne|service|interlocut\w+|adresse)|interlocut\w+|destinataire)\b)"
)
_THAT = r"\b.{0,40}?(?:\bque\b|\bqu'|:)"
_BELIEF = re.compile(
    rf"\b(?:dit|dits|assur\w+|affirm\w+|certifi\w+|indiqu\w+|annonc\w+|expliqu\w+|inform(?:e|es|ent|ait|er|ez|ons)|soutien\w*|soutenu|pretend\w*|parait|laiss\w+ entendre|conseill\w+){_THAT}|"
    rf"\b{_WHO} ?(?:avons |ai |a |avions |avais )?(?:bien |cru )?(?:lu|vu|entendu|note|compris|comprendre|appris|retenu|vu passer|trouve){_THAT}|\b{_WHO} ?(?:pens\w+|croi[st]|croyons|croyais|suppos\w+|presum\w+|imagin\w+|consider\w+|estim\w+|part(?:ons|ais|ions) du principe|sommes partis du principe){_THAT}|\b{_WHO} ?(?:pens(?:e|ons|ait|ions)|croi[st]|croyons|estim\w+) (?:bien |donc |ne pas )?(?:etre|avoir|atteindre|remplir|relever|pouvoir|respecter|entrer)\b|"
    r"\b(?:il (?:me|nous) (?:semble|semblait|parait)|il parait|parait-il|semble-t-il|sauf erreur|si j'ai bien|si nous avons bien|si je comprends|si je ne me trompe|a priori|apparemment|d'apres (?:ce que|notre|un|une|le|la|mon|nos)|selon (?:notre|un|une|le|la|mon|nos|certains)|a ce qu'il parait|le bruit court|circule)\b"
)
_PLAN = re.compile(
    r"\b(?:souhait\w+|envisag\w+|compt(?:e|ons|ait|ions)|prevo\w+|prevu\w*|projet\w*|voul\w+|voudr\w+|pens(?:e|ons|ait)|aimer\w+|allons|vais|desir\w+|prepar\w+|sommes prets?|fini\w+|pourrons|pourrai|serons)\b.{0,60}"
    r"\b(?:candidat\w+|depos\w+|depot|postul\w+|repondre a l'(?:appel|aap)|particip\w+|rejoindre|s'inscrire|nous inscrire|benefici\w+|demander|transmett\w+|envoyer|soumettre|adresser|remettre|changer|acheter|commander|financ\w+)\b"
)
# « Je vous contacte car… » opens a message.
_WRITES = re.compile(
    rf"\b{_WHO} ?(?:me |nous |m')?(?:permet\w*|vous|reviens|prends|prenons)\b.{{0,25}}\b(?:contact\w*|ecri\w*|solliciter|sollicit\w+|adress\w+|saisi\w*)\b"
)
# What only asks that the service do something: no source answers it.
_SERVICE = re.compile(
    r"\b(?:rappel\w+|recontact\w+|joindre|contact(?:er|ez)|telephon\w+|rendez-vous|rdv|visio\w*|(?:une|cette|prochaine|votre|notre) reunion|entretien|entrevue|creneaux?|echang\w+ (?:par|de vive|au|avec vous|ensemble|oral\w*)|rencontr\w+|point telephonique|disponib\w+)\b"
)
_HASTE = re.compile(
    r"\b(?:repons\w*|repondre|retour|repondez)\b.{0,40}\b(?:rapid\w*|urgen\w*|au plus (?:vite|tot)|des que possible|avant|sous \d+|dans les (?:meilleurs|plus brefs)|aujourd'hui|demain)\b|\b(?:urgen\w+|rapidement|au plus vite|avant)\b.{0,30}\b(?:repons\w*|repondre|retour)\b"
)
_DOCUMENT = re.compile(
    r"\b(?:pouvez|pourriez|merci|voudr\w+|souhait\w+|aimer\w+|veuillez|possible|pri\w+)\b.{0,30}\b(?:envoyer|transmettre|communiquer|faire parvenir|adresser|fournir)\b.{0,40}\b(?:formulaire\w*|modele\w*|dossier (?:type|vierge)|trame|cahier des charges|attestation|courrier|convention (?:type|vierge|modele))\b"
)
# Of the sender's own file: received, paid, refused, decided.
_OWN = r"(?:notre|nos|mon|mes|ma|votre|vos|le|la|ce|cette|l')"
_CASE = re.compile(
    rf"\bou en (?:est|sont|etes)\b.{{0,30}}\b{_OWN} ?(?:\w+ )?(?:dossier|candidature|demande|versement|paiement|convention|instruction de)\w*|"
    rf"\b(?:recu|receptionne|enregistre|instruit|traite|examine|perdu|complet|incomplet)\w*\b.{{0,30}}\b(?:notre|nos|mon|mes|ma) (?:\w+ )?(?:dossier|candidature|demande|mail|courriel|courrier|message|pieces?|documents?)\w*|"
    rf"\b(?:notre|nos|mon|ma) (?:\w+ )?(?:dossier|candidature|demande|projet)\w*\b.{{0,50}}\b(?:est(?:-il|-elle)? (?:bien |deja |donc |enfin )?(?:retenu|selectionn|laureat|accept|refus|rejet|financ)|ete (?:\w+ )?(?:recu|instruit|traite|rejet|refus|retenu|accept|ecart|valid|enregistr|transmis|perdu)|est(?:-il|-elle)? (?:bien )?(?:recu|complet|arrive|parvenu|valide|rejet|refus|en cours|accept)|etai(?:t|ent) (?:\w+ )?(?:recu|complet|irrecevable)|avance|sans (?:reponse|nouvelle)|statut)\w*|"
    rf"\bpourquoi\b.{{0,40}}\b(?:notre|nos|mon|ma|nous|m'|avez-vous)\b.{{0,40}}\b(?:refus|rejet|ecart|pas ete retenu|non retenu)\w*|"
    rf"\b(?:quand|a quelle date|sous quel delai|dans combien)\b.{{0,40}}\b(?:vers\w+|pay\w+|solde|acompte|avance|notifi\w+|sign\w+)\b.{{0,40}}\b(?:notre|nos|mon|ma|nous|vous)\b|\b(?:quand|a quelle date)\b.{{0,30}}\b(?:serons-nous|serai-je|allons-nous (?:etre|recevoir|percevoir|toucher|obtenir|avoir)|va-t-on (?:recevoir|percevoir|toucher)|recevrons-nous|percevrons-nous|toucherons-nous|aurons-nous)\b.{{0,25}}\b(?:pay|vers|solde|notifi|argent|subvention|aide|fonds|credits?)\w*|"
    r"\b(?:sans|toujours (?:pas|aucune)|aucune) (?:\w+ )?(?:nouvelles?|reponse|retour)\b.{0,40}\b(?:dossier|candidature|demande|mail|courrier|message)|\b(?:numero|accuse) de (?:dossier|reception)\b.{0,40}\b(?:notre|mon|envoy)"
)
_FAVOUR = re.compile(
    r"\b(?:(?:a titre )?(?:tout a fait )?exceptionnel\w*|derog\w+|delai (?:supplementaire|de grace)|accord\w+ (?:un |une |jusqu|quelques|deux|trois|un petit)|faire (?:une |un )?(?:exception|geste)|passe[- ]droit|tolerance|indulgence|bienveillance|souplesse|fermer les yeux|prolong\w+ (?:pour nous|notre|le delai|la date)|report\w* (?:pour nous|de notre))\b"
)
_CONFIRMS = re.compile(
    r"\W*(?:et |mais |alors |donc )?(?:est[- ]ce (?:que c'est |bien )?(?:vrai|exact|correct|juste|le cas|toujours le cas|toujours vrai|toujours valable|encore le cas|bien cela|bien ca|confirme|possible|certain)|c'est (?:bien )?(?:vrai|exact|correct|ca|cela|juste)|(?:pouvez|pourriez)-vous (?:me |nous )?(?:le |l')?(?:confirmer|infirmer)(?: (?:ce point|cela|cette (?:information|date)|ou infirmer|svp|s'il vous plait))*|qu'en est-il(?: exactement| vraiment| reellement)?|est[- ]ce (?:une )?(?:erreur|rumeur)|info ou intox|vrai ou faux|merci de (?:me |nous )?(?:le )?confirmer(?: ce point)?|(?:me |nous )?le confirmez-vous|is (?:this|that) (?:right|correct|true)|ai-je (?:bien )?(?:raison|compris)|avons-nous (?:bien )?(?:raison|compris)|qu'en pensez-vous|d'accord|non|(?:(?:pouvez|pourriez)-vous|merci de|pourriez-vous) (?:s'il vous plait )?(?:me |nous )?(?:confirmer|infirmer|preciser|verifier)(?: ou (?:infirmer|non))? (?:ce|ces|cette|cela|ca|tout cela)(?: (?:deux|trois|quelques))?(?: (?:points?|informations?|elements?|dates?|chiffres?|regles?|lecture|interpretation|hypothese))?)(?:,? (?:pour|en|dans|a|depuis|sur|concernant|s'il vous plait|svp|d'avance)\b.{0,40})?\W*"
)
_RHETORIC = re.compile(
    r"\b(?:trouvez|trouvez-vous|vous trouvez) (?:ca|cela) normal|\bde qui se moque|\bvous (?:vous )?moquez|\bc'est une (?:blague|plaisanterie|honte)|\bcombien de fois (?:faut|faudra|dois|va)|\bjusqu'a quand (?:allez|va-t-on|devr)|\best-ce (?:bien )?(?:serieux|normal)\b|\bvous savez (?:lire|compter)|\bvous (?:le )?faites expres|\ba quoi (?:servez|bon|(?:ca|cela|tout ca|tout cela|votre \w+|votre) sert|sert(?:-il| (?:votre|vos|ce|cette|tout|de)))\b|\by a-t-il (?:quelqu'un|un pilote)|\bpourquoi personne|\bcomment osez|\bqui (?:est )?(?:le )?responsable de ce"
)
_POLITE = re.compile(
    r"\W*(?:(?:bonjour|bonsoir|re-?bonjour|hello|dear|chere?s?|mesdames|madame|monsieur|messieurs|docteur|tres cordialement|cordialement|bien (?:cordialement|a vous|respectueusement)|sinceres salutations|salutations|respectueusement|kind regards|best regards|regards|thank(?:s| you)|merci)\b.{0,60}|"
    r"(?:et )?(?:je |nous )?(?:vous )?(?:en )?(?:remerci\w+)\b.{0,80}|(?:je|nous) (?:vous )?(?:remerci\w+|pri\w+ d'(?:agreer|accepter|recevoir)|reste\w*|demeur\w*)\b.{0,140}|(?:dans l'attente|en attente|en attendant|restant|veuillez (?:agreer|recevoir)|avec (?:mes|nos) (?:remerciements|salutations)|bonne (?:journee|reception|fin|semaine|continuation)|excellente|a votre disposition|je reviens vers vous|je me permets|nous nous permettons|comment allez|j'espere|nous esperons|suite a|d'avance)\b.{0,120})"
)
_LEAD_IN = re.compile(
    r"\b(?:aid\w+|eclair\w*|renseign\w+|repondre|questions?|interrogations?|precisions?|informations?|renseignements?|point\w*|eclaircissements?|eclairage|lumiere|conseil\w*|guider|orienter|demandes?|suivant\w*|choses|comprendre)\b"
)
_ANNOUNCES = re.compile(
    r"\b(?:questions?|interrog\w+|precis\w+|points?|savoir|connaitre|renseign\w+|eclair\w+|demand\w+|inform\w+|indiquer|confirmer|repondre|elements?)\b[^.?!]{0,80}:\s*$"
)
_COMPLAINT = re.compile(
    r"\b(?:avocat\w*|tribunal\w*|contentieux|justice|recours (?:gracieux|contentieux|hierarchique|devant)|defenseur des droits|mise en demeure|plainte|porter plainte|poursuite\w*|huissier|mediateur|(?:alert|saisi|contact|inform|averti|preven|interpell|ecri)\w*.{0,30}\b(?:presse|journal\w*|medias?|depute\w*|senateur\w*|ministre|prefet)|signaler (?:a|cette)|scandal\w+|inadmissible\w*|inacceptable\w*|honteu\w+|honte|lamentable\w*|incompeten\w+|mepris\w*|insult\w*|se moqu\w+|foutage|ras[- ]le[- ]bol|reclamation|me plaindre|nous plaindre|mecontent\w*|intolerable\w*|indigne\w*)\b"
)
# « est il », « peut on »: an inversion whose hyphen was left out.
_LOOSE = re.compile(
    r"\b(?:est|sont|peut|peuvent|doit|faut|sera|seront|pourra) (?:t[- ])?(?:il|ils|elles?|on)\b"
)
# Where a request goes on to another thing: « savoir si… et combien… et aussi la date ».
_ALSO = re.compile(
    rf"(?:,| et| ainsi que|, et| puis)(?: aussi| egalement| enfin| surtout)? (?={_ASKED}\b|est[- ]ce\b|(?:peut|doit|faut)[- ](?:on|il)\b|cell?e?(?:ui|s)? (?:de|du|des|d'|pour|en)\b|(?:le|la|les|l')? ?(?:date|dates|seuil|montant|nombre|delai|delais|calendrier|cloture|liste|taux|plafond|enveloppe|procedure|demarche|modalites|reference|instruction|conditions|criteres|pieces|adresse|coordonnees|texte)\b)|(?:,| et|, et)? ainsi que (?=(?:le|la|les|l')\b)|"
    r"(?:,| et|, et)(?= (?:un|une|le|la|les|nos|notre|nos|l')[ ]?[^,?]{1,50}-(?:t-)?(?:ils?|elles?)\b)"
)
_CONDITION = re.compile(r"^\W*(?:(?:bonjour|bonsoir|madame|monsieur)\W+)*(?:si|s'|quand|lorsque?) ?")
_NAMES = re.compile(
    rf"\b{_ASKED}\b|\b(?:date|seuil|montant|nombre|delai|calendrier|liste|taux|plafond|enveloppe)\w*"
)
_AND_THAT = re.compile(r"(?:,| et|, et)(?: aussi| egalement)? (?=que |qu')")
_OR_ELSE = re.compile(r"\b(?:entre|ou bien|soit)\b")
_ITEM = re.compile(r"\s*(?:[-*•–—·>]|\(?\d{1,2}\s?[.)/°]|[a-h][.)])\s*(?=\S)")
_LONGEST = 2_000  # characters of a paragraph that are read at once
# What a message says of what comes with it.
REFERS = re.compile(
    r"\b(?:ci-?joint\w*|piece\w? jointe\w?|en pj|pj\b|en annexe|(?:document|fichier|tableau|courrier|questionnaire)s? joints?|capture jointe|attached|attachment)\b"
)
_LINK = re.compile(r"^\W*(?:et|ainsi que|puis)?(?: (?:aussi|également|enfin|surtout))?\s*", re.IGNORECASE)
# « Ce montant est-il toujours valable ? »: what is asked about was just said.
_POINTS_BACK = re.compile(
    r"\b(?:ce|cet|cette|ces) (?:montant|chiffre|date|seuil|regle|somme|delai|information|element|point|lecture|taux|plafond|condition|interpretation|calcul|hypothese|affirmation)s?\b"
)
# « Est-il éligible ? »: who is meant was just named. « Faut-il… ? » means nobody.
_SUBJECT_BEFORE = re.compile(
    r"^\W*(?:et |mais |alors |donc )?(?:(?:quand|comment|pourquoi|combien) )?(?:n'|ne |y )?(?!faut|suffit|convient|existe|reste|s'agit)"
    r"[a-z]+(?:-t)?-(?:il|elle|ils|elles)\b(?! (?:possible|necessaire|obligatoire|prevu|utile|permis|vrai|exact|un |une |des |encore possible))"
)
_BRIEF = 90  # characters of a question that may say nothing by itself
_SHORT = 600  # characters of a message that may be one question, though nothing in it asks
_IDLE = frozenset([Intent.SALUTATION, Intent.ASSISTANT, Intent.RECLAMATION])
_WIDTH = 60  # the shortest lines that a mail program wraps


def find_questions(text: str, subject: str, day: date) -> Asking:
    """Return what a message asks and states; ``text`` is what the sender wrote, without history nor signature.

    A subject that asks something is a question when the body asks nothing.
    """
    finder = _Finder(day)
    finder.announce(subject)
    for paragraph in paragraphs(text[:MAXIMUM_LENGTH]):
        for piece in _pieces(paragraph):
            finder.read(piece)
    return finder.asking(subject)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs and the items of lists of a text, lines that a mail program wrapped put together."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    longest = max((len(line.rstrip()) for line in lines), default=0)
    blocks: list[str] = []
    open_block = False
    for place, line in enumerate(lines):
        words = line.strip()
        if not words:
            open_block = False
            continue
        if open_block and not _ITEM.match(line) and _was_wrapped(lines[place - 1], words, longest):
            blocks[-1] += f" {words}"
        else:
            blocks.append(words)
        open_block = True
    return blocks


def _pieces(paragraph: str) -> Iterator[str]:
    """Cut a paragraph of any length into pieces that are read in bounded time, at the end of a sentence if possible."""
    while len(paragraph) > _LONGEST:
        end = max(paragraph.rfind(". ", 0, _LONGEST) + 1, paragraph.rfind("? ", 0, _LONGEST) + 1)
        end = end or paragraph.rfind(" ", 0, _LONGEST) + 1 or _LONGEST
        yield paragraph[:end].strip()
        paragraph = paragraph[end:].strip()
    if paragraph:
        yield paragraph


def _was_wrapped(before: str, words: str, longest: int) -> bool:
    """Whether a line goes on the one before it: there was no room for its first word, or it opens in lower case."""
    before = before.rstrip()
    if before.endswith((":", "?", "!", ";")):
        return False
    first = words.split(maxsplit=1)[0]
    full = _WIDTH <= longest <= 2 * _WIDTH and len(before) + 1 + len(first) > longest
    return full or (first[:1].islower() and not before.endswith(".") and len(before) >= _WIDTH)


class _Finder:
    """Reads the paragraphs of a message in order."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._context: list[str] = []
        self._found: list[tuple[Found, str]] = []  # with its folded text
        self._plans: list[tuple[int, Clause]] = []  # with the number of questions before it
        self._requests: list[str] = []
        self._injected: list[str] = []
        self._complaints: list[str] = []
        self._announced = False
        self._announced_by = ""  # what the subject states
        self._last = ""  # the clause just read, when it is no question

    def announce(self, subject: str) -> None:
        """Take what a subject states, its year or its region, as said with the message."""
        words = bare_subject(subject)
        if words and read_facts(mend(fold(words)), self._day) != Facts():
            self._announced_by = f"{words}."

    def read(self, paragraph: str) -> None:
        """Read one paragraph, or one item of a list."""
        item = bool(_ITEM.match(paragraph))
        listed = self._announced and (item or len(paragraph) < 200)
        clauses = [
            _mended(clause)
            for clause in part_clauses(_ITEM.sub("", paragraph, count=1) if item else paragraph)
        ]
        if (
            listed
            and clauses
            and not any(clause.asks for clause in clauses)
            and not _POLITE.fullmatch(clauses[0].plain.strip())
        ):
            self._add(Found(" ".join(clause.words for clause in clauses), Form.EXPLICIT), clauses[0].plain)
        else:
            for clause in clauses:
                self._clause(clause)
        if _ANNOUNCES.search(fold(paragraph).plain):
            self._announced = True
        elif not item:
            self._announced = False

    def _clause(self, clause: Clause) -> None:
        plain = clause.plain.strip()
        if find_speech(plain) is Speech.INJECTION and not _BELIEF.search(plain):
            self._injected.append(clause.words)
            return
        complains = bool(_COMPLAINT.search(plain))
        if complains:
            self._complaints.append(clause.words)
        if _RHETORIC.search(plain):
            if not complains:
                self._complaints.append(clause.words)
            self._state(clause.words)
        elif _CONFIRMS.fullmatch(plain) and self._confirm(clause):
            pass
        elif self._is_request(clause, plain):
            if not complains:
                self._requests.append(clause.words)
        elif form := self._form(clause, plain):
            for part in _told_apart(clause, form):
                self._ask(part, form)
        elif not _POLITE.fullmatch(plain) or _substance(plain, self._day):
            if _PLAN.search(plain):
                self._plans.append((len(self._found), clause))
            self._state(clause.words)

    def _state(self, words: str) -> None:
        self._context.append(words)
        self._last = words

    def _confirm(self, clause: Clause) -> bool:
        """Join « est-ce exact ? » to what it is about; say whether there is something."""
        believed = bool(self._found) and self._found[-1][0].form is Form.BELIEF
        if not believed and self._last and self._context and self._context[-1] == self._last:
            self._context.pop()
            words = f"{self._last} {clause.words}"
            self._last = ""
            self._add(Found(words, Form.EXPLICIT), fold(words).plain)
            return True
        if self._found:
            found, plain = self._found.pop()
            self._add(replace(found, words=f"{found.words} {clause.words}", form=Form.EXPLICIT), plain)
            return True
        return False

    def _is_request(self, clause: Clause, plain: str) -> bool:
        """Whether a clause asks the service for a call, haste or a document rather than for what a source says."""
        asks = opens_question(plain) or _REQUEST.search(plain) or _PLAN.search(plain)
        if _HASTE.search(plain):
            return not find_topics(plain) - {
                Topic.RECEVABILITE,
                Topic.ELIGIBILITE,
                Topic.PART,
                Topic.DECISION,
            }
        return bool(
            asks
            and not _WRITES.search(plain)
            and (_SERVICE.search(plain) or _DOCUMENT.search(plain))
            and not re.search(r"\bqui\b|\baupres de\b|\bquel\w*\b|\bcoordonnees\b", plain)
        )

    def _form(self, clause: Clause, plain: str) -> Form | None:
        if _CASE.search(plain) and (opens_question(plain) or _REQUEST.search(plain)):
            return Form.CASE
        if opens_question(plain) or _LOOSE.search(plain) or _REQUEST.search(plain):
            return None if _is_lead_in(plain, self._day) else Form.EXPLICIT
        doubts = _DOUBT.search(plain)
        if doubts and (_claims(plain, self._day) or _WONDERS.search(plain, doubts.start())):
            return Form.DOUBT
        return Form.BELIEF if _BELIEF.search(plain) and _claims(plain, self._day) else None

    def _ask(self, clause: Clause, form: Form) -> None:
        if form is Form.EXPLICIT and self._leans(clause):
            said = self._context.pop()
            self._add(Found(f"{said} {clause.words}", form), f"{fold(said).plain} {clause.plain}")
            return
        if clause.short and self._found and not self._last:
            found, plain = self._found.pop()
            self._add(replace(found, words=f"{found.words} {clause.words}"), f"{plain} {clause.plain}")
            return
        joined = bool(self._found and clause.joined)
        self._add(Found(without_lead(clause, first=not joined), form, joined), clause.plain)

    def _leans(self, clause: Clause) -> bool:
        """Whether a question says nothing by itself and is about the sentence just before it."""
        told = bool(self._last and self._context and self._context[-1] == self._last)
        if not told or len(clause.plain) >= _BRIEF:
            return False
        back = _POINTS_BACK.search(clause.plain) or _SUBJECT_BEFORE.search(clause.plain)
        return bool(back) or not _substance(clause.plain, self._day)

    def _add(self, found: Found, plain: str) -> None:
        self._last = ""
        if all(plain.strip() != other.strip() for _, other in self._found):
            self._found.append((found, plain))

    def asking(self, subject: str) -> Asking:
        """Return what was read, with the plans that are to be checked."""
        self._check_plans()
        if not self._found:
            self._take_whole()
        if not self._found:
            self._read_subject(subject)
        found = tuple(item for item, _ in self._found)
        return Asking(
            context=" ".join(self._context),
            announced=self._announced_by,
            numbers=self._numbers(),
            questions=found[:MAXIMUM_QUESTIONS],
            requests=tuple(self._requests),
            favours=tuple(item.words for item, plain in self._found if _FAVOUR.search(plain)),
            injected=tuple(self._injected),
            complaints=tuple(self._complaints),
            left=max(0, len(found) - MAXIMUM_QUESTIONS),
        )

    def _numbers(self) -> tuple[str, ...]:
        """Return the numbers of ESSMS that the statements give, when sentences give different ones."""
        told = (read_facts(mend(fold(words)), self._day).nombre_essms for words in self._context)
        exact = dict.fromkeys(str(count.value.low) for count in told if count and count.value.exact)
        return tuple(exact) if len(exact) > 1 else ()

    def _take_whole(self) -> None:
        """Take a short message that asks nothing as a question itself: who writes wants to know."""
        whole = " ".join(self._context)
        if len(whole) > _SHORT or self._requests or self._complaints or REFERS.search(fold(whole).plain):
            return
        facts = read_facts(fold(whole), self._day)
        if set(_intents(mend(fold(whole)).plain, facts)) - _IDLE:
            self._found.append((Found(whole, Form.PLAN), fold(whole).plain))

    def _check_plans(self) -> None:
        """Make questions of the plans that no question covers: a day of filing; any, when nothing is asked."""
        asked = [_topics(plain) for _, plain in self._found]
        for place, clause in reversed(self._plans):
            facts = read_facts(mend(fold(clause.words)), self._day)
            dated = facts.date_depot and not any(
                {Topic.RECEVABILITE, Topic.OUVERT} & topics for topics in asked
            )
            if dated or not self._found:
                self._found.insert(place, (Found(clause.words, Form.PLAN), clause.plain))
                self._context = (
                    [words for words in self._context if words != clause.words] if dated else self._context
                )

    def _read_subject(self, subject: str) -> None:
        words = bare_subject(subject)
        plain = mend(fold(words)).plain
        if words and _substance(plain, self._day):
            self._found.append((Found(words, Form.EXPLICIT if "?" in words else Form.DOUBT), plain))


def _told_apart(clause: Clause, form: Form) -> list[Clause]:
    """Return the questions that one clause asks, or the claims that it reports, each with the words to stand alone."""
    plain = fold(clause.words).plain
    if form is Form.BELIEF:
        head = re.search(_THAT, plain)
        cuts = [match.start() for match in _AND_THAT.finditer(plain)] if head else []
        opening = clause.words[: head.end()].rsplit(" ", 1)[0] if head and cuts else ""
    else:
        cuts = (
            []
            if _OR_ELSE.search(plain)
            else [match.start() for match in _ALSO.finditer(plain) if _asks_by(plain, match.start())]
        )
        opening = ""
    if not cuts:
        return [clause]
    parts = [clause.words[start:end] for start, end in pairwise([0, *cuts, len(clause.words)])]
    told = [replace(clause, words=parts[0], plain=fold(parts[0]).plain, short=False)]
    for part in parts[1:]:
        words = f"{opening} {_LINK.sub('', part, count=1)}".strip()
        told.append(replace(clause, words=words, plain=fold(words).plain, joined=True, short=False))
    return [_mended(part) for part in told]


def _asks_by(plain: str, end: int) -> bool:
    """Whether a clause already asks something before a place in it, and not only says that it will."""
    before = _CONDITION.sub("", plain[:end])
    return bool(opens_question(before) or _LOOSE.search(before) or _NAMES.search(before))


def _mended(clause: Clause) -> Clause:
    return replace(clause, plain=mend(fold(clause.words)).plain)


def _topics(plain: str) -> frozenset[Topic]:
    return find_topics(plain)


def _intents(plain: str, facts: Facts) -> tuple[Intent, ...]:
    described = bool(facts.nombre_essms or facts.categories)
    return find_intents(
        plain,
        find_topics(plain),
        find_speech(plain),
        defines=False,
        filed=facts.date_depot is not None,
        described=described,
    )


def _substance(plain: str, day: date) -> bool:
    """Whether a clause speaks of something the programme's sources may tell."""
    facts = read_facts(fold(plain), day)
    wanted = set(_intents(plain, facts)) - _IDLE
    return bool(wanted or find_terms(plain) or facts != Facts())


_CLAIMED = re.compile(
    r"\d|\b(?:eligib\w*|financ\w*|cumul\w*|obligat\w*|exclu\w*|autoris\w*|possible|impossible|droit|clos\w*|ferm\w*|ouvert\w*|prolong\w*|report\w*|termin\w*|fini\w*|reserve\w*|suffi\w*|minimum|seuil|date|delai\w*|aide\w*|montant\w*|referenc\w*|conven\w+|compt\w+|concern\w+|depos\w+|candidat\w+|voie|region\w*|national\w*|perimetre|dispositif|programme|logiciel\w*|dui|finess|instruction\w*|appel\w*|essms|dossier\w*)\b"
)


def _claims(plain: str, day: date) -> bool:
    """Whether a clause that doubts or believes is about a matter of the programme, and not of the correspondence."""
    return bool(_CLAIMED.search(plain)) and _substance(plain, day)


def _is_lead_in(plain: str, day: date) -> bool:
    """Whether a clause only announces questions: « pourriez-vous m’éclairer ? », « j’ai deux questions »."""
    if re.search(r"\b(?:confirm\w+|garanti\w+|assur\w+) (?:que|qu')", plain):
        return False
    if _POLITE.fullmatch(plain) and not _substance(plain, day):
        return True
    if re.search(rf"\b{_ASKED}\b|\bque (?:doi|dev|faut|peut|pouv)", plain):
        return False
    facts = read_facts(fold(plain), day)
    intents = set(_intents(plain, facts)) - {
        Intent.SALUTATION,
        Intent.RECLAMATION,
        Intent.ASSISTANT,
        Intent.PROCEDURE,
    }
    return bool(_LEAD_IN.search(plain)) and not (
        intents or _topics(plain) or ("?" in plain and find_terms(plain))
    )
