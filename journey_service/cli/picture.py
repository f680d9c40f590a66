"""The live picture of a customer: what is drawn of a view at a moment, in any width."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import Lease
from journey.v1.sessions_pb2 import DeviceRecord, DeviceStatus, PresentSession
from journey_client import ConnectionState, JourneyKey, ResumePoint, View
from journey_client import resume_point as extrapolated
from journey_service.cli.output import channel, moment, place, resume_point

# What changed is bright for so long.
BRIGHT_MS = 2_000
NEWS_KEPT = 4
_BRIGHT = "bold black on bright_yellow"
_STYLES = {ConnectionState.LIVE: "green", ConnectionState.ENDED: "red"}
# Journeys that are shown however small the terminal is.
_FEWEST_ROWS = 2
# Lines of headings, of what is left out, between the parts, and of the news.
_FIXED_LINES = 3 + 3 + 3 + 1 + NEWS_KEPT
_LISTED, _REST = "To go on with", "Also there"
_DEVICE_WIDTH, _WHEN_WIDTH = 10, 8
# A terminal narrower than this shows places instead of devices, times and channels.
_NARROW = 60


@dataclass(slots=True)
class Picture:
    """What is known of a customer, and since when. Times in ms of the service's clock."""

    name: str
    view: View = field(default_factory=View)
    devices: Sequence[DeviceRecord] = ()
    news: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=NEWS_KEPT))
    _bright: dict[object, int] = field(default_factory=dict)
    _was_live: bool = False

    def take(self, view: View, now_ms: int) -> bool:
        """Another view; whether others are there than before. What it began with is no news."""
        others = _who(view) != _who(self.view)
        if self._was_live:
            self._note(view, now_ms)
        self._was_live = self._was_live or view.connection.state is ConnectionState.LIVE
        self.view = view
        return others

    def moves(self, now_ms: int) -> bool:
        """Whether it is another one a moment later, though nothing new comes: something plays, is
        bright or is held."""
        told = [*self._bright.values(), *(at_ms for at_ms, _ in self.news)]
        return (
            any(now_ms - at_ms < BRIGHT_MS for at_ms in told)
            or any(lease.lease_until_ms > now_ms for lease in self.view.leases.values())
            or any(_plays(session, now_ms) for session in self.view.presence)
            or any(self._goes_on(each, now_ms) for each in self.view.journeys.values())
        )

    def drawn(self, now_ms: int, width: int, height: int) -> Group:
        """The whole picture."""
        listed = list(self.view.continue_list)
        keys = {_key(journey) for journey in listed}
        rest = [each for key, each in self.view.journeys.items() if key not in keys]
        rest.sort(key=lambda each: -each.activity.t_ms)
        rows = height - _FIXED_LINES - len(self._device_names())
        few = max(_FEWEST_ROWS, min(len(rest), rows // 3))
        many = max(_FEWEST_ROWS, rows - min(few, len(rest)))
        first = min(max(map(len, (*map(_name, [*listed, *rest]), _LISTED))), width * 2 // 5)
        aside = (_DEVICE_WIDTH, _WHEN_WIDTH) if width >= _NARROW else (0, 0)
        widths = (first, None, *aside)
        return Group(
            self._heading(width),
            Text(),
            self._devices(now_ms, width),
            *self._journeys(_LISTED, listed[:many], len(listed), now_ms, width, widths),
            *self._journeys(_REST, rest[:few], len(rest), now_ms, width, widths),
            *self._news_lines(now_ms, width),
        )

    # --- what just changed ---

    def _note(self, view: View, now_ms: int) -> None:
        for key in sorted(view.changed):
            self._bright[key] = now_ms
            journey = view.journeys[key]
            on = f" on {journey.last_device_id}" if journey.last_device_id else ""
            self._tell(now_ms, f"{key.kind}/{key.journey_id}{on}: {resume_point(journey)}")
        for key, lease in view.leases.items():
            if _holder(self.view.leases.get(key)) != _holder(lease):
                self._bright["device", lease.device_id] = now_ms
                self._tell(now_ms, f"{lease.device_id} is the active device of {'/'.join(key)}")
        before, now = _who(self.view), _who(view)
        for device in sorted(now ^ before):
            self._bright["device", device] = now_ms
            self._tell(now_ms, f"{device} is there" if device in now else f"{device} has left")

    def _tell(self, now_ms: int, text: str) -> None:
        self.news.appendleft((now_ms, text))

    def _is_bright(self, what: object, now_ms: int) -> bool:
        return now_ms - self._bright.get(what, -BRIGHT_MS) < BRIGHT_MS

    # --- parts ---

    def _heading(self, width: int) -> Text:
        connection = self.view.connection
        style = _STYLES.get(connection.state, "yellow")
        lag = "unknown" if connection.lag < 0 else str(connection.lag)
        text = Text().append(f"{self.name}  ", style="bold")
        text.append(f"● {connection.state.value.replace('_', ' ')}", style=style)
        since = f" since {moment(connection.since_ms)}" if connection.since_ms else ""
        text.append(f"{since}  lag {lag}", style="dim")
        if connection.why:
            text.append(f"  {connection.why}", style=style)
        text.truncate(width, overflow="ellipsis")
        return text

    def _devices(self, now_ms: int, width: int) -> Table:
        rows = [*self._device_rows(now_ms)]
        aside = 13 if width >= _NARROW else 0
        return _table(("Devices", "channel", "now"), rows, width, (_DEVICE_WIDTH + 2, aside, None))

    def _device_names(self) -> list[str]:
        """Devices that are there, then the others, last seen first."""
        there = [session.device_id for session in self.view.presence]
        known = [record.device.device_id for record in self.devices]
        return list(dict.fromkeys([*sorted(there), *known]))

    def _device_rows(self, now_ms: int) -> Iterator[tuple[tuple[str, ...], str]]:
        there = {session.device_id: session for session in self.view.presence}
        known = {record.device.device_id: record for record in self.devices}
        for name in self._device_names():
            session = there.get(name)
            bright = self._is_bright(("device", name), now_ms)
            if session is not None:
                now = self._now(session, now_ms)
                style = _BRIGHT if bright else ("green" if now.startswith("▶") else "")
                yield (f"● {name}", channel(session.channel), now), style
            else:
                yield (f"○ {name}", "", _absent(known[name])), _BRIGHT if bright else "dim"

    def _now(self, session: PresentSession, now_ms: int) -> str:
        """Where a device is: playing with the place that moves on, paused, or just there."""
        held = [
            f", lease {(lease.lease_until_ms - now_ms) // 1_000} s"
            for lease in self.view.leases.values()
            if lease.device_id == session.device_id and lease.lease_until_ms > now_ms
        ]
        return self._doing(session, now_ms) + "".join(held[:1])

    def _doing(self, session: PresentSession, now_ms: int) -> str:
        """By the journeys, which are told before presence is; by presence where they are not."""
        left = [each for each in self.view.journeys.values() if _left_on(each, session.device_id)]
        left.sort(key=lambda each: (each.media.speed > 0, each.activity.t_ms))
        key = _ref(session)
        if session.place.speed and key not in self.view.journeys:
            at_ms = min(now_ms, session.lease_until_ms or now_ms) - session.place.as_of_ms
            point_ms = session.place.point_ms + max(0, at_ms) * session.place.speed // 1_000
            return f"▶ {key.kind}/{key.journey_id} {_short(point_ms)}"
        if not left:
            return "is there"
        last = left[-1]
        if not last.HasField("media"):
            return f"was last at {_name(last)}"
        point = self._point(last, now_ms)
        mark = "▶" if point.playing else "begins" if self._begins(last, now_ms) else "⏸"
        return f"{mark} {_name(last)} {_short(point.point_ms)}"

    def _begins(self, journey: Journey, now_ms: int) -> bool:
        """Whether its active device has begun, and has not yet played enough to count."""
        lease = self.view.leases.get(_key(journey), Lease())
        other_run = lease.installation_id != journey.media.installation_id
        return lease.lease_until_ms > now_ms and other_run

    def _point(self, journey: Journey, now_ms: int) -> ResumePoint:
        """Where a journey is now; what plays moves on, as long as its lease."""
        lease = self.view.leases.get(_key(journey))
        return extrapolated(journey, now_ms, lease_until_ms=lease.lease_until_ms if lease else None)

    def _goes_on(self, journey: Journey, now_ms: int) -> bool:
        return self._point(journey, now_ms) != self._point(journey, now_ms + 1_000)

    def _journeys(
        self,
        title: str,
        shown: Sequence[Journey],
        count: int,
        now_ms: int,
        width: int,
        widths: Sequence[int | None],
    ) -> list[RenderableType]:
        """A table of journeys under a title, and how many of `count` are left out."""
        if not shown:
            return [Text(), Text(f"{title}: nothing", style="dim")] if title == _LISTED else []
        rows = [(self._row(each, now_ms), self._style(each, now_ms)) for each in shown]
        made = _table((title, "where", "on", "when"), rows, width, widths)
        more = count - len(shown)
        told = [Text(f"… and {more} more", style="dim")] if more else []
        return [Text(), made, *told]

    def _row(self, journey: Journey, now_ms: int) -> tuple[str, ...]:
        """One journey; what plays is where it is now."""
        point = self._point(journey, now_ms)
        where = resume_point(journey)
        if point.playing:
            whole = f" of {_short(journey.media.duration_ms)}" if journey.media.duration_ms else ""
            where = f"▶ {_short(point.point_ms)}{whole}"
        if journey.finished:
            where += ", finished"
        when = moment(journey.activity.t_ms)
        return _name(journey), where, journey.last_device_id, when[-_WHEN_WIDTH:]

    def _style(self, journey: Journey, now_ms: int) -> str:
        return _BRIGHT if self._is_bright(_key(journey), now_ms) else ""

    def _news_lines(self, now_ms: int, width: int) -> Iterable[Text]:
        if self.news:
            yield Text()
        for at_ms, told in self.news:
            fresh = now_ms - at_ms < BRIGHT_MS
            line = Text(f"{moment(at_ms)}  {told}", style="bold" if fresh else "dim")
            line.truncate(width, overflow="ellipsis")
            yield line


def _table(
    columns: Sequence[str],
    rows: Iterable[tuple[tuple[str, ...], str]],
    width: int,
    widths: Sequence[int | None],
) -> Table:
    """A line each, cut with an ellipsis; the column of None takes the rest, one of 0 goes."""
    made = Table(box=None, padding=(0, 2, 0, 0), width=width, pad_edge=False)
    kept = [at for at, wide in enumerate(widths) if wide != 0]
    for name, wide in ((columns[at], widths[at]) for at in kept):
        ratio = 1 if wide is None else None
        made.add_column(
            name, header_style="bold", no_wrap=True, overflow="ellipsis", width=wide, ratio=ratio
        )
    for cells, style in rows:
        made.add_row(*(Text(cells[at], overflow="ellipsis") for at in kept), style=style)
    return made


def _absent(record: DeviceRecord) -> str:
    status = record.status
    seen = f"last seen {moment(record.last_seen_at_ms)}" if record.last_seen_at_ms else "away"
    if status in {DeviceStatus.DEVICE_STATUS_UNSPECIFIED, DeviceStatus.DEVICE_STATUS_ACTIVE}:
        return seen
    told = DeviceStatus.Name(status).removeprefix("DEVICE_STATUS_").lower().replace("_", " ")
    return f"{told}, {seen}"


def _who(view: View) -> frozenset[str]:
    return frozenset(session.device_id for session in view.presence)


def _holder(lease: Lease | None) -> tuple[str, int]:
    return (lease.device_id, lease.epoch) if lease else ("", 0)


def _left_on(journey: Journey, device_id: str) -> bool:
    return journey.last_device_id == device_id and not journey.finished


def _plays(session: PresentSession, now_ms: int) -> bool:
    """As far as is known; without a lease there is no end of it."""
    return bool(session.place.speed) and not 0 < session.lease_until_ms <= now_ms


def _ref(session: PresentSession) -> JourneyKey:
    return JourneyKey(session.journey.kind, session.journey.journey_id)


def _key(journey: Journey) -> JourneyKey:
    return JourneyKey(journey.ref.kind, journey.ref.journey_id)


def _name(journey: Journey) -> str:
    return f"{journey.ref.kind}/{journey.ref.journey_id}"


def _short(point_ms: int) -> str:
    """A place to the second."""
    return place(point_ms)[:-4]
