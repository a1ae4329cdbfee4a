"""The doors of one bank besides HTTP: MLLP ports, watched folders, MQTT, brokers. Opened by its settings, kept open.

One door's trouble is not another's: a port that is taken, a broker that is away, a share that is not mounted is told
and tried again, while the others work.
"""

import asyncio
import os
import ssl
import threading
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from hilum.app.door_admission import Admission, check_accounts
from hilum.app.door_document import asyncapi_document
from hilum.app.door_fields import filter_of
from hilum.app.door_folder import FolderDoor
from hilum.app.door_mllp import MllpDoor
from hilum.app.door_topics import BrokerDoor, MqttDoor
from hilum.app.serving import Service, open_service
from hilum.clock import Clock, system_clock
from hilum.errors import BadInputError
from hilum.links import tls
from hilum.links.alone import alone
from hilum.links.broker_channel import Connection as BrokerConnection
from hilum.links.broker_channel import Listened
from hilum.links.folder import FolderWatch, Watching
from hilum.links.mllp import Listening, MllpServer
from hilum.links.mqtt import Connection as MqttConnection
from hilum.links.mqtt import MqttLink
from hilum.messages import text
from hilum.model.door_tables import doors_of
from hilum.model.doors import Broker, Doors, MllpPort, Tls, WatchedFolder
from hilum.settings import FILE_NAME, Settings

_AGAIN_S = 10.0
_STANDBY_S = 1.0
_LOOK_S = 0.1
_GRACE_S = 12.0
LOCK = "doors.lock"

__all__ = ["DoorKeeper", "asyncapi_document", "configured", "keep_doors"]

Say = Callable[[str], None]
"""A sentence about the doors, in the bank's language, for the service's log. Nothing of what was sent is in it."""

Run = Callable[[asyncio.Event], Coroutine[object, object, None]]
"""A door at work until its event is set."""


def configured(settings: Settings) -> Doors:
    """The doors the settings name. Raises :class:`BadInputError` for what cannot be meant."""
    return doors_of(settings.door_tables, str(settings.home / FILE_NAME))


def keep_doors(home: Path, stop: threading.Event, say: Say = lambda _: None, clock: Clock = system_clock) -> None:
    """Open the doors of the bank at ``home`` and keep them until ``stop`` is set; what was begun is finished. While
    another process keeps them, stand by and take over when it ends.

    Raises :class:`BadInputError` for settings that cannot be meant, :class:`~hilum.errors.StoreError`.
    """
    with open_service(home, clock) as service:
        doors = configured(service.settings)
        while not stop.is_set():
            with alone(service.settings.vault_folder / LOCK) as mine:
                if mine:
                    asyncio.run(_keep(service, doors, stop, say))
                else:
                    stop.wait(_STANDBY_S)


async def _keep(service: Service, doors: Doors, stop: threading.Event, say: Say) -> None:
    keeper = DoorKeeper(service, doors, say)
    await keeper.start()
    try:
        while not stop.is_set():
            await asyncio.sleep(_LOOK_S)
    finally:
        await keeper.stop()


