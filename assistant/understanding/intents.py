"""What a message asks for: the topics a rule can judge, and the messages that are not questions."""

from __future__ import annotations

import re
from enum import StrEnum


class Topic(StrEnum):
    """A subject a rule can judge."""

    ELIGIBILITE = "eligibilite"
    SEUIL = "seuil"
    VOIE = "voie"
    CLOTURE = "cloture"
    OUVERTURE = "ouverture"
    RECEVABILITE = "recevabilite"
    OUVERT = "ouvert"
    PART = "part"
    CUMUL = "cumul"
    SONS = "sons"
    REFERENCEMENT = "referencement"
    DISPENSE = "dispense"
    MONTANT = "montant"
    BUDGET = "budget"
    DECISION = "decision"
    CHIFFRES = "chiffres"
    MATERIEL = "materiel"
    TYPE = "type"
    TEXTE = "texte"


class Intent(StrEnum):
    """What a message wants, as a person sorting the mail would say it.

    That it is out of scope is not told by its words but by its meaning: see ``senses.py``.
    """

    ELIGIBILITE = "eligibilite"
    ECHEANCE = "echeance"
    VOIE = "voie"
    FINANCEMENT = "financement"
    MONTANT = "montant"
    DEFINITION = "definition"
    PROCEDURE = "procedure"
    CHIFFRES = "chiffres"
    COMPARAISON = "comparaison"
    SALUTATION = "salutation"
    ASSISTANT = "assistant"
    RECLAMATION = "reclamation"


class Speech(StrEnum):
    """A message that is not a question about the programme's content, or that asks for something special."""

    GREETING = "greeting"
    THANKS = "thanks"
    ABOUT = "about"
    RESTART = "restart"
    INJECTION = "injection"
    DRAFT = "draft"
    VENDOR = "vendor"
    PREDICTION = "prediction"
    FRAUD = "fraud"
    PERSONAL = "personal"
    CONTACT = "contact"
    LONG_WRITING = "long_writing"
    COMPLAINT = "complaint"
    UNSURE = "unsure"


