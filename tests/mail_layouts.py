"""Bodies as mail programs lay them out, in French and in English, with what each part of them is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """A body; ``written``, ``signature`` and ``disclaimer`` are what must be found, line for line.

    ``history`` is the first line of each earlier message, the latest first, and ``sender`` who wrote that one.
    """

    name: str
    text: str
    written: str
    signature: str = ""
    disclaimer: str = ""
    history: tuple[str, ...] = ()
    sender: str = ""
    subject: str = "Question"
    forwarded: bool = False


QUESTION = "Bonjour,\n\nUn SAAD peut-il rejoindre un groupement déjà constitué ?"
SIGNATURE = "Cordialement,\nMme Exemple\nDirectrice de l’EHPAD d’exemple"
EARLIER = "Bonjour,\n\nPouvez-vous préciser votre demande ?\n\nLe service"
OUTLOOK = """De : Service d’exemple <service@example.org>
Envoyé : lundi 2 juin 2025 10:12
À : direction@example.net
Objet : RE: Question
"""
OUTLOOK_BOLD = """*De :* Service d’exemple <service@example.org>
*Envoyé :* lundi 2 juin 2025 10:12
*À :* direction@example.net
*Cc :* secretariat@example.net
*Objet :* RE: Question
"""
CONFIDENTIAL = (
    "Ce message et ses pièces jointes sont confidentiels et destinés exclusivement à leur destinataire.\n"
    "Si vous l’avez reçu par erreur, merci de le détruire."
)


def marked(text: str, mark: str = "> ") -> str:
    """Return a text with a mark before each line."""
    return "\n".join(f"{mark}{line}".rstrip() for line in text.split("\n"))


def under(header: str, *, signature: str = SIGNATURE, before: str = QUESTION) -> str:
    """Return a message above an earlier one with this header."""
    return f"{before}\n\n{signature}\n\n{header}\n{EARLIER}\n"


def _answers(name: str, header: str, sender: str = "service@example.org") -> Layout:
    return Layout(name, under(header), QUESTION, SIGNATURE, history=("Bonjour,",), sender=sender)


ANSWERS = [
    _answers("outlook", OUTLOOK),
    _answers("outlook with a rule", f"{'_' * 32}\n{OUTLOOK}"),
    _answers("outlook in bold", OUTLOOK_BOLD),
    _answers("outlook with empty lines", OUTLOOK.replace("\n", "\n\n")),
    _answers("outlook with no-break spaces", OUTLOOK.replace(" :", "\u00a0:")),
    _answers(
        "outlook in English",
        "From: Service <service@example.org>\nSent: Monday, June 2, 2025 10:12 AM\nTo: x@example.net\nSubject: RE: Question\n",
    ),
    _answers(
        "outlook with mailto",
        "De : Service [mailto:service@example.org]\nEnvoyé : lundi 2 juin 2025 10:12\nÀ : x@example.net\nObjet : RE: Question\n",
    ),
    _answers("old outlook", f"-----Message d’origine-----\n{OUTLOOK}"),
    _answers(
        "old outlook in English",
        "-----Original Message-----\nFrom: Service [mailto:service@example.org]\nSent: lundi 2 juin 2025 10:12\nTo: x\nSubject: Question\n",
    ),
    _answers(
        "windows mail",
        "De : Service <service@example.org>\nEnvoyé le : lundi 2 juin 2025 10:12\nÀ : x@example.net\nObjet : Question\n",
    ),
    _answers(
        "recipients over two lines",
        "De : Service <service@example.org>\nEnvoyé : lundi 2 juin 2025 10:12\nÀ : a@example.net; b@example.net;\nc@example.net\nObjet : Question\n",
    ),
    _answers(
        "zimbra",
        '----- Mail original -----\nDe: "Service" <service@example.org>\nÀ: "Direction" <x@example.net>\nEnvoyé: Lundi 2 Juin 2025 10:12:33\nObjet: Re: Question\n',
    ),
    _answers(
        "zimbra today",
        'De: "Service" <service@example.org>\nÀ: "Direction" <x@example.net>\nEnvoyé: Lundi 2 Juin 2025 10:12:33\nObjet: Re: Question\n',
    ),
    _answers(
        "notes",
        "De :\tService <service@example.org>\nPour :\tx@example.net\nDate :\t02/06/2025 10:12\nObjet :\tRe: Question\n",
    ),
    _answers(
        "notes with values below",
        "De :\nService <service@example.org>\nA :\nx@example.net\nDate :\n02/06/2025 10:12\nObjet :\nRe: Question\n",
    ),
    _answers("gmail, unmarked", "Le lun. 2 juin 2025 à 10:12, Service <service@example.org> a écrit :\n"),
    _answers("yahoo", "Le lundi 2 juin 2025 à 10:12:33 UTC+2, Service <service@example.org> a écrit :\n"),
    _answers(
        "on two lines",
        "Le lundi 2 juin 2025 à 10:12, Service d’exemple de l’agence\n<service@example.org> a écrit :\n",
    ),
    _answers("said on the next line", "Le 2 juin 2025 à 10:12, Service <service@example.org>\na écrit :\n"),
    _answers("english attribution", "On Mon, Jun 2, 2025 at 10:12 AM Service <service@example.org> wrote:\n"),
    _answers("old gmail", "2025-06-02 10:12 GMT+02:00 Service <service@example.org>:\n"),
    _answers(
        "flattened on one line",
        "De : Service <service@example.org> Envoyé : lundi 2 juin 2025 10:12 À : x@example.net Objet : RE: Question\n",
    ),
]

_GMAIL = "Le lun. 2 juin 2025 à 10:12, Service <service@example.org> a écrit :"

QUOTES = [
    Layout(
        "gmail",
        f"{QUESTION}\n\n{SIGNATURE}\n\n{_GMAIL}\n\n{marked(EARLIER)}\n",
        QUESTION,
        SIGNATURE,
        history=("Bonjour,",),
        sender="service@example.org",
    ),
    Layout(
        "thunderbird",
        f"{QUESTION}\n\nLe 02/06/2025 à 10:12, Service a écrit :\n{marked(EARLIER)}\n",
        QUESTION,
        history=("Bonjour,",),
        sender="Service",
    ),
    Layout(
        "answer below",
        f"{_GMAIL}\n{marked(EARLIER)}\n\n{QUESTION}\n\n{SIGNATURE}\n",
        QUESTION,
        SIGNATURE,
        history=("Bonjour,",),
        sender="service@example.org",
    ),
    Layout(
        "two levels",
        f"{QUESTION}\n\n{_GMAIL}\n{marked(EARLIER)}\n>\n> Le 30/05/2025 à 9:00, Direction a écrit :\n{marked('Première question', '> > ')}\n",
        QUESTION,
        history=("Bonjour,", "Première question"),
        sender="service@example.org",
    ),
    Layout(
        "marks without spaces",
        f"{QUESTION}\n\n{_GMAIL}\n>{EARLIER.replace(chr(10), chr(10) + '>')}\n>>Première question\n",
        QUESTION,
        history=("Bonjour,", "Première question"),
        sender="service@example.org",
    ),
    Layout(
        "la poste, orange",
        f'{QUESTION}\n\n> Message du 02/06/25 10:12\n> De : "Service" <service@example.org>\n> A : x@example.net\n> Copie à : \n> Objet : Re: Question\n>\n{marked(EARLIER)}\n',
        QUESTION,
        history=("Bonjour,",),
        sender="service@example.org",
    ),
    Layout(
        "a chain of three",
        f"{QUESTION}\n\n{OUTLOOK}\nDeuxième message\n\n{OUTLOOK.replace('10:12', '09:00')}\nPremier message\n",
        QUESTION,
        history=("Deuxième message", "Premier message"),
        sender="service@example.org",
    ),
    Layout(
        "cut by the width of the quotation",
        "Oui.\n\n"
        + _GMAIL
        + "\n> Pouvez-vous nous dire combien d’établissements rejoindraient votre\ngroupement ?\n> Merci\n",
        "Oui.",
        history=("Pouvez-vous nous dire combien d’établissements rejoindraient votre",),
        sender="service@example.org",
    ),
]

_FORWARDED = """---------- Forwarded message ---------
De : Direction <direction@example.net>
Date: lun. 2 juin 2025 à 10:12
Subject: Question sur le DUI
To: <service@example.org>
"""


def _passes(name: str, before: str, header: str, subject: str = "TR: Question sur le DUI") -> Layout:
    body = "Bonjour,\n\nQuelle est la date limite ?\n\nLa direction"
    return Layout(
        name,
        f"{before}\n\n{header}\n{body}\n",
        before,
        history=("Bonjour,",),
        sender="direction@example.net",
        subject=subject,
        forwarded=True,
    )


_FROM_DIRECTION = "De : Direction <direction@example.net>\nEnvoyé : lundi 2 juin 2025 10:12\nÀ : accueil@example.org\nObjet : Question sur le DUI\n"

FORWARDS = [
    _passes("for attribution", "Pour suite à donner.", _FROM_DIRECTION),
    _passes("without a word of subject", "Pour attribution", _FROM_DIRECTION, "RE: Question sur le DUI"),
    _passes("with a request", "Bonjour,\nPeux-tu répondre à cette dame stp ?", _FROM_DIRECTION),
    _passes("with nothing", "", _FROM_DIRECTION),
    _passes("gmail", "Pour info", _FORWARDED, "Fwd: Question sur le DUI"),
    _passes(
        "thunderbird",
        "",
        "-------- Message transféré --------\nSujet : \tQuestion sur le DUI\nDate : \tlun. 2 juin 2025 10:12\nDe : \tDirection <direction@example.net>\nPour : \tservice@example.org\n",
        "Fwd: Question sur le DUI",
    ),
    _passes(
        "apple",
        "À traiter",
        "Début du message réexpédié :\n\nDe: Direction <direction@example.net>\nObjet: Question sur le DUI\nDate: 2 juin 2025 à 10:12:33 UTC+2\nÀ: service@example.org\n",
        "Tr : Question sur le DUI",
    ),
    _passes(
        "notes",
        "Pour compétence.",
        "----- Transféré par Accueil/ARS le 02/06/2025 11:00 -----\n\nDe : Direction <direction@example.net>\nPour : accueil@example.org\nDate : 02/06/2025 10:12\nObjet : Question sur le DUI\n",
    ),
    Layout(
        "forwarded twice",
        f"Pour traitement svp\n\nDe : Accueil <accueil@example.org>\nEnvoyé : lundi 2 juin 2025 11:00\nÀ : service@example.org\nObjet : TR: Question\n\nBonjour,\nPour attribution.\nL’accueil\n\n{_FROM_DIRECTION}\nQuelle est la date limite ?\n",
        "Pour traitement svp",
        history=("Quelle est la date limite ?",),
        sender="direction@example.net",
        subject="TR: TR: Question",
        forwarded=True,
    ),
]

NOT_FORWARDS = [
    Layout(
        "a question on what is below",
        f"Bonjour,\n\nNotre prestataire nous a envoyé le message ci-dessous. Le plafond qu’il cite est-il exact ?\n\n{_FROM_DIRECTION}\nLe plafond est connu.\n",
        "Bonjour,\n\nNotre prestataire nous a envoyé le message ci-dessous. Le plafond qu’il cite est-il exact ?",
        history=("Le plafond est connu.",),
        sender="direction@example.net",
        subject="TR: Plafond",
    ),
]

ENDINGS = [
    Layout("signature", f"{QUESTION}\n\n{SIGNATURE}\n", QUESTION, SIGNATURE),
    Layout(
        "delimiter",
        f"{QUESTION}\n\n-- \nMme Exemple\nTél. : 01 00 00 00 00\n",
        QUESTION,
        "--\nMme Exemple\nTél. : 01 00 00 00 00",
    ),
    Layout("phone", f"{QUESTION}\n\nEnvoyé de mon iPhone\n", QUESTION, "Envoyé de mon iPhone"),
    Layout(
        "outlook on a phone",
        f"{QUESTION}\n\nTélécharger Outlook pour Android<https://example.org>\n",
        QUESTION,
        "Télécharger Outlook pour Android<https://example.org>",
    ),
    Layout(
        "in English",
        "Hello,\n\nIs a day centre eligible?\n\nKind regards,\nThe manager\n",
        "Hello,\n\nIs a day centre eligible?",
        "Kind regards,\nThe manager",
    ),
    Layout("short", f"{QUESTION}\nCdt,\nL’accueil", QUESTION, "Cdt,\nL’accueil"),
    Layout(
        "wishes",
        f"{QUESTION}\n\nMerci d’avance et bonne journée,\n\nM. Modèle\n",
        QUESTION,
        "Merci d’avance et bonne journée,\n\nM. Modèle",
    ),
    Layout("office alone", f"{QUESTION}\n\nLa directrice\n", QUESTION, "La directrice"),
    Layout("office with its civility", f"{QUESTION}\nMme la directrice\n", QUESTION, "Mme la directrice"),
    Layout("office under the question", f"{QUESTION}\nLe chef de projet\n", QUESTION, "Le chef de projet"),
    Layout(
        "long courtesy",
        f"{QUESTION}\n\nDans cette attente, je vous prie d’agréer, Madame, Monsieur,\nl’expression de mes salutations distinguées.\n\nLe président\nAssociation d’exemple\n",
        f"{QUESTION}\n\nDans cette attente, je vous prie d’agréer, Madame, Monsieur,\nl’expression de mes salutations distinguées.",
        "Le président\nAssociation d’exemple",
    ),
    Layout(
        "post-scriptum",
        f"{QUESTION}\n\n{SIGNATURE}\n\nP.-S. : et les CAMSP\nsont-ils concernés ?\n",
        f"{QUESTION}\n\nP.-S. : et les CAMSP\nsont-ils concernés ?",
        SIGNATURE,
    ),
    Layout(
        "question after the signature",
        f"{QUESTION}\n\n{SIGNATURE}\n\nJ’oubliais : faut-il une lettre d’engagement ?\n",
        f"{QUESTION}\n\nJ’oubliais : faut-il une lettre d’engagement ?",
        SIGNATURE,
    ),
    Layout(
        "question right under the name",
        f"{QUESTION}\n\nCordialement\nMme Exemple\nPS : et pour les ESAT ?\n",
        f"{QUESTION}\n\nPS : et pour les ESAT ?",
        "Cordialement\nMme Exemple",
    ),
    Layout(
        "list after the signature",
        f"{QUESTION}\n\n{SIGNATURE}\n\nNos établissements :\n- un EHPAD\n- deux SSIAD\n",
        f"{QUESTION}\n\nNos établissements :\n- un EHPAD\n- deux SSIAD",
        SIGNATURE,
    ),
    Layout(
        "closing words in a sentence",
        "Bonjour,\n\nVotre équipe nous a reçus très cordialement et nous avons une question.\nQuel est le seuil ?\n\nBien à vous\nX\n",
        "Bonjour,\n\nVotre équipe nous a reçus très cordialement et nous avons une question.\nQuel est le seuil ?",
        "Bien à vous\nX",
    ),
    Layout(
        "list that ends the text",
        "Bonjour,\n\nNos structures :\n- EHPAD, 12 rue du Modèle, 00000 Ville\n- IME, 3 place du Modèle, 00000 Ville\n",
        "Bonjour,\n\nNos structures :\n- EHPAD, 12 rue du Modèle, 00000 Ville\n- IME, 3 place du Modèle, 00000 Ville",
    ),
    Layout(
        "where to call, in a sentence",
        f"{QUESTION}\n\nVous pouvez me joindre au 01 00 00 00 00.\n",
        f"{QUESTION}\n\nVous pouvez me joindre au 01 00 00 00 00.",
    ),
    Layout(
        "in capitals",
        "BONJOUR\n\nNOUS SOMMES UN EHPAD\n\nMERCI DE VOTRE RETOUR\n",
        "BONJOUR\n\nNOUS SOMMES UN EHPAD\n\nMERCI DE VOTRE RETOUR",
    ),
    Layout(
        "a rule between two parts",
        "Bonjour,\n\nPremier point : le seuil.\n\n-----\n\nSecond point : quelle est la date limite ?\n",
        "Bonjour,\n\nPremier point : le seuil.\n\n-----\n\nSecond point : quelle est la date limite ?",
    ),
    Layout(
        "confidential", f"{QUESTION}\n\n{SIGNATURE}\n\n{CONFIDENTIAL}\n", QUESTION, SIGNATURE, CONFIDENTIAL
    ),
    Layout(
        "environment, right under the signature",
        f"{QUESTION}\n\n{SIGNATURE}\nPensez à l’environnement : n’imprimez ce message que si nécessaire.\n",
        QUESTION,
        SIGNATURE,
        "Pensez à l’environnement : n’imprimez ce message que si nécessaire.",
    ),
    Layout(
        "asked of the reader",
        f"{QUESTION}\n\n{SIGNATURE}\n\nAvez-vous vraiment besoin d’imprimer ce message ?\n",
        QUESTION,
        SIGNATURE,
        "Avez-vous vraiment besoin d’imprimer ce message ?",
    ),
    Layout(
        "a notice that asks",
        f"{QUESTION}\n\n{SIGNATURE}\n\n{CONFIDENTIAL} Une question sur vos données ? Écrivez-nous.\n",
        QUESTION,
        SIGNATURE,
        f"{CONFIDENTIAL} Une question sur vos données ? Écrivez-nous.",
    ),
    Layout(
        "advertising",
        f"{QUESTION}\n\n{SIGNATURE}\n\nSuivez-nous ! Vous cherchez un emploi ? www.example.org\n",
        QUESTION,
        SIGNATURE,
        "Suivez-nous ! Vous cherchez un emploi ? www.example.org",
    ),
    Layout(
        "antivirus",
        f"{QUESTION}\n\nL’absence de virus dans ce courrier électronique a été vérifiée par un logiciel antivirus.\n",
        QUESTION,
        disclaimer="L’absence de virus dans ce courrier électronique a été vérifiée par un logiciel antivirus.",
    ),
    Layout(
        "in two languages",
        f"{QUESTION}\n\n{CONFIDENTIAL}\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.\n",
        QUESTION,
        disclaimer=f"{CONFIDENTIAL}\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.",
    ),
    Layout(
        "warning above",
        f"ATTENTION : ce courriel provient de l’extérieur. Ne cliquez pas sur les liens.\n\n{QUESTION}\n",
        QUESTION,
        disclaimer="ATTENTION : ce courriel provient de l’extérieur. Ne cliquez pas sur les liens.",
    ),
    Layout(
        "no notice: a sentence on confidential data",
        "Bonjour,\n\nNos données sont confidentielles : où doivent-elles être hébergées ?\n",
        "Bonjour,\n\nNos données sont confidentielles : où doivent-elles être hébergées ?",
    ),
]

# What speaks of the same things as a notice or a signature, and is written.
_SENTENCES = [
    "Les informations contenues dans le dossier sont-elles confidentielles ?",
    "Nous pensons que l’environnement de test suffit.",
    "Ce message concerne exclusivement nos SAAD.",
    "Ce message fait suite à une erreur de notre part.",
    "Attention : notre prestataire externe n’est pas référencé.",
    "L’éditeur ne peut être tenu responsable si le dossier est modifié.",
    "Nos données personnelles sont hébergées chez un tiers, selon le RGPD.",
    "Qui nous protège contre les virus ?",
    "Est-il nécessaire d’imprimer le dossier ?",
    "Envoyé par courrier le 12 septembre 2025.",
    "Bonne nouvelle : nous avons signé.",
    "Merci de nous dire si le SAAD est éligible.",
    "Cordialement reçus par votre équipe, nous avons une question.",
]

PLAIN = [
    *(
        Layout(
            f"sentence: {sentence}",
            f"Bonjour,\n\nUne précision.\n\n{sentence}\n",
            f"Bonjour,\n\nUne précision.\n\n{sentence}",
        )
        for sentence in _SENTENCES
    ),
    *(
        Layout(
            f"first: {sentence}", f"{sentence}\n\nQuel est le seuil ?\n", f"{sentence}\n\nQuel est le seuil ?"
        )
        for sentence in _SENTENCES
    ),
    Layout(
        "a letter quoted",
        "Bonjour,\n\nLe 2 juin 2025, l’agence nous a écrit :\n« Votre dossier est complet. »\nEst-ce définitif ?",
        "Bonjour,\n\nLe 2 juin 2025, l’agence nous a écrit :\n« Votre dossier est complet. »\nEst-ce définitif ?",
    ),
    Layout(
        "someone wrote",
        "Le directeur a écrit :\nnous sommes d’accord.\nEst-ce suffisant ?",
        "Le directeur a écrit :\nnous sommes d’accord.\nEst-ce suffisant ?",
    ),
    Layout(
        "from and to in figures",
        "Bonjour,\nNous passons :\nDe : 10 places\nÀ : 20 places\nEst-ce permis ?",
        "Bonjour,\nNous passons :\nDe : 10 places\nÀ : 20 places\nEst-ce permis ?",
    ),
    Layout(
        "a subject in a letter",
        "Objet : demande de précisions\n\nMadame,\n\nQuel est le seuil ?",
        "Objet : demande de précisions\n\nMadame,\n\nQuel est le seuil ?",
    ),
    Layout("nothing", "", ""),
]

ALL = [*ANSWERS, *QUOTES, *FORWARDS, *NOT_FORWARDS, *ENDINGS, *PLAIN]
