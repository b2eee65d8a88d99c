"""The texts of states, by what they say of a meter that is heard or not. Pure."""

from typing import Final

_STATES: Final = {
    "good": """
        alive bon clear commok communicating comok conectado connecte connected connesso correct correcta
        correcto corretto funzionante goed good healthy inordnung kommuniziert noalarm noerror nofault nominal
        norm normaali normal normale ok okay online operativo ordnung poprawny poradku prawidlowy present rendben
        reachable ready regolare responding running up valid verbunden yhteys zaixian zhengchang
    """,
    "bad": """
        abnormal absent alarm alarma alarme allarme avaria bad blad commfail commlost cortada deconnecte defaut
        desconectado desligado disabled disconnected down erro error errore fail failed failure falha falla
        fallo fault fehler fejl fel fout gestoert gestort getrennt guasto guzhang halytys interrotta lixian lost
        missing nocomm noresponse notconnected notok offline perdida perdu porucha sconnesso stale stoerung
        storing storung timeout uninitialized unknown unreachable vika yichang zhongduan
    """,
    "yes": """
        1 aan acceso acik acilmis active aktiivinen aktiv an ano be da ein encendido evet igen inne io ja kai
        kyla kylla ligado marcha marche marcia on oui pa paalla shi si sim tak true var wlaczone wlaczony yes
        you zal zap zapnuto
    """,
    "no": """
        0 apagado arresto arret aus av desligado ei false fou fra guan hayir hors inactif inactive inaktiv
        kapali ki nao ne nee nei nein nej nem nie niet no non none off parado pois spento stop uit vyp vypnuto
        wu wyl wylaczone wylaczony yok
    """,
}

GOOD: Final = frozenset(_STATES["good"].split())
BAD: Final = frozenset(_STATES["bad"].split())
"""The meter is heard, and it is not."""
YES: Final = frozenset(_STATES["yes"].split())
NO: Final = frozenset(_STATES["no"].split())
"""It depends on what is asked: *communication: yes*, *fault: no*."""