_TOPICS: dict[Topic, re.Pattern[str]] = {
    Topic.ELIGIBILITE: re.compile(
        r"\b(?:in)?e?l+igib\w*|\b(?:ir)?recevab\w*|\bconcern\w+|\bdroit\b|\bexclus?e?s?\b|\brelev\w+ (?:du programme|du dispositif|d'esms)|\bca passe\b|\bpasse\w* ?\?|\bsuffi\w*|\bassez\b|"
        r"\b(?:peut|peux|peu|peuvent|pouvons|pouvez|pourr\w+|puis-je|possible de|can|may)\b.{0,70}\b(?:candidat\w*|particip\w*|benefici\w*|rejoin\w*|integr\w*|postul\w*|pretend\w*|depos\w*|apply|join|entrer|port(?:er|e)|monter|obtenir|demander|figurer|faire partie|etre dans|y aller|se lancer|toucher|etre (?:aussi |egalement )?(?:finance|compte|inclu|retenu|pris|admis|accepte|aide)\w*)|"
        r"\b(?:compt\w+|inclu\w*|admis\w*|accept\w*|exclu\w*|pris\w* en compte)\b|\b(?:est|sont|etre) (?:aussi |egalement |bien )?(?:finance|couvert|vise)\w*|\bfinancabl\w+|"
        r"\b(?:on|nous|elles?|ils?) (?:y )?(?:est|sommes|sont) (?:bon|dedans|dans le coup|admissibles?)|\bfont? partie (?:du (?:programme|dispositif|perimetre|champ)|des (?:structures|essms|beneficiaires))|\bqualify|\bentre\w* dans (?:le|l')|\b(?:sera|seront|est|sont|seraient?)\b.{0,20}\b(?:finance|couvert|aide|compte|pris)\w*"
    ),
    Topic.SEUIL: re.compile(
        r"\b(?:seuil|nombre (?:minim\w*|mini\b|requis)|taille (?:minim\w*|mini\b)|minimum (?:d'|de )(?:\d+ )?(?:essms|esms|struct|etab|sites)|mini d'|il (?:en )?faut (?:etre |encore |en tout )?combien|combien (?:(?:d'|de )(?:\w+ )?(?:essms|esms|structures?|etablissements?|etabs?|services?|sites?) ?(?:\w+ )?|(?:en |nous en |vous en |il |(?:d'autres? ))?)(?:faut|fallait|faudra\w*|minimum|au minimum|mini\b|sont necessaires|pour (?:candidater|etre|deposer|un (?:projet|groupement)|former)))|"
        r"^combien (?:d'|de )(?:essms|esms)(?: (?:en|a|au|aux|dans|pour|sur) .{0,25})?\W*$|a partir de combien|\bassez nombreu\w*|\b(?:nombre|compte|minimum|plancher|quorum|barre)\b.{0,25}\b(?:atteint\w*|suffi\w*|bon\b|respect\w*|franchi\w*|depass\w*)|minimum number|how many (?:facilities|establishments|structures)|\bil faut (?:bien |toujours |donc |au moins |un minimum de )*\d+|"
        r"\b(?:essms|esms|structures?|etablissements?) (?:au )?minimum\b|\bminimum (?:legal|exige|demande)"
    ),
    Topic.VOIE: re.compile(
        r"\b(?:quelle|quel|which|ki|kel) (?:est (?:la|le) )?(?:voie|guichet|appel|aap|niveau|track|circuit|type d'appel|procedure)|\bregional(?:e)? ou (?:multi|inter|national)|\bmulti-?regional(?:e)? ou|national(?:e)? ou|"
        r"\bou (?:national|multi-?regional|regional)|\b(?:releve\w*|passe\w*|bascul\w*|va|vont|alla\w*|aller|depos\w*|c'est|fait|devient|serait|est|sommes|reste\w*)(?: \w+){0,5} (?:du |de la |de l'|le |la |l'|un |au |en |par la |par le )?(?:voie |appel (?:a projets )?|aap )?(?:multi-?regional|national\b|regional\b)|\ba qui (?:on )?(?:depos|adress|envo)|\baupres de (?:qui|quelle ars)|\bdans quelle (?:voie|categorie|case)"
    ),
    Topic.CLOTURE: re.compile(
        r"\bfermeture\w*|\bde quand a quand\b|\bquand (?:a|s'est|est|ont|sont)(?:-t)?-(?:il|elle|ils|elles|on) (?:ferm|clos|clot|termin|pris fin|fini|arret)\w*|\bdate\w* (?:limites?|butoirs?|de cloture|de fin|de depot|maximum|max)|\bclotur\w*|\bcloture\b|\bjusqu'?a? ?(?:quand|quelle date)|\bavant (?:quand|quelle date)|\becheance\w*|\bdeadline|\bdernier (?:jour|delai)|"
        r"\bquand (?:faut-il|faut il|doit-on|doit on|devait-on|fallait-il|devions-nous|devons-nous|dois-je|pouvait-on|est-ce qu'on (?:doit|peut)|on (?:doit|peut)|pouvons-nous|peut-on|puis-je) (?:\w+ )?(?:depos|candidat|envoy|transm|remettre|rendre|soumettre)|\bquand (?:ferm|se ferm|clo|se clo|s'arret|se termin|finit|prend fin|prenait fin|expir|fini)\w*|\bfin (?:des depots|du depot|de l'appel|des candidatures|de campagne)|\bclos\w*\b|\b(?:ki|qui) dat\b|\b(?:la|quelle|kel) dat\w*\b|\bcombien de jours\b|\breste(?:-t-il|nt-il)? (?:\w+ )?combien de (?:temps|jours)|\bdelais?\b(?: de depot| pour (?:depos|candidat)| limite)|\blimite de depot|\bdate\w* (?:de|du|des) (?:candidature|depot|aap|appel)\w*|\bcalendrier|\bwhen (?:do|does|did|is)\b.*(?:clos|deadline|end)|\bfermait|\bdates?\b(?=.{0,40}(?:\bpour (?:depos|candidat)|depot|multi-?regi|\bregional|\bnational|\bars\b|\baap\b|appel))"
    ),
    Topic.OUVERTURE: re.compile(
        r"\bouvertur\w*|\bde quand a quand\b|\bquand (?:a|s'est|est|ont|sont)(?:-t)?-(?:il|elle|ils|elles|on) (?:ouv|lanc|commenc|debut|demarr)\w*|\bquand (?:ouvr\w*|s'ouvr\w*|commenc\w*|debut\w*|demarr\w*|ont ouvert|a ouvert|est ouvert|a debute)|\bdate\w* (?:d'ouverture|de lancement|de debut)|\blancement (?:de l'appel|des appels|de l'aap|des aap)|\b(?:a partir de|depuis) quand (?:peut|pouvait|pouvons|puis|les depots|on (?:peut|pouvait))"
    ),
    Topic.RECEVABILITE: re.compile(
        r"\bdepos\w*|\bdepot\w*|\bparven\w*|\barriv\w*|\benvoy\w*|\btransmi\w*|\badmissib\w*|\bsoumi\w*|\bremis\w*|\btrop tard|\bhors delai|\bdans les (?:delais|temps)|\ba temps\b|\b(?:ir)?recevab\w*|\bsubmit\w*|\baccept\w*|\btardi\w*|\ben retard"
    ),
    Topic.OUVERT: re.compile(
        r"\b(?:encore|toujours)\b.{0,30}\bdans les (?:delais|temps|clous)|\b(?:encore|toujours)\b.{0,30}\bune? (?:chance|possibilite|guichet)|\b(?:encore|toujours)\b.{0,60}\b(?:candidat\w*|depos\w*|ouvert\w*|possible|postul\w*|temps|demander|particip\w*|benefici\w*|apply|obtenir|financ\w*|aide|appel|aap|d'actualite)|\b(?:candidat\w*|depos\w*|ouvert\w*|postul\w*)\b.{0,50}\b(?:encore|toujours|aujourd'?hui|maintenant|actuellement|en ce moment|cette annee|now|still)|"
        r"\b(?:aujourd'?hui|maintenant|actuellement|en ce moment|cette annee)\b.{0,60}\b(?:candidat\w*|depos\w*|ouvert\w*|postul\w*)|\btrop tard\b|\b(?:est|sont|y a-t-il|a-t-il|reste-t-il|est-ce que)\b.{0,40}\b(?:ouverts?|ouverte?s?|en cours)\b|\bc'est (?:fini|clos|termine|mort|ferme|encore)|\bplus (?:possible|ouvert|d'appel)|\b(?:peut|peuvent|pouvons|pourr\w+) plus (?:\w+ )?(?:depos\w+|candidat\w+|postul\w+)|\bprochain(?:e|s)?\b.{0,30}\b(?:appel|aap|campagne|session|vague d'appel|fenetre)|\bstill (?:apply|open)|\bnouve\w+ (?:appel|aap|campagne)|\b(?:appel|aap|campagne)s? (?:en |pour )?20(?:2[6-9]|3\d)|\ben 20(?:2[6-9]|3\d)\b"
    ),
    Topic.PART: re.compile(
        r"\b(?:part|proportion|prorata|taux|pourcentage|combien|quelle fraction|financ\w*|calcul\w*|pris\w* en charge)\b"
    ),
    Topic.CUMUL: re.compile(
        r"\bcumul\w*|\bcompatib\w*|\bincompatib\w*|\ben plus\b|\b(?:deja|en 20(?:21|22|23|24|25))\b.{0,40}\b(?:financ|aide|laureat|benefici|percu|recu|subvention|obtenu|touche)\w*|\b(?:deuxieme|seconde?|2e|nouvelle) (?:fois|aide|financement|subvention|demande)\b|\bdeux fois\b|\bdeux (?:dui|logiciels)\b|\b(?:feder|fse|fonds europeens?|europeen\w*)\b|\bredemander|\ba nouveau\b.{0,30}\b(?:financ|aide|demand|candidat)|"
        r"\b(?:sons|segur)\b.{0,60}\b(?:et|puis-je|peut-on|demander)\b.{0,40}\besms numerique|\bcommand\w+.{0,60}\b(?:puis-je|peut-on|pouvons-nous|demander|candidater)"
    ),
    Topic.SONS: re.compile(
        r"\b(?:sons|prestation segur|montee de version|mise a niveau|bon de commande|vague 1)\b"
    ),
    Topic.REFERENCEMENT: re.compile(r"\b(?:referenc\w*|guichet|ms1|ms2)\b"),
    Topic.DISPENSE: re.compile(
        r"\b(?:tenue?s?|astreinte?s?|soumise?s?) (?:par|a|aux|au|de|d') ?(?:\w+ ){0,3}(?:cibles?|objectifs?)|\b(?:dispens\w*|exempt\w*|exoner\w*|echapp\w*|sans (?:atteindre|cible)|soumis\w* aux cibles|doi\w+ .{0,40}cibles?|obligation\w* d'usage|cibles? .{0,50}(?:appli|concern|oblig|impos|valent|s'impose)\w*)\b"
    ),
    Topic.MONTANT: re.compile(
        r"\b(?:combien|montant\w*|forfait\w*|bareme\w*|tarif\w*|somme|aide|subvention|donnait combien)\b.{0,60}\b(?:par (?:essms|esms|etablissement|structure|ehpad|site|service)|pour (?:un|une|notre|nos|mon|ma|chaque|\d+) (?:[a-z]+ ){0,2}(?:essms|esms|etablissements?|structures?|ehpad|sites?|ime|mecs|services?|foyers?|ssiad|saad|places|projet|groupement)|peut on (?:obtenir|avoir|esperer|recevoir|toucher|percevoir))|"
        r"\bcombien\b.{0,30}\b(?:touche(?:rons|ra|rait|r)?|percevr\w*|recevr\w*|obtiendr\w*|aurons|aura|esperer|obtenir|peut on|on peut|pouvons|je peux|puis)\b|\b(?:montant|forfait|bareme|tarif|aide)s?\b.{0,40}\b(?:obtenir|esperer|recevoir|percevoir|toucher)\b|"
        r"\b(?:aide|forfait|montant)s?\b.{0,40}\b(?:mise en conformite|acquisition d'un|achat d'un)\b|\b(?:part (?:de )?(?:la )?maitrise d'ouvrage|part (?:de l')?editeur)\b|\b(?:a l'editeur|pour l'editeur)\b|\ba partir du \d+e (?:essms|esms|etablissement)"
    ),
    Topic.BUDGET: re.compile(
        r"\b(?:budget\w*|enveloppe\w*|de combien dispos\w*|combien (?:de )?(?:millions|m€|d'argent|credits?|y avait il|reste)|montant (?:total|global|annuel|20\d\d)|credits? (?:ouverts|annuels|20\d\d))\b|\b\d+(?:,\d+)? ?(?:m€|millions)"
    ),
    Topic.CHIFFRES: re.compile(
        r"\b(?:combien|nombre)\b.{0,30}\b(?:structures?|essms|esms|etablissements?|ets)\b.{0,50}\b(?:engag\w*|equip\w*|deploy\w*|rejoint\w*|embarqu\w*|entre\w* dans|dans le programme|participent|a ce jour|aujourd'hui)|\bou en (?:est|etait|sont|etions)\b(?: on\b| le programme| le deploiement)?"
    ),
    Topic.DECISION: re.compile(
        r"\b(?:quand|delai\w*|combien de temps|date|sous combien|au bout de)\b.{0,50}\b(?:reponse|resultats?|decisions?|notifi\w*|retenus?|selection\w*|verdict|laureats?|sait|apprend|saur\w+|connaitr\w*)\b|\b(?:reponse|resultats?|decision|notification)\b.{0,30}\b(?:quand|delai|date|attend\w*)\b"
    ),
    Topic.MATERIEL: re.compile(
        r"\b(?<!sans )(?<!hors )(?:materiel\w*|equipements?|ordinateurs?|tablettes?|pc\b|infrastructure\w*|wifi|reseau|serveurs?)\b"
    ),
    Topic.TYPE: re.compile(
        r"\b(?:que|quoi|qu'est-ce que|quelle?s?|quels)\b.{0,30}\b(?:financ\w*|pris\w* en charge|paye\w*|couvert\w*|depenses?)|\b(?:finance|paye|couvre|prend en charge|rembourse)\w*\b|\b(?:est|sera|serait)(?:-(?:il|elle|ce))? (?:aussi |bien |encore )?(?:finance|paye|pris en charge|couvert)\w*"
    ),
    Topic.TEXTE: re.compile(
        r"\bsur (?:quelle|quel) (?:instruction|texte|circulaire)|\b(?:quelle|quel) (?:instruction|texte|circulaire)s? (?:s'appli|appli|faut|doi|regi|utilis|suivre|respect|prendre)\w*|\b(?:quelle|quel|laquelle|which)\b.{0,20}\b(?:instruction|texte|circulaire)\w*\b(?=.{0,60}(?:\bappli\w*|\bvigueur|\bregi\w*|\bvaut|\bval\w*|\breference|\bfoi\b|\bpour\b|\ben 20|\b20\d\d|\bcampagne))|\binstruction\w* (?:applicable|en vigueur|de la campagne|pour (?:la campagne )?20)|\b(?:texte|instruction) (?:applicable|en vigueur|de reference)"
    ),
}