class DoorKeeper:
    """All doors of one process, on the running event loop."""

    def __init__(self, service: Service, doors: Doors, say: Say, environment: Mapping[str, str] | None = None) -> None:
        self._service, self._doors, self._say = service, doors, say
        self._settings = service.settings
        self._environment = os.environ if environment is None else environment
        self._admission = Admission(service.app)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[MllpServer] = []
        self.ports: list[int] = []
        """The MLLP ports that are open, in the order of the settings."""

    async def start(self) -> None:
        """Open everything. What cannot be meant raises :class:`BadInputError` before anything is open."""
        running = [self._watch(one) for one in self._doors.folders.watched]
        if self._doors.mqtt.topics:
            running.append(self._mqtt().run)
        running += [self._broker(one) for one in self._doors.brokers]
        servers = [(self._mllp(port), port) for port in self._doors.mllp.ports]
        for account, wrong in check_accounts(self._admission.admit, _accounts(self._doors)).items():
            self._tell("account_refused", {"account": account, "reason": wrong.reason})
        for server, port in servers:
            self._servers.append(server)
            await self._listen(server, port)
        self._tasks += [asyncio.create_task(run(self._stop)) for run in running]

    async def stop(self) -> None:
        """Take no more; finish what was begun."""
        self._stop.set()
        await asyncio.gather(*(server.stop() for server in self._servers))
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _tell(self, what: str, values: Mapping[str, object]) -> None:
        self._say(text(f"door.said.{what}", self._settings.language, **values))

    # MLLP ------------------------------------------------------------------------------------------------------------

    def _mllp(self, port: MllpPort) -> MllpServer:
        door = MllpDoor(
            self._doors.mllp,
            port,
            self._service.receiver.receive,
            self._admission.admit,
            self._service.app.clock,
            self._settings.language,
            self._tell,
        )
        context = None
        if port.tls is not None:
            trusted = self._path(port.tls.trusted)
            context = tls.for_server(self._file(port.tls.certificate), self._file(port.tls.key), trusted)
        largest = min(self._doors.mllp.largest, self._settings.arrival_limit)
        at = Listening(port.host, port.port, largest, self._doors.mllp.connections, context)
        return MllpServer(at, door.hear, door.refuse, self._tell)

    async def _listen(self, server: MllpServer, port: MllpPort) -> None:
        try:
            number = await server.start()
        except OSError as wrong:
            why = {"host": port.host, "port": port.port, "why": wrong.strerror or ""}
            self._tell("mllp_port_taken", why)
            self._tasks.append(asyncio.create_task(self._listen_later(server, port)))
            return
        self.ports.append(number)
        self._tell("mllp_listening", {"host": port.host, "port": number})

    async def _listen_later(self, server: MllpServer, port: MllpPort) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _AGAIN_S)
                return
            with suppress(OSError):
                self.ports.append(await server.start())
                self._tell("mllp_listening", {"host": port.host, "port": self.ports[-1]})
                return

    # folders ---------------------------------------------------------------------------------------------------------

    def _watch(self, one: WatchedFolder) -> Run:
        door = FolderDoor(
            one.account,
            one.language or self._settings.language,
            self._settings.arrival_limit,
            self._service.receiver.receive,
            self._admission.admit,
            self._tell,
        )
        folders = self._doors.folders
        at = Watching(self._file(one.path), self._settings.arrival_limit, folders.quiet_s, one.marker)
        watch = FolderWatch(at, door.take, door.refuse, self._tell)

        async def run(stop: asyncio.Event) -> None:
            self._tell("folder_watching", {"folder": str(at.path)})
            await watch.run(stop, folders.every_s)

        return run

    # topics ----------------------------------------------------------------------------------------------------------

    def _mqtt(self) -> MqttLink:
        mqtt = self._doors.mqtt
        door = MqttDoor(
            mqtt,
            self._service.receiver.receive,
            self._admission.admit,
            self._service.app.clock,
            self._settings.language,
            self._tell,
        )
        at = MqttConnection(
            mqtt.host,
            mqtt.port,
            mqtt.client,
            tuple(filter_of(topic.filter) for topic in mqtt.topics),
            mqtt.user,
            self._secret(mqtt.password, mqtt.password_file, "HILUM_MQTT_PASSWORD"),
            self._client_tls(mqtt.tls),
        )
        return MqttLink(at, door.take, self._tell)

    def _broker(self, broker: Broker) -> Run:
        try:
            link = import_module("hilum.links.broker")
            kind = import_module(f"hilum.links.broker_{broker.kind.value}")
        except ImportError as missing:
            raise BadInputError("broker_library", broker=broker.name, kind=broker.kind.value) from missing
        door = BrokerDoor(
            broker, self._service.receiver.receive, self._admission.admit, self._settings.language, self._tell
        )
        at = BrokerConnection(
            broker.name,
            broker.url,
            broker.group,
            tuple(Listened(index, one.topic, one.stream) for index, one in enumerate(broker.channels)),
            broker.user,
            self._secret(broker.password, broker.password_file, f"HILUM_BROKER_{broker.name.upper()}_PASSWORD"),
            self._client_tls(broker.tls),
        )
        run: Run = link.BrokerLink(at, kind.declare, door.take, self._tell).run
        return run

    def _client_tls(self, files: Tls | None) -> ssl.SSLContext | None:
        if files is None:
            return None
        return tls.for_client(self._path(files.trusted), self._path(files.certificate), self._path(files.key))

    def _secret(self, inline: str, file: str, variable: str) -> str:
        """From the environment, else a file (its first line), else as it stands in the settings."""
        if variable in self._environment:
            return self._environment[variable]
        if not file:
            return inline
        try:
            return self._file(file).read_text(encoding="utf-8").split("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as wrong:
            raise BadInputError("door_secret", place=str(self._file(file)), why=type(wrong).__name__) from wrong

    def _file(self, name: str) -> Path:
        return self._settings.home / name

    def _path(self, name: str) -> Path | None:
        return self._file(name) if name else None


def _accounts(doors: Doors) -> list[str]:
    named = [*(one.account for one in doors.mllp.ports), *doors.mllp.senders.values()]
    named += [*doors.mllp.certificates.values(), *(one.account for one in doors.folders.watched)]
    named += [doors.mqtt.account if doors.mqtt.topics else "", *(one.account for one in doors.brokers)]
    return [one for one in named if one]
