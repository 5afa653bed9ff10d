"""A plain name on the local network: `scoreboard.local` (multicast DNS, RFC 6762 and 6763).

Nobody hands out names there: who wants one asks whether somebody has it, and takes the next if so
(`scoreboard-2.local`). Browsers of services find the pages, too (`_http._tcp`).
"""

from collections.abc import Mapping
from ipaddress import ip_address

from zeroconf import AddressResolver, Error, IPVersion  # type: ignore[attr-defined]
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from scoreboard.telemetry import log

SERVICE = "_http._tcp.local."
NAMES_MAX = 20  # of one kind on one network; past it there is none, and addresses must do
ASK_MS = 700


class Announcement:
    """What is told; `name` is the host's name, such as `scoreboard.local`, "" if there is none."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._zeroconf: AsyncZeroconf | None = None
        self.name = ""

    async def tell(self, hosts: list[str], ports: Mapping[str, int]) -> None:
        """Announce these addresses in place of those before; what fails is logged, and no more."""
        await self.close()
        if not hosts or not ports:
            return
        try:
            self._zeroconf = AsyncZeroconf(ip_version=IPVersion.All)
            host = await self._free_name(self._zeroconf)
            for listener, port in ports.items():
                info = AsyncServiceInfo(
                    SERVICE,
                    f"Scoreboard {listener} ({host}).{SERVICE}",
                    port=port,
                    addresses=[ip_address(one).packed for one in hosts],
                    server=f"{host}.local.",
                    properties={"path": "/"},
                )
                await self._zeroconf.async_register_service(info, allow_name_change=True)
        except (OSError, Error) as error:
            log.warning("no name on the local network", error=str(error) or type(error).__name__)
            await self.close()
            return
        self.name = f"{host}.local"
        log.info("named on the local network", name=self.name)

    async def _free_name(self, network: AsyncZeroconf) -> str:
        for n in range(1, NAMES_MAX + 1):
            host = self._wanted if n == 1 else f"{self._wanted}-{n}"
            if not await AddressResolver(f"{host}.local.").async_request(network.zeroconf, ASK_MS):
                return host
        raise OSError(f"{NAMES_MAX} names like {self._wanted} are taken")

    async def close(self) -> None:
        """Take back what was told."""
        self.name = ""
        network, self._zeroconf = self._zeroconf, None
        if network is not None:
            await network.async_unregister_all_services()
            await network.async_close()
