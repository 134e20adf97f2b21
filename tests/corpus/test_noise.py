"""What a page puts around its text is left out; what the text says of such things is kept."""

import pytest

from corpus.loaders import Block, text
from corpus.loaders.noise import without_noise
from evals import noise as measure
from evals.errors import EvalError

FACT = (
    "Le dépôt des dossiers de candidature ferme le 3 mars 2027 à minuit, heure de Paris, sur la plateforme."
)


def kept(*lines, kind="paragraph"):
    blocks = [
        Block("paragraph", FACT),
        *(Block(kind, line) for line in lines),
        Block("paragraph", FACT + " Fin."),
    ]
    return [block.text for block in without_noise(blocks)[0]][1:-1]


@pytest.mark.parametrize(
    "line",
    [
        "Publicité",
        "Contenu sponsorisé",
        "Écouter cet article",
        "Temps de lecture : 4 minutes",
        "Sommaire",
        "Partager sur les réseaux sociaux",
        "Partager par courriel",
        "Partager | Imprimer cette page | Retour en haut",
        "Lire la suite",
        "Suivez-nous sur Mastodon !",
        "Abonnez-vous à notre lettre d’information",
        "S’inscrire à la newsletter",
        "Tout accepter",
        "Tout refuser · Personnaliser mes choix · Accepter et continuer",
        "Nous utilisons des cookies pour mesurer l’audience de ce site. Vous pouvez accepter ou refuser leur dépôt.",
        "Il faut être connecté pour laisser un commentaire",
        "Soyez le premier à publier un commentaire",
        "12 commentaires",
        "Ce contenu vous a-t-il été utile ?",
        "Mentions légales – Plan du site – Accessibilité : partiellement conforme",
        "© 2026 Exemple Santé. Tous droits réservés.",
        "Se connecter",
        "Je télécharge le guide",
    ],
)
def test_the_machinery_of_a_page_is_left_out(line):
    assert kept(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "Partager la chaussée avec les cyclistes",
        "Partager les données avec les partenaires du parcours",
        "S’inscrire au téléservice de la caisse",
        "Vous devez vous connecter au téléservice avec un compte de gestionnaire.",
        "Vous devez être connectés au réseau de santé.",
        "La structure dépose des cookies de mesure d’audience sur son portail.",
        "La messagerie sécurisée est gratuite pour les professionnels.",
        "Téléchargez le modèle de budget sur le site de l’agence.",
        "Découvrez les étapes du projet : diagnostic, choix du logiciel, formation.",
        "Le sommaire du dossier comporte douze parties.",
        "L’accès est offert en un clic depuis le dossier, sans effort pour l’équipe.",
        "La publicité du marché est assurée au Bulletin officiel.",
        "15 ESSMS",
        "À lire également.",
        "Le parc compte 12 commentaires de lecture par dossier.",
    ],
)
def test_the_text_itself_is_kept(line):
    assert kept(line) == [line]


def test_a_section_that_bears_such_a_name_is_kept():
    assert kept("Publicité", kind="heading") == ["Publicité"]
    assert kept("Sommaire", kind="heading") == []


def test_advertising_is_left_out_with_the_line_that_announces_it():
    offer = (
        "Accédez à 300 modèles prêts à l’emploi. Imprimez-les en 1 clic, et formez vos équipes sans effort."
    )

    assert kept("Cadres : arrêtez de perdre du temps !", offer) == []
    assert kept("Une offre de logiciels", offer) == ["Une offre de logiciels"]


def test_the_label_of_a_button_is_cut_from_the_title_it_is_glued_to():
    assert kept("Je m’inscris maintenantLe calendrier") == ["Le calendrier"]
    assert kept("J’accède au dossierÀ qui s’adresse l’appel") == ["À qui s’adresse l’appel"]
    assert kept("Je m’inscris à la plateforme avec le compte du gestionnaire, puis je dépose.") != []


def blocks(*lines):
    return [Block("paragraph", line) for line in lines]


def test_the_teasers_after_the_end_are_left_out_with_the_signature_before_them():
    page = blocks(
        FACT,
        "Camille Exemple",
        "Avez-vous trouvé cet article utile ?",
        "À lire aussi",
        "Un autre sujet fait parler de lui",
        "12 janv. 2027 - 08:15,",
        "Actualité",
        "Le comité a publié un rapport sur un tout autre domaine, qui compte 412 pages et dont voici l’essen...",
        "Encore un sujet",
        "4 févr. 2027 - 17:00,",
    )

    assert without_noise(page) == (page[:1], 9)


def test_a_reference_to_other_pages_does_not_end_a_text():
    page = blocks(
        FACT, "À lire aussi", *[f"Article {n}. Le montant est de {n}00 euros par place." for n in range(14)]
    )

    assert without_noise(page) == (page, 0)


def test_rows_of_a_table_are_never_taken_for_advertising():
    row = Block("table_row", "Essai gratuit | Téléchargez en un clic | sans engagement")

    assert without_noise([row]) == ([row], 0)


def test_a_page_copied_as_text_keeps_its_titles_and_one_paragraph_a_line(tmp_path):
    path = tmp_path / "page.txt"
    path.write_text(
        f"Publicité en cours de chargement\nLe calendrier des dépôts\n{FACT}\n{FACT}\n", encoding="utf-8"
    )

    loaded = text.load(path)

    assert [(block.kind, block.text) for block in loaded.blocks] == [
        ("paragraph", "Publicité en cours de chargement"),
        ("heading", "Le calendrier des dépôts"),
        ("paragraph", FACT),
        ("paragraph", FACT),
    ]


def test_a_text_cut_at_a_margin_is_joined_again(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text(
        "Le dépôt des dossiers de candidature\nferme le 3 mars 2027 à minuit,\nheure de Paris.\n\n"
        "ARS de l’Exemple\n6 place du Marché\n00000 Exempleville\n",
        encoding="utf-8",
    )

    assert [block.text for block in text.load(path).blocks] == [
        "Le dépôt des dossiers de candidature ferme le 3 mars 2027 à minuit, heure de Paris.",
        "ARS de l’Exemple",
        "6 place du Marché",
        "00000 Exempleville",
    ]


def test_the_measure_on_real_pages_names_what_it_finds_and_what_it_misses(tmp_path):
    (tmp_path / "page.txt").write_text(f"Publicité\n\n{FACT}\n\nPartager sur Mastodon\n", encoding="utf-8")
    (tmp_path / "set.yaml").write_text(
        "- {file: page.txt, title: Page, noise: [Publicité, candidature], facts: [3 mars 2027, 4 mars 2027]}\n",
        encoding="utf-8",
    )

    results = measure.run(tmp_path, tmp_path / "set.yaml")

    assert (results[0].noise, results[0].lost) == (("candidature",), ("4 mars 2027",))
    assert "bruit indexé\u00a0: 1 fragments sur 2" in measure.report(results)


def test_the_measure_says_when_the_pages_are_absent(tmp_path):
    with pytest.raises(EvalError, match="est absent"):
        measure.run(tmp_path / "rien")
