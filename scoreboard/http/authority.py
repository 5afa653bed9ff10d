"""A certificate authority of this installation, so that screens and phones can come in by HTTPS.

    <data>/tls/authority.pem       who has it in its list of trust, trusts this server...
    <data>/tls/authority-key.pem   ...and nobody else: it never leaves this machine
    <data>/tls/server.pem          the server's certificate and key, made anew when the machine's
                                   addresses change or its time comes

No authority of the world vouches for an address on a venue's network. What a phone trusts here can
do little harm elsewhere: by its name constraints (RFC 5280, section 4.2.1.10) the authority can
speak for this machine's name, `.local` names and private addresses alone.
"""

import os
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scoreboard.errors import CannotStart

AUTHORITY_DAYS = 3_650
SERVER_DAYS = 365  # Apple takes at most 825 of an authority that people add themselves
RENEW_DAYS = 60  # before its end
MINUTES_BEFORE = 24 * 60  # a phone's clock may be behind
PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
    "127.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
"""Addresses that mean a machine nearby (RFC 1918, 3927, 4193, 4291, 6598)."""
_NETWORKS = tuple(ip_network(network) for network in PRIVATE)


class Authority:
    """The authority in a data folder, made when it is first asked for; CannotStart if it cannot."""

    def __init__(self, folder: Path, machine: str) -> None:
        """`machine`: this machine's own name; the authority speaks for it and for `.local`."""
        self._folder = folder / "tls"
        self._machine = machine
        self._context: ssl.SSLContext | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._certificate, self._key = self._opened()
        except (OSError, ValueError, TypeError) as error:
            raise CannotStart(
                f"the authority for TLS in {self._folder} cannot be used: {error}",
                hint="mend or remove that folder; phones must then trust the new one",
            ) from error

    @property
    def pem(self) -> bytes:
        """The certificate that a phone is asked to trust (PEM, RFC 7468)."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The same as bytes (DER), which is how phones like it best."""
        return self._certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """Its SHA-256 as people compare it: `AB CD EF ...`."""
        return sha256(self.der).digest().hex(" ").upper()

    def context(self, names: Sequence[str]) -> ssl.SSLContext:
        """How the server speaks TLS at these names and addresses; asked again, it is the same one,
        which shows the new certificate from then on.
        """
        if self._context is None:
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        path = self._folder / "server.pem"
        if not _serves(path, self._certificate, names):
            _write(path, self._issued(names), secret=True)
        self._context.load_cert_chain(path)
        return self._context

    def _opened(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        certificate, key = self._folder / "authority.pem", self._folder / "authority-key.pem"
        if not certificate.exists():
            made = ec.generate_private_key(ec.SECP256R1())
            _write(key, _pem_of(made), secret=True)
            _write(certificate, _self_signed(made, self._machine))
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key} holds a key of another kind")
        return x509.load_pem_x509_certificate(certificate.read_bytes()), private

    def _issued(self, names: Sequence[str]) -> bytes:
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named("scoreboard"))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=MINUTES_BEFORE))
            .not_valid_after(now + timedelta(days=SERVER_DAYS))
            .add_extension(x509.SubjectAlternativeName([_general(n) for n in names]), False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
        )
        made = builder.sign(self._key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM) + _pem_of(key)


def can_be_vouched_for(host: str) -> bool:
    """Whether an address is one that the authority may speak for: a private one."""
    try:
        address = ip_address(host)
    except ValueError:
        return True
    return any(address in network for network in _NETWORKS)


def _self_signed(key: ec.EllipticCurvePrivateKey, machine: str) -> bytes:
    now = datetime.now(UTC)
    name = _named(f"Scoreboard on {machine}"[:64])
    allowed: list[x509.GeneralName] = [
        *(x509.DNSName(known) for known in ("local", "localhost", machine)),
        *(x509.IPAddress(network) for network in _NETWORKS),
    ]
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=MINUTES_BEFORE))
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(usage, True)
        .add_extension(x509.NameConstraints(allowed, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _serves(path: Path, authority: x509.Certificate, names: Sequence[str]) -> bool:
    """Whether the certificate in a file is for these names, of this authority, and fresh."""
    with suppress(OSError, ValueError, InvalidSignature, x509.ExtensionNotFound):
        held = x509.load_pem_x509_certificate(path.read_bytes())
        held.verify_directly_issued_by(authority)
        told = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        fresh = held.not_valid_after_utc - datetime.now(UTC) > timedelta(days=RENEW_DAYS)
        return fresh and set(told) == {_general(name) for name in names}
    return False


def _general(host: str) -> x509.GeneralName:
    try:
        address: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return x509.DNSName(host)
    return x509.IPAddress(address)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Write a file whole or not at all; a secret one is for its owner alone."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if secret else 0o644)
    with os.fdopen(opened, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