_SPEECH: tuple[tuple[Speech, re.Pattern[str]], ...] = (
    (Speech.RESTART, re.compile(r"^\W*(?:oubli\w+|annul\w+|efface\w*) (?:tout|ce que (?:j'ai|je t'ai|je vous ai) dit|ce qui precede|mes messages)\W*$")),
    (Speech.UNSURE, re.compile(r"^\W*(?:je|nous|on) (?:n'en |ne )?(?:le )?sa(?:is|vons|it) (?:pas|rien)(?: (?:du tout|encore))?\W*$|^\W*aucune idee\W*$")),
    (Speech.INJECTION, re.compile(
        r"\b(?:ignor\w+|oubli\w+|neglig\w+|contourn\w+|desactiv\w+|outrepass\w+)\b.{0,40}\b(?:(?:tes|vos|ces|ses|les|toutes?|leurs|previous) (?:\w+ ){0,3}?(?:instruction|consigne|regle|directive|limite|garde-?fou|filtre)\w*|(?:instruction|consigne|directive|prompt)\w* (?:precedent|ci-dessus|systeme)\w*|(?:ton|votre|le) prompt|garde-?fous?|tout ce qui precede)|\b(?:ignore|forget|disregard|override)\b.{0,40}\b(?:instructions?|rules?|previous|prompt)|"
        r"</?(?:system|assistant|admin|developer|instructions?)>|\bsystem ?(?:prompt|:)|\bnouvelle regle\b|\btu es (?:maintenant|desormais)\b|\b(?:fais|fait) comme si\b|\bfais semblant|\bjoue le role|\bmode (?:developpeur|admin|debug|dan)\b|\breponds?(?:-moi)? (?:toujours|uniquement|seulement|juste)? ?(?:par )?[\"' ]*(?:oui|non)\b|(?:^\W*|[.;:,!?] |\b(?:et|alors|donc|puis|maintenant|ensuite|bonjour|stp|svp) )(?:dis|affirme|confirme|ecris|invente|cite|pretends)(?:-moi|-nous|-lui)? (?:que |donc que |juste que |simplement que |une instruction|un texte|un arrete|une date|moi que)|\bmes? (?:document|piece|fichier)\w* (?:joint\w* )?(?:dit|dis|demande|indique)\w* .*\b(?:suis|obeis|applique|fais)|\bjailbreak|\brevele\w*.{0,20}(?:prompt|instructions)|\baffiche\w*.{0,20}(?:prompt|instructions)"
    )),
    (Speech.FRAUD, re.compile(
        r"\b(?:antidat\w+|falsifi\w+|truqu\w+|bidonn\w+|(?<!de la )(?<!une )(?<!l'anti-)(?:trich\w+|fraud\w+)|magouill\w+)|\bimit\w+ (?:la|sa|une|leur) signature|\bsign\w+ (?:a la place|pour le compte) d|\b(?:redig|fai[st]|etabli|produi|fabriqu|ecri)\w*(?:-(?:moi|nous))? (?:un|une|l') ?(?:accuse de reception|attestation|faux|fausse|recu)\b|\bfaux (?:document\w*|justificatif\w*|finess|numero\w*|devis|dossier|preuve\w*|bon)|\bfausse\w* (?:preuve\w*|attestation\w*|facture\w*|declaration\w*|convention\w*|date\w*)|\bgonfler\b|\b(?:mentir|inventer|maquiller|cacher|dissimuler)\b.{0,40}(?:dossier|chiffre|nombre|ars|essms|structure|date)|\bcontourner (?:le|la|les) (?:seuil|regle|plafond|controle|condition)"
    )),
    (Speech.LONG_WRITING, re.compile(
        r"\b(?:redig\w+|ecri[srt]\w*|fai[st]|prepar\w+|genere\w*|compos\w+|traduis)(?:-(?:moi|nous))?\b.{0,30}\b(?:projet d'etablissement|dossier de candidature complet|cahier des charges complet|plan de formation|rapport d'activite|poeme|chanson|roman|discours|code|programme python|lettre de motivation|cv\b|cpom|memoire|these|dissertation|essai|article|livre|scenario|\d+ pages)"
    )),
    (Speech.DRAFT, re.compile(
        r"(?:\b(?:redig\w+|ecri[srt]\w*|prepar\w+|propos\w+)(?:-(?:moi|nous|lui))?|(?:^|\b(?:peux-tu|pouvez-vous|pourriez-vous|de) )fai(?:s|t|tes|re)\b(?:-(?:moi|nous|lui))?|\bfai(?:s|tes)-(?:moi|nous|lui)\b)(?=.{0,20}\b)(?!.{0,6}\bpar\b).{0,20}\b(?:reponse|mail|courriel|courrier|message|brouillon|e-mail)"
    )),
    (Speech.COMPLAINT, re.compile(
        r"\b(?:votre|vos|ta|tes|cette|ces|ton|cet) (?:\w+ )?(?:reponses?|outil|assistant|chatbot|robot|service|bot)\b.{0,60}\b(?:fau(?:x|sses?)|nulle?s?|inutile|mauvaise?s?|incorrecte?s?|n'importe quoi|pas (?:du tout )?(?:claire?|utile|bonne?|correcte?)|incomprehensible|ne (?:repond|comprend|sert|marche|fonctionne)|a cote|contradictoires?|agacant|penible)|"
        r"\bvous (?:vous (?:etes )?tromp\w+|dites n'importe quoi|racontez n'importe)|\btu (?:te trompes|dis n'importe quoi|racontes n'importe)|\b(?:je (?:ne )?suis|nous (?:ne )?sommes|on (?:n')?est) (?:pas|tres|vraiment) (?:du tout )?(?:content|satisfait|decu)\w*|\b(?:mecontent\w*|decue?s?|inadmissible|scandaleu\w+|honteu\w+|inacceptable|lamentable|ras[- ]le[- ]bol|agacant|insupportable|me plaindre|nous plaindre|porter reclamation|faire une reclamation|n'importe quoi|ca ne repond pas|c'est (?:nul|inutilisable|du foutage|une honte|penible)|j'en ai marre|on en a marre|toujours (?:aucune|pas de) reponse|perdu (?:ma|mon|une|du) (?:matinee|journee|temps|heure)|(?:deux|trois|dix|\d+) fois que je|repondez? (?:toujours )?a cote|franchement nul|est faux\.?$)\b"
    )),
    (Speech.VENDOR, re.compile(
        r"(?=.*\b(?:choisir|choisi\w*|acheter|prendre|meilleur\w*|conseill\w*|recommand\w*|mieux|fiable|avis sur|pensez|penses|opter|plus adapte|prefer\w*)\b).*\b(?:quel\w*|meilleur\w*|conseill\w*|recommand\w*|avis|que (?:pensez|penses)|entre)\b.{0,60}\b(?:editeurs?|logiciels?|prestataires?|fournisseurs?|solutions?|dui)\b"
    )),
    (Speech.PREDICTION, re.compile(
        r"\b(?:serons?-nous|serai-je|allons-nous|va-t-on|vais-je|est-ce qu'on (?:va|sera)|on (?:va|sera))\b.{0,20}\b(?:retenu\w*|selectionne\w*|accepte\w*|finance\w*|gagne\w*)|\b(?:mon|notre|nos|le|ma) (?:dossier|projet|candidature)\w* (?:sera|va|serait|seront)(?:-t-(?:il|elle))? (?:\w+ )?(?:etre )?(?:accepte|retenu|selectionne|finance)\w*|\b(?:nos|mes|quelles?|les) (?:sont (?:nos|mes|les) )?chances?\b|\bprobabilite\b.{0,40}(?:retenu|accept|selection|financ)|\bpronostic|\btaux de (?:reussite|succes) (?:de|pour) (?:notre|mon|nos)"
    )),
    (Speech.PERSONAL, re.compile(
        r"\badresses? (?:personnelles?|privees?|du domicile)|\b(?:numero|portable|telephone|mobile) (?:perso\w*|prives?)\b|\bportable (?:du|de la|de l') ?(?:direct|president|respons|charge|agent|referent)|\b(?:qu'ont|que) (?:demand|pos)\w+ (?:les|d')? ?autres|\b(?:questions?|conversations?|messages?) (?:des|d'|posees? par (?:les|d')?) ?autres? |\bnumero de securite sociale|\bdossier medical (?:nominatif|de|du|d')|\betat de sante (?:de|du|d')|\bson etat de sante|\b(?:dose|posologie|symptome\w*|prescri\w+)\b.{0,40}\b(?:resident\w*|patient\w*|ans|personne)|\bdossier (?:de sante )?(?:de|du|d') ?(?:m\.|mme|monsieur|madame|mon (?:pere|fils|mari)|ma (?:mere|fille|femme)|notre resident)|\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3}\b|\bdiagnosti\w+|\bordonnance de\b|\b(?:traitement|medicament\w*) (?:de|pour) (?:m\.|mme|mon|ma|notre resident)"
    )),
    (Speech.CONTACT, re.compile(
        r"\b(?:mail|e-?mail|courriel|adresse (?:mail|e-?mail|electronique|postale)|telephone|tel\b(?! qu)|numero (?:de (?:tel\w*|telephone)|d'appel)|coordonnees|nom (?:du|de la|des)|contact|joindre (?:l'|un|une|quel|qui|ma|mon|la|le|votre|notre|par)|ligne directe|hotline|(?:mon|notre|un|quel) interlocut\w+|(?:mon|notre|un|le) referent\w*|charge\w* de mission)\b(?=.{0,60}(?:ars|cnsa|ans\b|dns|grades|charge|referent|responsable|interlocut|region|programme|esms|galis|pai\b|service|support|qui\b|\?))"
    )),
    (Speech.RESTART, re.compile(r"^\W*(?:ignor\w+|oubli\w+|laiss\w+ tomber|ne t\w* (?:occup|souci)\w+ pas de|efface\w*|annul\w+)(?:-la|-le)? (?:mon|mes|ce|cette|ma|le|la|les|tout (?:mon|ce)) (?:\w+ )?(?:messages?|e-?mails?|mails?|courriels?|questions?|demandes?|envois?|mots?|phrases?|conversation|discussion)\b[^?]*$|^\W*(?:reprenons|repartons|recommen[cs]\w+|on (?:reprend|repart|recommence|efface))\b[^?]{0,60}$|^(?:recommenc\w+|on recommence|reinitialis\w+|reset|nouvelle conversation|efface tout|repartir de zero|restart)[ .!]*$")),
    (Speech.THANKS, re.compile(r"^(?:(?:ok|super|parfait|tres bien|d'accord|genial|top|bien|entendu|c'est clair|nickel)[ ,.!]*)*(?:merci\w*|thanks?|thank you|au revoir|bonne journee|a bientot|bye|mci|ok|super|parfait|d'accord|c'est clair|genial)(?: (?:beaucoup|bien|a vous|a toi|pour (?:tout|votre \w+|ta reponse|la reponse|ces \w+|l'\w+)|infiniment|et (?:bonne|a) \w+))*[ .!]*$")),
    (Speech.GREETING, re.compile(r"^(?:bonjour|bonsoir|salut|slt|coucou|hello|hi|hey|bjr|bonne annee)(?: (?:a tous|a vous|madame|monsieur|l'assistant|tout le monde|there))*[ ,.!:;()^_-]*$")),
    (Speech.ABOUT, re.compile(
        r"\b(?:que|comment|pourquoi) (?:\w+ ){0,3}l'assistant\b|\b(?:qui (?:es-tu|etes-vous|t'a (?:cree|fait))|tu es qui|vous etes qui|es-tu (?:une? )?(?:ia|robot|humain|intelligence)|etes-vous (?:une? )?(?:ia|robot|humain|intelligence)|que (?:sais-tu|savez-vous|peux-tu|pouvez-vous) faire|(?:a quoi|en quoi) (?:sers-tu|servez-vous|peux-tu (?:m'|nous )?aider|pouvez-vous (?:m'|nous )?aider)|comment (?:fonctionnes-tu|fonctionnez-vous|tu fonctionnes|vous fonctionnez|ca marche ici)|d'ou (?:viennent|tires-tu|tirez-vous) (?:tes|vos) (?:reponses|sources|informations)|(?:quelles sont|donne\w*|montre\w*) (?:tes|vos) (?:sources|instructions|consignes|regles)(?! (?:pour|sur|concernant|de|quand|si)\b)|what (?:are your (?:rules|instructions|sources)|can you do)|who are you|how do you work|es-tu l'ars|etes-vous l'ars|aide-moi$|^aide$|^help$|^menu$)"
    )),
)  # fmt: skip


