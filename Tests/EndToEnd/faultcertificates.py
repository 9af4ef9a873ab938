"""Server certificates that a client of Duo must accept or refuse, made with the openssl command."""

import pathlib
import ssl
import subprocess
import warnings

HOST = "api-faults.duo.test"

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {name}
[ca]
default_ca = here
[here]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
"""


class Certificates:
    """One TLS server context for each way a certificate can be, and `contexts["good"]`.

    `authority` is the folder with ca.pem and ca.key of the authority that the client trusts.
    """

    def __init__(self, folder, authority):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700)
        trusted = authority / "ca.pem", authority / "ca.key"
        names = f"DNS:{HOST}, DNS:*.duo.test"
        self.contexts = {
            "good": self._server(names, trusted),
            "wrong host": self._server("DNS:api-other.duo.test", trusted),
            "wrong CA": self._server(names, self._authority()),
            "expired": self._server(names, trusted, "200101000000Z", "200201000000Z"),
            "self-signed": self._self_signed(names),
        }
        self.contexts["TLS 1.1 only"] = self._server(names, trusted)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self.contexts["TLS 1.1 only"].minimum_version = ssl.TLSVersion.TLSv1_1
            self.contexts["TLS 1.1 only"].maximum_version = ssl.TLSVersion.TLSv1_1
        # TLS 1.1 signs with SHA-1, which OpenSSL forbids from level 1 on.
        self.contexts["TLS 1.1 only"].set_ciphers("ALL:@SECLEVEL=0")
        # As large as what Duo sends: 4 KB take 20 s at 200 bytes/s.
        self.contexts["large chain"] = self._server(names, trusted, padding=7)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *[str(a) for a in arguments]], check=True, capture_output=True)

    def _files(self, name):
        """Paths for a new certificate, its key and its request, and a configuration with `name` in it."""
        stem = self.folder / str(len(list(self.folder.iterdir())))
        configuration = stem.with_suffix(".cnf")
        configuration.write_text(CONFIGURATION.format(name=name, folder=self.folder))
        return stem.with_suffix(".pem"), stem.with_suffix(".key"), stem.with_suffix(".csr"), configuration

    def _new_key(self, key):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]

    def _authority(self):
        pem, key, _, configuration = self._files("DNS:none")
        self._openssl("req", "-x509", *self._new_key(key), "-config", configuration, "-extensions", "authority",
                      "-subj", "/CN=Somebody else's CA", "-days", 30, "-out", pem)  # fmt: skip
        return pem, key

    def _self_signed(self, names):
        pem, key, _, configuration = self._files(names)
        self._openssl("req", "-x509", *self._new_key(key), "-config", configuration, "-extensions", "server",
                      "-subj", f"/CN={HOST}", "-days", 30, "-out", pem)  # fmt: skip
        return self._context(pem, key)

    def _server(self, names, authority, start=None, end=None, padding=0):
        pem, key, request, configuration = self._files(names)
        (self.folder / "index.txt").write_text("")
        life = ["-startdate", start, "-enddate", end] if start else ["-days", 30]
        self._openssl("req", "-new", *self._new_key(key), "-config", configuration, "-subj", f"/CN={HOST}",
                      "-out", request)  # fmt: skip
        self._openssl("ca", "-batch", "-notext", "-config", configuration, "-extensions", "server", "-cert",
                      authority[0], "-keyfile", authority[1], *life, "-in", request, "-out", pem)  # fmt: skip
        pem.write_text(pem.read_text() + authority[0].read_text() * padding)
        return self._context(pem, key)

    @staticmethod
    def _context(pem, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        return context
