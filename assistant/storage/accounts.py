"""Staff accounts and their sessions: argon2 hashes, no default password, few tries, nothing to guess from the time."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.storage.clock import now
from assistant.storage.database import Database, rows_changed
from assistant.storage.errors import AccountRefused, TooManyTries, WrongCredentials
from assistant.storage.models import Account, SignIn, SignInAttempt
from assistant.storage.views import AccountView, Role
from assistant.understanding.text import fold

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LIFETIME = timedelta(hours=12)
IDLE = timedelta(hours=2)
TRIES = 5
WINDOW = timedelta(minutes=15)
SHORTEST, LONGEST = 12, 1024  # characters of a password
_SEEN_EVERY = timedelta(minutes=1)  # a session in use is not written to at each call
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_MAX_NAME = 200
_MAX_CLIENT = 200
_LOCK = 0x534947  # PostgreSQL: tries are counted one at a time
_AT_ONCE = threading.BoundedSemaphore(4)  # each hash takes 64 MB
# What people choose when twelve characters are asked for, without its figures and signs.
_USUAL = frozenset(
    ["motdepasse", "password", "passwordpassword", "motdepassemotdepasse", "azertyuiop", "azertyuiopqs", "azertyuiopqsdf", "qwertyuiop", "qwertyuiopas", "administrateur", "administrator", "changezmoi", "changemechangeme", "bonjourbonjour", "adminadmin", "adminadminadmin", "esmsnumerique", "esmsesmsesms", "assistantesms", "jetaimejetaime", "loulouloulou", "soleilsoleil", "letmeinletmein", "welcomewelcome", "iloveyouiloveyou", "ministeresante"]
)  # fmt: skip


class Accounts:
    """The accounts kept in a database; threads and processes may share them."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime] = now, hasher: PasswordHasher | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._given = hasher

    @cached_property
    def _hasher(self) -> PasswordHasher:
        if self._given:
            return self._given
        from argon2 import PasswordHasher

        return PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """The hash that a password is compared with when no account has the login, for the time it takes."""
        return self._hasher.hash(secrets.token_urlsafe(16))

    def create(self, login: str, display_name: str, password: str, role: Role = Role.AGENT) -> AccountView:
        """Create an account.

        Raises:
            AccountRefused: The login is taken or not allowed, the name empty, or the password too weak.
        """
        login, name = _checked_login(login), _checked_name(display_name)
        account = Account(
            login=login,
            display_name=name,
            role=role.value,
            password_hash=self._hash(_checked_password(password, login, name)),
            active=True,
            created_at=self._clock(),
            password_at=self._clock(),
        )
        try:
            with self._database.writing() as session:
                session.add(account)
                session.flush()
        except IntegrityError:
            raise AccountRefused(
                f"L’identifiant «\u00a0{login}\u00a0» est déjà pris\u00a0: choisissez-en un autre, ou changez le mot de passe "
                "du compte existant."
            ) from None
        return view(account)

    def all(self) -> tuple[AccountView, ...]:
        """Return every account, disabled ones too, by name."""
        with self._database.reading() as session:
            accounts = session.scalars(select(Account)).all()
        return tuple(sorted(map(view, accounts), key=lambda one: fold(one.display_name).plain))

    def set_password(self, login: str, password: str) -> None:
        """Change a password; every session of the account ends.

        Raises:
            AccountRefused: No account has this login, or the password is too weak.
        """
        with self._database.reading() as session:
            known = _existing(session, login)
        hashed = self._hash(_checked_password(password, known.login, known.display_name))
        with self._database.writing() as session:
            account = _existing(session, login)
            account.password_hash, account.password_at = hashed, self._clock()
            _end_sessions(session, account.id)

    def disable(self, login: str) -> None:
        """Close an account to sign-in; every session of it ends.

        Raises:
            AccountRefused: No account has this login.
        """
        with self._database.writing() as session:
            account = _existing(session, login)
            account.active = False
            _end_sessions(session, account.id)

    def enable(self, login: str) -> None:
        """Open an account again, with the password it had.

        Raises:
            AccountRefused: No account has this login.
        """
        with self._database.writing() as session:
            _existing(session, login).active = True

    def find(self, login: str) -> AccountView:
        """Return the account of a login.

        Raises:
            AccountRefused: There is none.
        """
        with self._database.reading() as session:
            return view(_existing(session, login))

    def sign_in(self, login: str, password: str, client: str) -> str:
        """Return the token of a new session; ``client`` is where the call comes from.

        An unknown login, a disabled account and a wrong password take the same time and say the same.

        Raises:
            WrongCredentials: Login and password do not go together.
            TooManyTries: Too many failed from this client for this login; nothing was tried.
        """
        login = _plain_login(login)
        key = hashlib.sha256(f"{login}\n{client[:_MAX_CLIENT]}".encode(errors="replace")).hexdigest()
        attempt, nobody = self._count(key), self._nobody
        with self._database.reading() as session:
            account = session.scalar(select(Account).where(Account.login == login))
        right = self._verify(account.password_hash if account else nobody, password)
        if account is None or not account.active or not right:
            raise WrongCredentials
        renewed = self._hasher.check_needs_rehash(account.password_hash)
        hashed = self._hash(password) if renewed else account.password_hash
        return self._begin(account, hashed, attempt)

    def _count(self, key: str) -> int:
        """Count a try as failed before it is made, so that many at once are as few as one after the other."""
        instant = self._clock()
        refused = None
        with self._database.writing() as session:
            self._database.lock(session, _LOCK)
            session.execute(delete(SignInAttempt).where(SignInAttempt.at <= instant - WINDOW))
            tries, oldest = session.execute(
                select(func.count(), func.min(SignInAttempt.at)).where(SignInAttempt.key == key)
            ).one()
            if tries >= TRIES:
                refused = TooManyTries(max(1, int((oldest + WINDOW - instant).total_seconds())))
            else:
                attempt = SignInAttempt(key=key, at=instant)
                session.add(attempt)
        if refused:
            raise refused
        return attempt.id

    def _begin(self, account: Account, hashed: str, attempt: int) -> str:
        """Open a session, unless the account was disabled or its password changed while this one was verified."""
        token, instant = secrets.token_urlsafe(32), self._clock()
        with self._database.writing() as session:
            same = session.execute(
                update(Account)
                .where(
                    Account.id == account.id, Account.active, Account.password_hash == account.password_hash
                )
                .values(password_hash=hashed)
            )
            if rows_changed(same) != 1:
                raise WrongCredentials
            key = select(SignInAttempt.key).where(SignInAttempt.id == attempt).scalar_subquery()
            session.execute(delete(SignInAttempt).where(SignInAttempt.key == key))
            session.execute(delete(SignIn).where(SignIn.created_at <= instant - LIFETIME))
            session.add(
                SignIn(token_hash=_digest(token), account_id=account.id, created_at=instant, seen_at=instant)
            )
        return token

    def session(self, token: str | None) -> AccountView | None:
        """Return whose session a token opens, ``None`` when it opens none (any more)."""
        if not token or len(token) > 100:
            return None
        digest, instant = _digest(token), self._clock()
        with self._database.reading() as session:
            found = session.execute(
                select(SignIn, Account).join(Account).where(SignIn.token_hash == digest, Account.active)
            ).one_or_none()
        if found is None:
            return None
        opened, account = found
        if instant >= min(opened.created_at + LIFETIME, opened.seen_at + IDLE):
            self.sign_out(token)
            return None
        if instant - opened.seen_at >= _SEEN_EVERY:
            with self._database.writing() as session:
                session.execute(update(SignIn).where(SignIn.token_hash == digest).values(seen_at=instant))
        return view(account)

    def sign_out(self, token: str) -> None:
        """End one session; nothing when there is none."""
        with self._database.writing() as session:
            session.execute(delete(SignIn).where(SignIn.token_hash == _digest(token)))

    def sign_out_everywhere(self, account_id: int) -> None:
        """End every session of an account."""
        with self._database.writing() as session:
            _end_sessions(session, account_id)

    def _hash(self, password: str) -> str:
        with _AT_ONCE:
            return self._hasher.hash(_normal(password))

    def _verify(self, hashed: str, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        bounded = _normal(password[:LONGEST])
        try:
            with _AT_ONCE:
                return self._hasher.verify(hashed, bounded) and len(password) <= LONGEST
        except (VerificationError, InvalidHashError):
            return False


def view(account: Account) -> AccountView:
    """Return an account as it is shown, without its hash."""
    return AccountView(account.id, account.login, account.display_name, Role(account.role), account.active)


def _end_sessions(session: Session, account_id: int) -> None:
    session.execute(delete(SignIn).where(SignIn.account_id == account_id))


def _existing(session: Session, login: str) -> Account:
    account = session.scalar(select(Account).where(Account.login == _plain_login(login)))
    if account is None:
        raise AccountRefused(
            f"Aucun compte n’a l’identifiant «\u00a0{login}\u00a0»\u00a0: la commande «\u00a0accounts list\u00a0» les donne tous."
        )
    return account


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _normal(password: str) -> str:
    """Return a password as every keyboard and system would send it; what UTF-8 cannot write becomes a sign."""
    return unicodedata.normalize("NFC", password).encode(errors="replace").decode()


def _plain_login(login: str) -> str:
    return login.strip().lower()[:_MAX_NAME].replace("\x00", "\ufffd").encode(errors="replace").decode()


def _checked_login(login: str) -> str:
    plain = login.strip().lower()
    if not _LOGIN.fullmatch(plain):
        raise AccountRefused(
            f"L’identifiant «\u00a0{login}\u00a0» ne convient pas\u00a0: employez de 2 à 64 lettres sans accent, chiffres, points, "
            "tirets, «\u00a0_\u00a0», «\u00a0+\u00a0» ou «\u00a0@\u00a0», en commençant par une lettre ou un chiffre."
        )
    return plain


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > _MAX_NAME or not plain.isprintable():
        raise AccountRefused(
            f"Indiquez le nom à afficher pour ce compte, en {_MAX_NAME} caractères au plus, par exemple «\u00a0Prénom NOM\u00a0»."
        )
    return plain


def _letters(text: str) -> str:
    return "".join(character for character in fold(text).plain if character.isalpha())


def _checked_password(password: str, login: str, name: str) -> str:
    """Return the password if it is long enough, and no word that would be tried first."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountRefused(
            f"Le mot de passe compte {len(password)} caractères\u00a0: il en faut au moins {SHORTEST}, et {LONGEST} au plus."
        )
    letters = _letters(password)
    own = {_letters(text) for text in (login, login.partition("@")[0], name)}
    if not letters or letters in _USUAL | own or len(set(password)) < 5:
        raise AccountRefused(
            "Ce mot de passe serait vite deviné\u00a0: ne reprenez ni l’identifiant, ni le nom, ni un mot de passe courant. "
            "Une phrase de plusieurs mots convient."
        )
    return password
