"""A server's certificate as public authorities issue most of them: RSA with 2048 bits, an intermediate in between.

The demo's own (simulator/certificate.py) is shorter and elliptic, as a site's own authority would have it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bacnet_bridge.simulator.certificate import Certificate

_NAMES: Final = ("root", "intermediate", "localhost")


def make_chain(folder: Path) -> Certificate:
    """Root, intermediate and a certificate for `localhost`; the server sends the last two, as it should."""
    folder.mkdir(parents=True)
    keys = [rsa.generate_private_key(65537, 2048) for _ in _NAMES]
    signed_by = (0, 0, 1)
    root, *sent = [_certificate(at, keys[at], by, keys[by]) for at, by in enumerate(signed_by)]
    files = Certificate(folder / "ca.pem", folder / "server.pem", folder / "server-key.pem")
    files.ca.write_bytes(root.public_bytes(Encoding.PEM))
    files.chain.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in reversed(sent)))
    files.key.write_bytes(keys[-1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def _certificate(at: int, key: rsa.RSAPrivateKey, by: int, signer: rsa.RSAPrivateKey) -> x509.Certificate:
    now, authority = datetime.now(UTC), at < len(_NAMES) - 1
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(at))
        .issuer_name(_name(by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAMES[at])]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(at: int) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAMES[at])])
