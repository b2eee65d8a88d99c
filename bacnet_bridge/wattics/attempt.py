"""One lane's turn: the queue's head is sent and judged, its acceptance committed, or its failure remembered."""

from collections.abc import Callable
from typing import Final

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import NotWaitingError, OutboxError
from bacnet_bridge.model import AcceptedBy, Account, Packet, Retry
from bacnet_bridge.wattics.backoff import account_pause, call_spacing, pause
from bacnet_bridge.wattics.needs import Outbox
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.turns import Gate, Host, Lane, Turns
from bacnet_bridge.wattics.verdict import Action, Verdict, judge

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
    so it and no other goes first; an acceptance that cannot be committed is committed later and not sent again.
    """

    def __init__(
        self, outbox: Outbox, sessions: Sessions, clock: Clock, turns: Turns, draw: Callable[[], float]
    ) -> None:
        self._outbox, self._sessions, self._clock = outbox, sessions, clock
        self._turns, self._draw = turns, draw
        self.made = 0
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
            await self._fail(lane, Verdict(Action.BACK_OFF, f"the outbox does not give the packet: {error}"))
        except Exception:  # noqa: BLE001 - a defect met by one packet is logged, and neither loses nor stops anything
            _log.exception("delivery met a defect of the bridge; please report it", **_who(lane))
            await self._fail(lane, Verdict(Action.BACK_OFF, "a defect of the bridge; see the log and report it"))
        finally:
            lane.probing = False

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
        if verdict.action is Action.ACCEPTED:
            lane.gate.knows_ids = True
            self._open(lane.gate)
            await self._confirm(lane, packet, self._clock.wall())
        else:
            await self._fail(lane, verdict)

    async def _confirm(self, lane: Lane, packet: Packet, at: int) -> None:
        """Commit the acceptance. Until that succeeds nothing of the queue is sent, this packet neither."""
        lane.unconfirmed = (packet, at)
        try:
            await self._outbox.accept(packet, AcceptedBy.ANSWER, at)
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
        lane.unconfirmed = lane.refused_at = None
        lane.retry = Retry()
        lane.calls = 0
        self._call(lane.gate.host)
        if lane.repeats.ended():
            _log.info("delivery works again", **_who(lane))
        self._turns.enter(lane)

    async def _send(self, lane: Lane, packet: Packet) -> Verdict:
        """One request; two at a first 401, which may only mean that the platform ended the session."""
        verdict = await self._post(lane, packet)
        first = lane.refused_at is None and not lane.gate.closed
        if verdict.action is Action.PAUSE_ACCOUNT and first and self.may_repeat:
            verdict = await self._post(lane, packet)
        return verdict

    async def _post(self, lane: Lane, packet: Packet) -> Verdict:
        self.made += 1
        lane.sending = True
        try:
            outcome = await self._sessions.post(lane.queue.account, packet.body)
        finally:
            lane.sending = False
        verdict = judge(outcome, lane.queue.id)
        self.unknown_outcomes += verdict.unknown_outcome
        return verdict

    async def _fail(self, lane: Lane, verdict: Verdict) -> None:
        """The lane waits, or parks; the reason and the time are kept on disk for the next start and the status."""
        action = self._whose_fault(lane, verdict)
        failures = lane.retry.attempts + 1 if lane.retry.kind == action else 1
        now, wall = self._clock.monotonic(), self._clock.wall()
        delay = max(pause(action, failures, self._draw), verdict.at_least)
        next_attempt = wall + round(delay * 1000)
        if action is Action.PAUSE_ACCOUNT:
            next_attempt = self._close(lane, verdict)
        elif verdict.action is Action.PAUSE_QUEUE:
            lane.gate.knows_ids |= not verdict.unknown_id
            self._open(lane.gate)  # the credentials were good enough for this answer
        elif lane.probing and lane.gate.closed:  # the probe says nothing about the credentials
            self._turns.close(lane.gate, now + account_pause(max(1, lane.gate.retry.attempts)))
        lane.retry = Retry(failures, next_attempt, verdict.sentence, action)
        if action is not Action.PAUSE_ACCOUNT and lane.repeats.failed(action, now):
            _log.warning("delivery fails", reason=lane.reason(), again_in=round(delay, 1), **_who(lane))
        await self._store(lane)
        if action is Action.PAUSE_ACCOUNT:
            self._turns.enter(lane)  # parks at the gate, or tries again if that has been opened meanwhile
        else:
            self._turns.wait(lane, now + delay)
        if action is Action.BACK_OFF:
            lane.gate.host.stalled[lane] = None

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

    def _open(self, gate: Gate) -> None:
        if gate.closed:
            gate.retry = Retry()
            self._turns.open(gate)
            gate.repeats.ended()
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
