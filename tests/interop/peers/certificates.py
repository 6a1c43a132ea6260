# SPDX-License-Identifier: Apache-2.0
"""Certificates made afresh for one run: an honest authority, and all that a terminal must refuse."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
# To the second: revocation lists and certificates carry no more.
NOW = datetime.datetime.utcnow().replace(microsecond=0)


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


class Authority:
    """A certificate that may sign others, and its key. `chain` goes from it up to, but without, its root."""

    def __init__(self, common_name, parent=None, key=None, usages=None, path_length=None, key_cert_sign=True):
        self.key = key or ec_key()
        self.name = name(common_name)
        issuer = parent or self
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(issuer.name)
                   .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(NOW - 30 * DAY).not_valid_after(NOW + 3650 * DAY)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
                   .add_extension(x509.KeyUsage(digital_signature=False, content_commitment=False,
                                                key_encipherment=False, data_encipherment=False, key_agreement=False,
                                                key_cert_sign=key_cert_sign, crl_sign=True, encipher_only=False,
                                                decipher_only=False), critical=True))
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        self.certificate = builder.sign(issuer.key, hashes.SHA256())
        self.chain = [] if parent is None else [self.certificate] + parent.chain

    def revocation_list(self, revoked=(), issued=None, next_update=None):
        issued = issued or NOW - DAY
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(issued)
                   .next_update(next_update or NOW + 30 * DAY))
        for certificate in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
                .revocation_date(issued).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class Leaf:
    """An end certificate, its key, and what a server shows with it."""

    def __init__(self, issuer, key=None, names=("till.test",), addresses=("127.0.0.1",), common_name="till.test",
                 from_day=-1, until_day=365, digest=None, usages=(ExtendedKeyUsageOID.SERVER_AUTH,),
                 key_encipherment_only=False):
        self.key = key or ec_key()
        self.name = name(common_name)
        signer = issuer or self  # None: signs itself
        alternatives = [x509.DNSName(each) for each in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(signer.name)
                   .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(NOW + from_day * DAY).not_valid_after(NOW + until_day * DAY)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                   .add_extension(x509.KeyUsage(digital_signature=not key_encipherment_only, content_commitment=False,
                                                key_encipherment=key_encipherment_only, data_encipherment=False,
                                                key_agreement=False, key_cert_sign=False, crl_sign=False,
                                                encipher_only=False, decipher_only=False), critical=True))
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
        self.certificate = builder.sign(signer.key, digest or hashes.SHA256())
        # For being used as an issuer, which it must not be.
        self.chain = [self.certificate] + (issuer.chain if issuer else [])

    def chain_pem(self):
        return "".join(pem(each) for each in self.chain)


def sign_request(authority, request_pem, days=30):
    """What an enrolment service does: the key in the request, the name in it, for client certificates only."""
    request = x509.load_pem_x509_csr(request_pem.encode())
    if not request.is_signature_valid:
        raise ValueError("the request is not signed with its own key")
    certificate = (x509.CertificateBuilder().subject_name(request.subject).issuer_name(authority.name)
                   .public_key(request.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(NOW - DAY).not_valid_after(NOW + days * DAY)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                   .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
                   .sign(authority.key, hashes.SHA256()))
    return "".join(pem(each) for each in [certificate] + authority.chain)


class Shop:
    """All certificates of a run, by the name of the server that shows them."""

    def __init__(self):
        self.root = Authority("Peers Root")
        self.middle = Authority("Peers Intermediate", self.root)
        self.stranger = Authority("Peers Root")  # same name, other key: the signature must decide
        clients_only = Authority("Peers Clients Only", self.root, usages=[ExtendedKeyUsageOID.CLIENT_AUTH])
        no_further = Authority("Peers No Further", self.root, path_length=0)
        too_far = Authority("Peers Too Far", no_further)
        cannot_sign = Authority("Peers Cannot Sign", self.root, key_cert_sign=False)
        self.client_root = Authority("Peers Device Root")
        self.client_middle = Authority("Peers Device Intermediate", self.client_root)
        self.client_stranger = Authority("Peers Stolen Devices")
        rsa_2048 = rsa_key(2048)

        good = Leaf(self.root)
        revoked = Leaf(self.root)
        revoked_below = Leaf(self.middle)
        weak_root_key = Authority("Peers Weak Root", key=rsa_key(1024))
        self.weak_root = weak_root_key
        self.good = {
            "ec": good,
            "rsa": Leaf(self.root, key=rsa_2048),
            "wildcard": Leaf(self.root, names=("*.wild.test",), addresses=()),
            "intermediate": Leaf(self.middle),
            "named": Leaf(self.root, addresses=()),
            "any_usage": Leaf(self.root, usages=()),
        }
        self.bad = {
            "expired": Leaf(self.root, from_day=-20, until_day=-1),
            "not_yet_valid": Leaf(self.root, from_day=1),
            "wrong_name": Leaf(self.root, names=("other.test",), addresses=("127.0.0.9",), common_name="127.0.0.1"),
            "bare_star": Leaf(self.root, names=("*",), addresses=()),
            "unknown_authority": Leaf(self.stranger),
            "self_signed": Leaf(None),
            "leaf_as_authority": Leaf(good),
            "path_too_long": Leaf(too_far),
            "authority_without_right": Leaf(cannot_sign),
            "missing_intermediate": Leaf(self.middle),
            "weak_key": Leaf(self.root, key=rsa_key(1024)),
            "weak_issuer_key": Leaf(weak_root_key),
            "weak_signature": Leaf(self.root, key=rsa_2048, digest=hashes.SHA1()),
            "weak_signature_ec": Leaf(self.root, digest=hashes.SHA1()),
            "client_usage": Leaf(self.root, usages=(ExtendedKeyUsageOID.CLIENT_AUTH,)),
            "client_issuer": Leaf(clients_only),
            "encipherment_only": Leaf(self.root, key_encipherment_only=True),
            "revoked": revoked,
            "revoked_below": revoked_below,
            "untrusted_expired": Leaf(self.stranger, from_day=-20, until_day=-1),
            "expired_wrong_name": Leaf(self.root, from_day=-20, until_day=-1, names=("other.test",), addresses=()),
        }
        self.bad["missing_intermediate"].chain = self.bad["missing_intermediate"].chain[:1]

        gone = [revoked.certificate]
        self.lists = {
            "good": self.root.revocation_list(gone) + self.middle.revocation_list([revoked_below.certificate]),
            "stale": self.root.revocation_list(gone, NOW - 20 * DAY, NOW - DAY),
            "old_and_new": self.root.revocation_list(gone, NOW - 20 * DAY, NOW - DAY) + self.root.revocation_list(gone),
            "forged": self.stranger.revocation_list(),
            "of_somebody_else": self.client_root.revocation_list(),
        }
