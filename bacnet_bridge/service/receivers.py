"""Where alarms go: the settings' receivers and heartbeat, as the alarms' stage sees them."""

import ssl
from collections.abc import Callable

from bacnet_bridge import __version__
from bacnet_bridge.alarms.heartbeat import Heartbeat, Moving
from bacnet_bridge.alarms.http import Way, check_address
from bacnet_bridge.alarms.mail import Mail, check_mailbox
from bacnet_bridge.alarms.spool import Receiver
from bacnet_bridge.alarms.webhook import Webhook
from bacnet_bridge.alarms.words import Words, read_template
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.secret_files import where_to_put
from bacnet_bridge.service.accounts import proxy_of
from bacnet_bridge.service.renewed import Again, Renewed, Secrets
from bacnet_bridge.settings import PREFIX, AlarmSettings, Settings, secrets_folder
from bacnet_bridge.wattics.session import trust
from bacnet_bridge.wattics.validity import valid_at

Now = Callable[[], int] | None
"""The site's time, where the machine's is known to be wrong (`clock: platform`)."""


def receivers_of(settings: Settings, now: Now = None) -> tuple[Receiver, ...]:
    """Those that the settings name. Raises SettingsError for one that cannot be used."""
    alarms = settings.alarms
    words = Words(alarms.site or settings.bacnet.name, settings.zone)
    found: list[Receiver] = []
    if alarms.webhook is not None:
        address = alarms.webhook.get_secret_value()
        check_address("alarms.webhook", address, with_secret=alarms.webhook_token is not None)
        template = None if alarms.webhook_template is None else read_template(alarms.webhook_template)
        found.append(Webhook(_way(settings, now), words, alarms.webhook, alarms.webhook_token, template))
    elif alarms.webhook_token is not None or alarms.webhook_template is not None:
        put = where_to_put(("alarms", "webhook"), PREFIX, secrets_folder().absolute())
        raise SettingsError(f"alarms.webhook is missing: a token or a template alone tells nobody; {put}")
    if alarms.mail_server is not None:
        found.append(_mail(alarms, alarms.mail_server, words, _trust(settings, now)))
    elif alarms.mail_to is not None:
        raise SettingsError("alarms.mail_server is missing: nothing takes the mail for alarms.mail_to")
    return tuple(found)


def renewed_receivers_of(settings: Settings, now: Now, again: Again) -> tuple[Receiver, ...]:
    """The same, each of which looks for a corrected secret where it takes nothing."""

    def alike(name: str) -> Callable[[Settings], Receiver]:
        return lambda fresh: next(each for each in receivers_of(fresh, now) if each.name == name)

    return tuple(Renewed(each, Secrets(settings, again), alike(each.name)) for each in receivers_of(settings, now))


def heartbeat_of(
    settings: Settings, moving: Moving, clock: Clock, now: Now = None, again: Again = None
) -> Heartbeat | None:
    """Where the settings name an address. Raises SettingsError for one that cannot be used."""
    alarms = settings.alarms
    if alarms.heartbeat is None:
        return None
    check_address("alarms.heartbeat", alarms.heartbeat.get_secret_value(), with_secret=False)
    renew = Secrets(settings, again).heartbeat
    return Heartbeat(_way(settings, now), alarms.heartbeat, alarms.heartbeat_every, moving, clock, renew)


def check_alarms(settings: Settings) -> None:
    """Raises SettingsError for what ends `run`."""
    receivers_of(settings)
    if settings.alarms.heartbeat is not None:
        check_address("alarms.heartbeat", settings.alarms.heartbeat.get_secret_value(), with_secret=False)


def _trust(settings: Settings, now: Now) -> ssl.SSLContext:
    trusted = trust(settings.platform.ca)
    return valid_at(trusted, now) if now is not None and settings.clock == "platform" else trusted


def _way(settings: Settings, now: Now) -> Way:
    """As packets leave: by the site's proxy, and with the site's trust."""
    agent, trusted, proxy = f"bacnet-bridge/{__version__}", _trust(settings, now), proxy_of(settings)
    return Way(agent, trusted) if proxy is None else Way(agent, trusted, proxy.address, proxy.headers)


def _mail(alarms: AlarmSettings, server: str, words: Words, trusted: ssl.SSLContext) -> Mail:
    sender, recipients = alarms.mail_from, tuple(filter(None, map(str.strip, (alarms.mail_to or "").split(","))))
    if sender is None or not recipients:
        raise SettingsError(f"alarms.{'mail_from' if sender is None else 'mail_to'} is missing: mail needs both")
    check_mailbox("alarms.mail_from", sender)
    for each in recipients:
        check_mailbox("alarms.mail_to", each)
    if (alarms.mail_username is None) != (alarms.mail_password is None):
        lacking = "username" if alarms.mail_username is None else "password"
        raise SettingsError(f"alarms.mail_{lacking} is missing: a mail server asks for both, username and password")
    if alarms.mail_password is not None and alarms.mail_security == "none":
        raise SettingsError("alarms.mail_security: none would show alarms.mail_password to whoever listens")
    return Mail(
        words,
        trusted,
        server,
        alarms.mail_port,
        sender,
        recipients,
        alarms.mail_security,
        alarms.mail_username,
        alarms.mail_password,
    )
