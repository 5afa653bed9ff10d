"""Where the program is found: addresses, QR codes, a name on the network, trust for HTTPS."""

import asyncio
import socket
import ssl
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from msgspec.structs import replace

from scoreboard.app import running
from scoreboard.errors import CannotStart
from scoreboard.http.authority import Authority
from scoreboard.http.listeners import network_addresses
from scoreboard.ops.announcing import Announcement
from scoreboard.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=str(tmp_path),
        private_port=0,
        public_port=0,
        tls=True,
        private_tls_port=0,
        public_tls_port=0,
    )


def trusting(authority: bytes) -> ssl.SSLContext:
    """A client that trusts this authority and no other, as strictly as can be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def test_who_trusts_the_authority_comes_in_by_https(settings: Settings) -> None:
    async with running(settings) as server:
        async with httpx2.AsyncClient(base_url=server.public_url) as plain:
            told = (await plain.get("/api/v1/trust")).json()
            certificate = await plain.get("/trust/authority.crt")
        assert certificate.headers["content-type"] == "application/x-x509-ca-cert"
        secure = f"https://localhost:{told['ports']['public']}"
        async with httpx2.AsyncClient(verify=trusting(certificate.content)) as client:
            assert (await client.get(f"{secure}/api/v1/competitions")).json() == []
            assert (await client.post(f"{secure}/api/v1/competitions")).status_code == 404
            private = f"https://127.0.0.1:{told['ports']['private']}"
            assert (await client.post(f"{private}/api/v1/competitions")).status_code == 401
        with pytest.raises(httpx2.ConnectError):
            async with httpx2.AsyncClient() as stranger:
                await stranger.get(secure)


async def test_boards_are_followed_live_over_tls(settings: Settings) -> None:
    async with running(settings) as server:
        context = trusting(Authority(Path(settings.data), socket.gethostname()).der)
        headers = {"Authorization": f"Bearer {server.admin_key}"}
        async with httpx2.AsyncClient(verify=context, headers=headers) as client:
            private = server.urls["private-tls"]
            cup = {
                "slug": "cup",
                "name": "Cup",
                "sport": "points",
                "entrants": [{"id": "ann", "name": "Ann"}],
            }
            assert (await client.post(f"{private}/api/v1/competitions", json=cup)).is_success
            url = f"{server.urls['public-tls']}/api/v1/competitions/cup/boards/standings/stream"
            async with client.stream("GET", url) as stream:
                lines = stream.aiter_lines()
                while await anext(lines) != "event: snapshot":
                    pass
                event = {
                    "id": "1",
                    "type": "points.scored",
                    "data": {"entrant": "ann", "points": 3},
                }
                events = f"{private}/api/v1/competitions/cup/events"
                assert (await client.post(events, json=event)).is_success
                while await anext(lines) != "event: patch":
                    pass
                while not (line := await anext(lines)).startswith("data:"):
                    pass
                assert '"points":3' in line


def test_an_authority_outlives_its_certificates_and_speaks_for_this_place_alone(
    tmp_path: Path,
) -> None:
    first = Authority(tmp_path, "hall")
    first.context(["hall", "192.168.1.5"])
    served = (tmp_path / "tls/server.pem").read_bytes()
    again = Authority(tmp_path, "hall")
    assert again.der == first.der
    again.context(["hall", "192.168.1.5"])
    assert (tmp_path / "tls/server.pem").read_bytes() == served, "made anew without a reason"
    again.context(["hall", "192.168.1.6"])
    renewed = x509.load_pem_x509_certificate((tmp_path / "tls/server.pem").read_bytes())
    names = renewed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ip_address("192.168.1.6") in names.get_values_for_type(x509.IPAddress)
    own = x509.load_der_x509_certificate(first.der)
    limits = own.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert limits.value.permitted_subtrees
    assert not any(
        ip_address("93.184.216.34") in one.value
        for one in limits.value.permitted_subtrees
        if isinstance(one, x509.IPAddress)
    )
    for secret in ("authority-key.pem", "server.pem"):
        assert (tmp_path / "tls" / secret).stat().st_mode & 0o077 == 0


def test_an_authority_that_cannot_be_read_is_said_plainly(tmp_path: Path) -> None:
    Authority(tmp_path, "hall")
    (tmp_path / "tls/authority-key.pem").write_text("nothing")
    with pytest.raises(CannotStart, match="authority"):
        Authority(tmp_path, "hall")


async def test_without_tls_there_is_no_authority(settings: Settings) -> None:
    async with (
        running(replace(settings, tls=False)) as server,
        httpx2.AsyncClient(base_url=server.public_url) as client,
    ):
        assert (await client.get("/api/v1/trust")).json() == {"fingerprint": "", "ports": {}}
        assert (await client.get("/trust/authority.crt")).status_code == 404
        assert not (Path(settings.data) / "tls").exists()


async def test_every_address_has_a_qr_code_and_no_other_has(settings: Settings) -> None:
    async with (
        running(replace(settings, tls=False, lan=("public",))) as server,
        httpx2.AsyncClient(base_url=server.private_url) as client,
    ):
        found = (await client.get("/api/v1/addresses")).json()
        numbered = [one for one in found if not one.get("named")]
        public = [one["url"] for one in numbered if one["listener"] == "public"]
        assert len(public) == len(network_addresses())
        for url in public:
            picture = await client.get("/api/v1/addresses/qr.svg", params={"url": f"{url}/c/cup"})
            assert picture.headers["content-type"].startswith("image/svg+xml")
            assert picture.text.startswith("<svg")
            kept_nowhere = await client.post("/api/v1/addresses/qr.svg", json={"url": f"{url}/#k"})
            assert kept_nowhere.headers["cache-control"] == "no-store"
            assert kept_nowhere.text.startswith("<svg")
        for other in (
            "http://example.org/",
            f"{public[0]}.example.org/",
            "",
            public[0] + "/" * 600,
        ):
            refused = await client.get("/api/v1/addresses/qr.svg", params={"url": other})
            assert (refused.status_code, refused.json()["pointer"]) == (422, "/url")
            refused = await client.post("/api/v1/addresses/qr.svg", json={"url": other})
            assert (refused.status_code, refused.json()["pointer"]) == (422, "/url")
        async with httpx2.AsyncClient(base_url=server.public_url) as outside:
            assert (await outside.get("/api/v1/addresses")).status_code == 404


async def test_a_name_on_the_network_is_taken_by_one_and_given_back() -> None:
    hosts = [one for one in network_addresses() if one != "127.0.0.1"][:1]
    if not hosts:
        pytest.skip("this machine has no address but its own")
    first, second = Announcement("scoreboard-test"), Announcement("scoreboard-test")
    try:
        await first.tell(hosts, {"public": 8081})
        assert first.name == "scoreboard-test.local"
        await second.tell(hosts, {"public": 9081})
        assert second.name == "scoreboard-test-2.local"
        await first.close()
        assert first.name == ""
    finally:
        await asyncio.gather(first.close(), second.close())