_INVERSION = re.compile(r"-(?:t-)?(?:ils?|elles?|on|je|tu|nous|vous|ce)\b")
_OTHER_ELIGIBILITY = re.compile(r"\b(?:in|non[ -])?eligibles? (?:au|du) sons\b")


def find_topics(plain: str) -> frozenset[Topic]:
    """Return the topics of a folded message; « peut-il », « peut » and « sont-elles » read alike."""
    text = _OTHER_ELIGIBILITY.sub(" ", plain)
    texts = (text, _INVERSION.sub("", text))
    return frozenset(
        topic for topic, pattern in _TOPICS.items() if any(pattern.search(item) for item in texts)
    )


def find_speech(plain: str) -> Speech | None:
    """Return what kind of message this is when it is not a plain question, the first that applies."""
    return next((speech for speech, pattern in _SPEECH if pattern.search(plain)), None)


_INTENT_OF_SPEECH = {
    Speech.GREETING: Intent.SALUTATION, Speech.THANKS: Intent.SALUTATION,
    Speech.ABOUT: Intent.ASSISTANT, Speech.RESTART: Intent.ASSISTANT, Speech.INJECTION: Intent.ASSISTANT,
    Speech.COMPLAINT: Intent.RECLAMATION, Speech.CONTACT: Intent.PROCEDURE, Speech.VENDOR: Intent.PROCEDURE,
    Speech.FRAUD: Intent.PROCEDURE,
    Speech.PREDICTION: Intent.ELIGIBILITE,
}  # fmt: skip
_INTENT_OF_TOPIC = {
    Topic.SEUIL: Intent.ELIGIBILITE, Topic.VOIE: Intent.VOIE, Topic.CLOTURE: Intent.ECHEANCE,
    Topic.OUVERTURE: Intent.ECHEANCE, Topic.OUVERT: Intent.ECHEANCE, Topic.CUMUL: Intent.FINANCEMENT,
    Topic.SONS: Intent.FINANCEMENT, Topic.MATERIEL: Intent.FINANCEMENT, Topic.TYPE: Intent.FINANCEMENT,
    Topic.MONTANT: Intent.MONTANT, Topic.BUDGET: Intent.MONTANT, Topic.CHIFFRES: Intent.CHIFFRES,
    Topic.DECISION: Intent.PROCEDURE, Topic.TEXTE: Intent.PROCEDURE, Topic.REFERENCEMENT: Intent.PROCEDURE,
    Topic.DISPENSE: Intent.PROCEDURE,
}  # fmt: skip
_CUES: dict[Intent, re.Pattern[str]] = {
    Intent.COMPARAISON: re.compile(
        r"\b(?:croire|se fier|a (?:donc )?raison|fait foi|prevaut|prevalent|l'emporte|contradict\w*|contredi\w*|pas d'accord|divergen\w*|incoheren\w*|selon les (?:sites|sources|documents|pages)|(?:le|la|quel\w*) (?:est (?:le|la) )?bon(?:ne)? (?:chiffre|date|montant|version|nombre|valeur)|n'est pas (?:la|le) meme|pas (?:la|le) meme (?:date|chiffre|montant|nombre))\b|"
        r"\b(?:laquelle|lequel|quel\w*|que|quoi|qu') (?:\w+ ){0,4}(?:retenir|est (?:juste|correct\w*|vraie?|la bonne|le bon))|"
        r"\b(?:dit|dis|indiquez?|annonce|parle de|ecrit|affiche|donne|lis|lit|trouve)\b.{0,80}\b(?:l'autre|d'autres?|un autre|une autre|ailleurs|alors que|tandis que)\b|^\W*\d[\d ,]* ou \d[\d ,]* (?:m€|millions?|structures?|essms|esms|%)"
    ),
    Intent.VOIE: re.compile(
        r"\bquelle ars\b|\b(?:l'|une |de l')?ars\b[^?]{0,25} ou (?:la |le |l'|au |a la )?(?:cnsa|dns|national)|\bqui (?:examine|etudie|traite)\b|\bquelle porte\b|\b(?:quel\w*|vers quel\w*) (?:sorte|type|genre|niveau|voie|guichet|circuit)(?: d'appel)?|\b(?:regional|national|multi-?regional)\w* (?:ou|quand meme)\b|\b(?:ou|au|le) (?:national|multi-?regional)\w* ?\?"
    ),
    Intent.ECHEANCE: re.compile(
        r"\bquand\b.{0,40}\b(?:ferm\w+|clos\w*|clotur\w*|ouvr\w+|fini\w*|termin\w+|achev\w+)|\b(?:ferme\w*|clos\w*|ouvert\w*|fini\w*|termine\w*)\b.{0,15}\bquand\b|\b(?:nouvelle|prochaine|autre) (?:vague|campagne|session|fenetre)|\bc'etait bien la fin\b|\b(?:appel|aap|campagne)s?\b[^.?!]{0,40}\b(?:prevue?s?|annoncee?s?)\b"
    ),
    Intent.MONTANT: re.compile(
        r"\btouche\w* combien|\bquel taux\b|\bargent\b|\b(?:des|de) sous\b|\bplafond\b(?!.{0,20}\bessms\b)|\bsomme\b|\bcombien\b.{0,40}\b(?:revient|d'argent|verse\w*|euros?|touch\w*|percev\w*|recev\w*|aura\w*|avoir|obtenir|credits?)\b|\bmontants?\b|\bforfaits?\b|\benveloppes?\b|\bbaremes?\b|\bbudget (?:total|annuel|national|20\d\d|de l'annee|du programme)"
    ),
    Intent.CHIFFRES: re.compile(
        r"\b(?:nombre|combien|proportion|pourcentage|part|objectif)\b.{0,50}\b(?:projets?|structures?|esms|essms|services?|etablissements?|dossiers?|laureats?)\b.{0,50}\b(?:retenu\w*|engag\w*|equip\w*|entre\w*|dans le programme|a atteindre|laureats?|deploy\w*|financee?s?|deposee?s?|concern\w*|participent|visee?s?)\b|\bcombien de projets\b|\bnombre de (?:projets|laureats)\b"
    ),
    Intent.FINANCEMENT: re.compile(
        r"\bfinancables?\b|\b(?:depenses?|frais|couts?|formations?|licences?|hebergement hds|reprise d(?:e|es) donnees|materiel|ordinateurs?|tablettes?|abonnements?|maintenance|temps passe)\b.{0,80}\b(?:inclus\w*|compris\w*|pris\w* en charge|financ\w*|admis\w*|valoris\w*|couvert\w*|eligibles?|paye\w*|rembours\w*|aides?)\b|\b(?:inclus\w*|compris\w*|pris\w* en charge|financ\w*|couvert\w*|rembours\w*|aides? pour)\b.{0,50}\b(?:depenses?|frais|couts?|formations?|licences?|reprise d(?:e|es) donnees|materiel|ordinateurs?|tablettes?|abonnements?|maintenance)\b|\bchang\w+ (?:de|d') ?(?:logiciel|editeur|dui)|\bcumul\w*|\bdeja (?:ete )?(?:finance|aide|laureat)\w*"
    ),
    Intent.ASSISTANT: re.compile(
        r"\b(?:robot|vraie personne|intelligence artificielle|chatbot|service officiel)\b|\b(?:garde|conserve|enregistre|stocke)\w*\b.{0,30}\b(?:trace|messages?|donnees|ecri[st]|conversation)|\b(?:vos|tes) (?:informations|donnees|sources|reponses)\b.{0,40}\b(?:jour|date\w*|viennent|fiables?)"
    ),
}
_HOW = re.compile(
    r"\b(?:comment|par quoi commencer|demarche\w*|etapes?|procedure\w*|quelles? pieces?|quels (?:documents|justificatifs|textes)|cahier des charges|mandat|lettre d'engagement|redepos\w*|qui (?:instruit|decide|depose|signe|porte|valide|pilote|verse|accompagne|repond|nous donne)|ou (?:depos|envoy|adress|trouv|telecharg|s'inscri)\w*|aupres de qui|qui contacter|a qui (?:doit-on |dois-je |devons-nous |faut-il )?(?:s'|m'|nous )?adress\w*)\b"
)
_DUTY = re.compile(
    r"\b(?:pieces?|justificatifs?|documents?|formulaires?|plateforme|teleservice|pai\b|galis|conventions?|cibles?|indicateurs?|referenc\w+|obligat\w*|obligatoires?)\b"
)
_LATE = re.compile(
    r"\btrop tard|\bhors delai|\bretard|\bdans les (?:delais|temps|clous)|\ba temps\b|\b(?:ir)?recevab\w*|\bdelais?\b|\bvalable|\bperdu\w*|\bforclos\w*|\bfenetre\b|\bencore accept\w*|\bencore\b.{0,25}\bchance"
)
_MAY_WE = re.compile(
    r"\b(?:in)?e?l+igib\w*|\badmis\w*|\bconcern(?:e|es|ee|ees|er|ent)\b|\b(?:le |un )?droit (?:a|de|d')|\bexclu\w*|\bsuffi\w*|\bassez\b|\bcompte\w*\b|\b(?:peut|peux|peuvent|pouvons|pouvez|pourr\w+|puis-je|pouvait)\b.{0,60}\b(?:candidat\w*|particip\w*|benefici\w*|rejoin\w*|integr\w*|postul\w*|pretend\w*|depos\w*|entrer|monter|demander|faire partie|inclure|prendre|compter|mettre|etre (?:\w+ )?(?:finance|compte|inclu|retenu|pris|admis|accepte)\w*)|\b(?:on|nous) (?:est|sommes) (?:bon|dedans|admissibles?|pris)|\bpasse\w* ?\?|\bc(?:'est| est)? (?:bon|dedans)\b|\bentre\w* (?:dans|dedans)\b|\brelev\w* d|\b(?:plancher|tolerance|minimum|seuil|quorum)\b"
)
_ALONE = frozenset(
    [Speech.GREETING, Speech.THANKS, Speech.ABOUT, Speech.RESTART, Speech.LONG_WRITING, Speech.PERSONAL]
)
_THANKED = re.compile(r"\b(?:merci|mci|remerci\w+)\b")
_THANKS_FIRST = re.compile(r"^\W*(?:merci|mci|je vous remercie)\b")


