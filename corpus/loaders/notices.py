"""The French sentences that tell what the reading of a document left out."""

from __future__ import annotations


def left_out(hidden: int = 0, comments: int = 0, active: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what to tell of hidden passages, of comments, and of what could act on who opens the document.

    Args:
        hidden: How many passages a reader would not see.
        comments: How many comments stand beside the text.
        active: What could run or be fetched (« des macros »), in French.

    Example:
        >>> left_out(hidden=2, active=("des macros", "des images distantes"))
        ('2 passages cachés à la lecture n’ont pas été retenus.', 'Le document contient des macros et des images distantes : rien n’a été exécuté ni téléchargé.')
    """
    notices = []
    if hidden:
        notices.append(_counted(hidden, "passage caché à la lecture", "passages cachés à la lecture"))
    if comments:
        notices.append(_counted(comments, "commentaire", "commentaires"))
    if active:
        what = " et ".join(filter(None, (", ".join(active[:-1]), active[-1])))
        notices.append(f"Le document contient {what} : rien n’a été exécuté ni téléchargé.")
    return tuple(notices)


def _counted(count: int, one: str, several: str) -> str:
    if count == 1:
        return f"1 {one} n’a pas été retenu."
    return f"{count} {several} n’ont pas été retenus."
