"""The rows of the battery, one module a case."""

from tests.battery.rows.batches import batches
from tests.battery.rows.checkpoints import checkpoints
from tests.battery.rows.consumer_paused import consumer_paused
from tests.battery.rows.consumers_killed import consumers_killed
from tests.battery.rows.database_killed import database_killed
from tests.battery.rows.device_clocks import device_clocks
from tests.battery.rows.device_killed import device_killed
from tests.battery.rows.first_start_killed import first_start_killed
from tests.battery.rows.hints_lost import hints_lost
from tests.battery.rows.joins import joins
from tests.battery.rows.never_stuck import never_stuck
from tests.battery.rows.offline_flush import offline_flush
from tests.battery.rows.one_subject import one_subject
from tests.battery.rows.own_writes import own_writes
from tests.battery.rows.poison import poison
from tests.battery.rows.rebuilds_killed import rebuilds_killed
from tests.battery.rows.refusals import refusals
from tests.battery.rows.repeats import repeats
from tests.battery.rows.replicas import replicas
from tests.battery.rows.rolled_back import rolled_back
from tests.battery.rows.service_killed import service_killed
from tests.battery.rows.settlements import settlements
from tests.battery.rows.slow_watchers import slow_watchers
from tests.battery.rows.wrong_clocks import wrong_clocks
from tests.battery.run import Row

ROWS = (
    Row(
        id="DUR-1",
        title="service killed at every moment of an append, mid-stream too; 8 writers",
        unit="kills",
        ci=20,
        long=1_000,
        case=service_killed,
        least_ok=400,
        least_faults=20,
        times_starts=True,
    ),
    Row(
        id="DUR-2",
        title="PostgreSQL killed: in part, whole, with the service, in recovery, orphans left",
        unit="kills",
        ci=12,
        long=1_000,
        case=database_killed,
        least_ok=300,
        least_faults=10,
        times_starts=True,
    ),
    Row(
        id="DUR-6",
        title="first start killed at every step",
        unit="steps",
        ci=10,
        long=60,
        case=first_start_killed,
        least_ok=30,
        least_faults=10,
    ),
    Row(
        id="CON-1",
        title="16 writers on one subject, without conditions and racing",
        unit="appends, a fifth of it races",
        ci=5_000,
        long=50_000,
        case=one_subject,
        least_ok=6_000,
        least_faults=0,
    ),
    Row(
        id="CON-2",
        title="every batch sent 1 to 5 times: in parallel, elsewhere, after restart, replies lost",
        unit="sends",
        ci=20_000,
        long=1_000_000,
        case=repeats,
        least_ok=1_000,
        least_faults=3,
    ),
    Row(
        id="CON-3",
        title="batches: overlapping, re-ordered, gaps, empty, full, one over, invalid, conflicting",
        unit="cells at most",
        ci=1_000,
        long=1_000,
        case=batches,
        least_ok=100,
        least_faults=0,
    ),
    Row(
        id="CON-4",
        title="own writes read at the other process, restarts between",
        unit="seconds",
        ci=12,
        long=600,
        case=own_writes,
        least_ok=50,
        least_faults=1,
    ),
    Row(
        id="CON-5",
        title="interleavings of devices, re-batched, repeated, refolded: equal on every replica",
        unit="histories",
        ci=100,
        long=200_000,
        case=replicas,
        least_ok=0,
        least_faults=0,
    ),
    Row(
        id="SUB-1",
        title="appends rolled back in a row, an idle transaction and a dump; readers wait for none",
        unit="rollbacks",
        ci=1_000,
        long=1_000_000,
        case=rolled_back,
        least_ok=200,
        least_faults=3,
    ),
    Row(
        id="SUB-2",
        title="watches that join anywhere at full write rate",
        unit="joins",
        ci=200,
        long=1_000,
        case=joins,
        least_ok=50,
        least_faults=0,
    ),
    Row(
        id="SUB-3",
        title="consumers of a group killed with deliveries in hand",
        unit="kills",
        ci=20,
        long=200,
        case=consumers_killed,
        least_ok=50,
        least_faults=20,
    ),
    Row(
        id="SUB-4",
        title="settled in every way, parked, replayed beyond the window, erased; a service killed",
        unit="events",
        ci=5_000,
        long=100_000,
        case=settlements,
        least_ok=20,
        least_faults=1,
    ),
    Row(
        id="SUB-5",
        title="a consumer stands still beyond its leases and settles what others took over",
        unit="late settlements",
        ci=20,
        long=500,
        case=consumer_paused,
        least_ok=10,
        least_faults=2,
    ),
    Row(
        id="SUB-6",
        title="events that nobody can handle, bodies that fail in every way, a parking that fails",
        unit="poisoned customers",
        ci=20,
        long=500,
        case=poison,
        least_ok=20,
        least_faults=1,
    ),
    Row(
        id="SUB-7",
        title="160 watchers that never read, 10 that do",
        unit="changes",
        ci=1_500,
        long=20_000,
        case=slow_watchers,
        least_ok=200,
        least_faults=160,
    ),
    Row(
        id="SUB-8",
        title="hints killed, swallowed and switched off: readers elsewhere catch up by polling",
        unit="losses",
        ci=10,
        long=200,
        case=hints_lost,
        least_ok=10,
        least_faults=10,
    ),
    Row(
        id="SUB-9",
        title="rebuilds killed at a batch, at a state write, at the switch; cancelled, begun again",
        unit="kills",
        ci=5,
        long=50,
        case=rebuilds_killed,
        least_ok=60,
        least_faults=5,
    ),
    Row(
        id="SUB-10",
        title="stale, altered, foreign checkpoints, of other filters and epochs; idle and cut",
        unit="reconnects",
        ci=100,
        long=2_000,
        case=checkpoints,
        least_ok=50,
        least_faults=100,
    ),
    Row(
        id="SYN-1",
        title="3 devices send 500 interactions each together over links that flap",
        unit="rounds",
        ci=2,
        long=1_000,
        case=offline_flush,
        least_ok=60,
        least_faults=20,
    ),
    Row(
        id="SYN-2",
        title="a device killed as it stores, sends, is answered, drops, and shows an act",
        unit="kills",
        ci=10,
        long=200,
        case=device_killed,
        least_ok=15,
        least_faults=10,
    ),
    Row(
        id="SYN-4",
        title="links, services and answers come and go; nobody is stuck",
        unit="devices",
        ci=50,
        long=500,
        case=never_stuck,
        least_ok=0,
        least_faults=4,
    ),
    Row(
        id="SYN-6",
        title="refused in the middle of a queue, and a full queue",
        unit="customers",
        ci=2,
        long=100,
        case=refusals,
        least_ok=0,
        least_faults=2,
    ),
    Row(
        id="CLK-2",
        title="device clocks 10 years off, drifting, jumping, asleep",
        unit="devices",
        ci=25,
        long=1_000,
        case=device_clocks,
        least_ok=100,
        least_faults=25,
    ),
    Row(
        id="CLK-1",
        title="service clock off by a day, jumping, twice as fast; two processes 90 s apart",
        unit="clocks",
        ci=4,
        long=200,
        case=wrong_clocks,
        least_ok=400,
        least_faults=7,
    ),
)