def find_intents(
    plain: str,
    topics: frozenset[Topic],
    speech: Speech | None,
    *,
    defines: bool,
    filed: bool,
    described: bool,
) -> tuple[Intent, ...]:
    """Return what a message wants, in the order of ``Intent``; empty when no word of it tells.

    ``defines``: it asks what a term means; ``filed``: it states when a file was or would be submitted;
    ``described``: it describes structures or a project.
    """
    if speech in _ALONE:
        return (_INTENT_OF_SPEECH[speech],) if speech in _INTENT_OF_SPEECH else ()
    if _CUES[Intent.COMPARAISON].search(plain):
        return (Intent.COMPARAISON,)
    found = {_INTENT_OF_TOPIC[topic] for topic in topics if topic in _INTENT_OF_TOPIC}
    found |= {intent for intent, cue in _CUES.items() if cue.search(plain)}
    if speech in _INTENT_OF_SPEECH:
        found.add(_INTENT_OF_SPEECH[speech])
    if (Topic.RECEVABILITE in topics or filed) and (filed or _LATE.search(plain)):
        found.add(Intent.ECHEANCE)
    if Intent.ECHEANCE in found and not _CUES[Intent.VOIE].search(plain):
        found.discard(Intent.VOIE)  # « en régional » tells which date is asked for
    if Intent.CHIFFRES in found and Topic.MONTANT not in topics:
        found.discard(Intent.MONTANT)
    found = _with_procedure(plain, found, defines=defines)
    others = found - {Intent.RECLAMATION, Intent.DEFINITION, Intent.PROCEDURE}
    if (_MAY_WE.search(plain) or (described and not found - {Intent.RECLAMATION})) and not others:
        found.add(Intent.ELIGIBILITE)
    if Intent.RECLAMATION in found and "?" not in plain:
        return (Intent.RECLAMATION,)
    if _THANKS_FIRST.match(plain) or (not found and "?" not in plain and _THANKED.search(plain)):
        found.add(Intent.SALUTATION)
    return tuple(intent for intent in Intent if intent in found)


def _with_procedure(plain: str, found: set[Intent], *, defines: bool) -> set[Intent]:
    """Add the questions of how, who and where; a definition, or a question of date, is none by its nouns alone."""
    how = bool(_HOW.search(plain))
    if defines:
        return (found - {Intent.PROCEDURE}) | {Intent.DEFINITION}
    if how or (_DUTY.search(plain) and not found):
        return found | {Intent.PROCEDURE}
    return found - {Intent.PROCEDURE} if found - {Intent.PROCEDURE, Intent.FINANCEMENT} else found
