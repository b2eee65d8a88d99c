"""One lane's turn: the queue's head is sent and judged, its acceptance committed, or its failure remembered."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.errors import NotWaitingError, OutboxError
from bacnet_bridge.model import AcceptedBy, Account, Packet, Retry
from bacnet_bridge.wattics.attempted import attempted
from bacnet_bridge.wattics.backoff import account_pause, call_spacing, pause
from bacnet_bridge.wattics.latest import NotUnderstood
from bacnet_bridge.wattics.needs import Outbox
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.turns import AccountGate, Host, Lane, Turns
from bacnet_bridge.wattics.verdict import Action, Verdict, judge

FOR_EVER: Final = 253_402_214_400_000
"""The deadline of a hold that only people end: the instant 9999-12-31."""

_ANSWERS: Final = 5
"""Failures of a head that are remembered for people."""
_GATHERING: Final = 0.002
"""Seconds that an acceptance may wait for others to share its commit, while others are sent to."""
_CALLED: Final = 2
"""Queues that one acceptance calls."""
_CALL_SPREAD: Final = 2.0
"""Seconds within which a queue that is called tries again."""
_log = structlog.get_logger()


class Attempts:
    """Serves lanes, counts, and leaves each lane where it belongs next: in line, waiting, or at rest.

    Guarantee 2: the next packet leaves only after the previous one's acceptance is committed, because the outbox is
    asked for the queue's head again only then.
    Guarantee 3: a packet is sent until its 200. After an attempt of unknown outcome the head is still the same packet,
    so it and no other goes first; an acceptance that cannot be committed is committed later and not sent again. Where
    it is refused then, because it is there already, the platform's latest packet tells.
    """

    def __init__(
        self, outbox: Outbox, sessions: Sessions, clock: Clock, turns: Turns, draw: Callable[[], float]
    ) -> None:
        self._outbox, self._sessions, self._clock = outbox, sessions, clock
        self._turns, self._draw = turns, draw
        self.made = 0
        self.verdicts: Counter[Action] = Counter()
        """Of those that were judged."""
        self.accepted = 0
        self.unknown_outcomes = 0
        self.last_accepted: int | None = None
        self.may_repeat = True
        """False once the service stops: no second request within a turn."""

    async def serve(self, lane: Lane) -> None:
        """One turn. Raises nothing: whatever happens to one queue must not end the others' delivery."""
        try:
            await self._serve(lane)
        except OutboxError as error:
            await self._stumble(lane, f"the outbox does not give the packet: {error}")
        except Exception:  # noqa: BLE001 - a defect met by one packet is logged, and neither loses nor stops anything
            _log.exception("delivery met a defect of the bridge; please report it", **_who(lane))
            await self._stumble(lane, "a defect of the bridge; see the log and report it")
        finally:
            lane.probing = lane.knocking = False

    async def _serve(self, lane: Lane) -> None:
        if lane.unconfirmed is not None:
            await self._confirm(lane, *lane.unconfirmed)
            return
        packet = await self._outbox.head(lane.queue)
        if packet is None:
            self._turns.rest(lane)
            return
        verdict = await self._send(lane, packet)
        lane.unknown_id = verdict.unknown_id
        self._hear(lane, verdict)
        if verdict.action is Action.ACCEPTED:
            lane.gate.knows_ids = True
            self._open(lane.gate)
            await self._confirm(lane, packet, self._clock.wall(), AcceptedBy.ANSWER)
        elif not (verdict.refused and self._unsure(lane, packet) and await self._read_back(lane, packet)):
            await self._fail(lane, verdict)

    async def _stumble(self, lane: Lane, sentence: str) -> None:
        verdict = Verdict(Action.BACK_OFF, sentence)
        self._hear(lane, verdict)
        await self._fail(lane, verdict)

    def _unsure(self, lane: Lane, packet: Packet) -> bool:
        """It may be stored already, by whatever account: an operator may have given it to another one since."""
        return any(other.unsure == packet.instant for other in self._turns.of_id(lane.queue))

    async def _read_back(self, lane: Lane, packet: Packet) -> bool:
        """Refused after an attempt of unknown outcome: the platform's latest packet may decide. True if it did."""
        latest = await self._sessions.latest(lane.queue.account, lane.queue.id)
        if isinstance(latest, NotUnderstood) or latest < packet.instant:
            return False
        lane.gate.reads_back = True
        self._open(lane.gate)
        if latest == packet.instant:
            _log.info("accepted before, as the platform's latest packet shows", **_who(lane))
            await self._confirm(lane, packet, self._clock.wall(), AcceptedBy.READ_BACK)
        else:
            await self.hold(lane, latest, packet.instant)
        return True

    async def hold(self, lane: Lane, latest: int, ours: int) -> None:
        """The platform has a packet, of the instant `latest`, newer than `ours`, the newest that we may have sent.

        What we sent in between would be discarded for ever; so the queue collects until people release it.
        """
        lane.alarm = (
            f"another sender uses this id: the platform has its packet of {moment_of(latest).isoformat()}, and ours go "
            f"up to {moment_of(ours).isoformat()}; end the other sender, then release the meter with `outbox release`"
        )
        lane.retry = Retry(1, 0, lane.alarm, Action.HOLD)
        try:
            await self._outbox.put_and_hold(lane.queue, max(latest, ours), FOR_EVER)
        except OutboxError as error:
            await self._fail(lane, Verdict(Action.PAUSE_QUEUE, f"{lane.alarm}; and it cannot be put on hold: {error}"))
            return
        _log.error("meter on hold", reason=lane.alarm, **_who(lane))
        await self._store(lane)
        self._turns.rest(lane)

    async def _confirm(self, lane: Lane, packet: Packet, at: int, by: AcceptedBy) -> None:
        """Commit the acceptance. Until that succeeds nothing of the queue is sent, this packet neither."""
        lane.unconfirmed = (packet, at, by)
        try:
            await self._outbox.accept(packet, by, at, patience=_GATHERING if lane.gate.host.under_way else 0.0)
        except NotWaitingError as error:
            _log.warning("accepted by the platform after it had left the outbox", reason=str(error), **_who(lane))
        except OutboxError as error:
            sentence = f"the platform accepted the packet, but the outbox cannot note it: {error}"
            await self._fail(lane, Verdict(Action.BACK_OFF, sentence))
            return
        self.accepted += 1
        self.last_accepted = at
        lane.gate.accepted += 1
        lane.expected = max(0, lane.expected - 1)
        lane.accepted = packet.instant
        lane.unconfirmed = lane.refused_at = lane.unsure = None
        if lane.retry.kind == Action.HOLD:  # people have released it
            lane.alarm = ""
        lane.retry = Retry()
        lane.calls, lane.answers = 0, ()
        self._call(lane.gate.host)
        if lane.repeats.ended():
            _log.info("delivery works again", **_who(lane))
        if len(self._turns.of_id(lane.queue)) > 1:
            self._turns.rest(lane)  # another account's packets of this id may be earlier than this queue's next
        else:
            self._turns.enter(lane)

    async def _send(self, lane: Lane, packet: Packet) -> Verdict:
        """One request; two at a first 401, which may only mean that the platform ended the session.

        The secrets are read again before an account's probe and before the second request: a new one is tried at once.
        Until that is answered the account's others wait, so that a wrong password costs few requests.
        """
        if lane.probing:
            await self._sessions.read_secrets()
        changes = self._sessions.changes
        verdict = await self._post(lane, packet)
        if verdict.action is not Action.PAUSE_ACCOUNT or not self.may_repeat:
            return verdict
        gate = lane.gate
        first = lane.refused_at is None and not gate.closed
        if first:
            lane.probing, gate.retry = True, Retry(0, 0, verdict.sentence, verdict.action)
            self._turns.close(gate, self._clock.monotonic() + account_pause(1))
            await self._sessions.read_secrets()
        return await self._post(lane, packet) if first or self._sessions.changes > changes else verdict

    async def _post(self, lane: Lane, packet: Packet) -> Verdict:
        self.made += 1
        lane.sending = True
        lane.gate.host.under_way += 1
        lane.attempted, lane.began = packet.instant, self._clock.monotonic()
        try:
            outcome = await self._sessions.post(lane.queue.account, packet.body)
        finally:
            lane.sending = False
            lane.gate.host.under_way -= 1
        verdict = judge(outcome, lane.queue.id)
        lane.last = attempted(packet, outcome, verdict, self._clock, lane.began)
        self.verdicts[verdict.action] += 1
        self.unknown_outcomes += verdict.unknown_outcome
        if verdict.unknown_outcome:
            lane.unsure = packet.instant
        return verdict

    async def _fail(self, lane: Lane, verdict: Verdict) -> None:
        """The lane waits, or parks; the reason and the time are kept on disk for the next start and the status."""
        action = self._whose_fault(lane, verdict)
        failures = lane.retry.attempts + 1 if lane.retry.kind == action else 1
        now, wall = self._clock.monotonic(), self._clock.wall()
        delay = max(pause(action, failures, self._draw), verdict.at_least)
        parks = action is Action.PAUSE_ACCOUNT or self._away(lane, verdict)
        next_attempt = wall + round(delay * 1000)
        if action is Action.PAUSE_ACCOUNT:
            next_attempt = self._close(lane, verdict)
        elif verdict.action is Action.PAUSE_QUEUE:
            lane.gate.knows_ids |= not verdict.unknown_id
            self._open(lane.gate)  # the credentials were good enough for this answer
        elif lane.probing and lane.gate.closed:  # the probe says nothing about the credentials
            self._turns.close(lane.gate, now + account_pause(max(1, lane.gate.retry.attempts)))
        lane.retry = Retry(failures, next_attempt, verdict.sentence, action)
        lane.answers = (*lane.answers, (wall, verdict.sentence))[-_ANSWERS:]
        if not parks and lane.repeats.failed(action, now):
            _log.warning("delivery fails", reason=lane.reason(), again_in=round(delay, 1), **_who(lane))
        await self._store(lane)
        if parks:
            self._turns.enter(lane)  # parks at the gate, or tries again if that has been opened meanwhile
            return
        self._turns.wait(lane, now + delay)
        if action is Action.BACK_OFF:
            lane.gate.host.stalled[lane] = None

    def _away(self, lane: Lane, verdict: Verdict) -> bool:
        """The host as a whole is away: the lane waits for the probe, unless it was told how long to wait itself."""
        return verdict.host_works is False and lane.gate.host.closed and not verdict.at_least

    def _hear(self, lane: Lane, verdict: Verdict) -> None:
        """What an outcome says of the host: its breaker opens, stays open for longer, or closes."""
        host, now = lane.gate.host, self._clock.monotonic()
        if verdict.host_works:
            if host.breaker.answered(now):
                host.not_before, host.retry = -math.inf, Retry()
                self._turns.open(host)
                host.repeats.ended()
                _log.info("the platform answers again", host=host.name)
        elif verdict.host_works is False:
            host.not_before = max(host.not_before, now + verdict.at_least)
            if host.breaker.failed(lane.queue.id, now, lane.began, host.under_way) or (host.closed and lane.knocking):
                delay = max(host.breaker.pause(self._draw), host.not_before - now)
                next_probe = self._clock.wall() + round(delay * 1000)
                host.retry = Retry(host.breaker.probes, next_probe, verdict.sentence, verdict.action)
                self._turns.close(host, now + delay)
                if host.repeats.failed(verdict.action, now):
                    _log.warning("the platform is away", reason=verdict.sentence, host=host.name)
            elif host.closed and verdict.at_least:
                self._turns.close(host, max(host.due, host.not_before))
        elif lane.knocking and host.closed:  # the probe met something else
            self._turns.close(host, now + host.breaker.pause(self._draw))

    def _call(self, host: Host) -> None:
        """An acceptance: the trouble of others at this host may be over as well, and two of them try soon.

        Whom the platform accepts calls others in turn, so that all return ever faster, but never at once; whom it
        does not has to wait longer for its next call.
        """
        now = self._clock.monotonic()
        for _ in range(min(_CALLED, len(host.stalled))):
            lane, _none = host.stalled.popitem(last=False)
            if now < lane.call_from:
                host.stalled[lane] = None
                continue
            lane.calls += 1
            lane.call_from = now + call_spacing(lane.calls)
            self._turns.wait(lane, min(lane.due, now + self._draw() * _CALL_SPREAD))

    def _whose_fault(self, lane: Lane, verdict: Verdict) -> Action:
        """A 401 is the account's fault. It is the queue's own once packets of others were accepted since its first."""
        if verdict.action is not Action.PAUSE_ACCOUNT:
            return verdict.action
        if lane.refused_at is None:
            lane.refused_at = lane.gate.accepted
        return Action.REFUSE_ALONE if lane.gate.accepted > lane.refused_at else Action.PAUSE_ACCOUNT

    def _close(self, lane: Lane, verdict: Verdict) -> int:
        """Close the account's gate, for longer if this was the probe; gives the instant of the next probe."""
        gate = lane.gate
        if not gate.closed or lane.probing:
            failures = gate.retry.attempts + 1
            delay = max(account_pause(failures), verdict.at_least)
            now = self._clock.monotonic()
            gate.retry = Retry(failures, self._clock.wall() + round(delay * 1000), verdict.sentence, verdict.action)
            self._turns.close(gate, now + delay)
            if gate.repeats.failed(verdict.action, now):
                _log.warning("account paused", reason=verdict.sentence, again_in=delay, **_whose(gate.account))
        return gate.retry.next_attempt

    def _open(self, gate: AccountGate) -> None:
        if gate.closed:
            gate.retry = Retry()
            self._turns.open(gate)
            if gate.repeats.ended():
                _log.info("account works again", **_whose(gate.account))

    async def _store(self, lane: Lane) -> None:
        try:
            await self._outbox.postpone(lane.queue, lane.retry)
        except OutboxError as error:  # in memory it is kept, and a restart that forgets it only tries sooner
            _log.debug("retry time not stored", error=str(error), **_who(lane))


def _who(lane: Lane) -> dict[str, str]:
    return {"meter": lane.queue.id, **_whose(lane.queue.account)}


def _whose(account: Account) -> dict[str, str]:
    return {"account": account.credentials, "address": account.address}
