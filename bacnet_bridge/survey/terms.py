"""The words of electricity, by meaning and language: what words.py looks up. Nothing here but the table.

`de:` and its kind name the language of what follows, or a few that share their words; `also:` mixes them. All is
lower case without accents (ä is a, ø is o, ß is ss). `wirk*` begins a word, `*strom` ends one, `*gong*` stands
anywhere; of two that overlap in one word the longer counts, so that `volumenstrom` is a flow and no current. Words
that are written apart are joined: `cosphi` is met as `cos phi`, too.
"""

from typing import Final

QUANTITIES: Final = {
    "voltage": """
        en: volt volts voltage voltages vltg vlts kilovolt*
        de: spannung* *spannung spg
        romance: ten tension* voltaje* tensao* tensoes voltagem tensiune* tens
        nl.nordic: spanning* *spanning spaending* *spaending spenning* *spenning jannit* *jannite *jannitteet
        slavic: napiec* napet* napati* napon* napetost* napryazh*
        other: feszults* gerilim* dianya *dianya*
        also: volty napiecia napieciu napetie spenn spaend volttia tensione voltagens tensa spannungen lannite
        greek: tasi taseis
    """,
    "current": """
        en: current currents curr amp amps ampere amperes amperage milliamp*
        de.nordic: strom strome stroeme *strom *stroeme stromstarke stroem *stroem
        romance: cor corr courant* intensit* int intensidad* corrient* corrente* curent*
        nl.fi: stroom *stroom stroomsterkte virta virrat *virta
        slavic: prad prady pradu natezenie proud* struja struje
        other: aram akim* dianliu *dianliu*
        also: curent intens prades pradow proudy virranvoimakkuus corrent prisek akimi akimlari courants
        stromwert amperaje
        russian.greek: tok toka toki revma revmata
    """,
    "power": """
        en: power powers pwr watt watts kilowatt kilowatts megawatt* voltamps voltamp voltamperes voltampere
        voltampsreactive voltampreactive voltamperesreactive voltamperereactive
        de: leistung* *leistung leist *leistungen
        romance: puissance* puis puiss potencia* potenza* putere* pot potenz
        nl.nordic: vermogen* *vermogen effekt* *effekt teho tehot *teho
        slavic: moc mocy vykon* snaga snage moshchn*
        other: teljesitm* guc gucu gonglv gonglu gonglyu *gonglv* *gonglu*
        also: potenze potencias potencies potncia putere wattage effekter effekten vykony ucinek gucler guclar
        moce ladeleistung* leistungsaufn* aktuellleistung
        fr: pui
        also: inputpower chargingpower pow
        greek: ischys isxys ischis
    """,
    "energy": """
        en: egy energy enrg ener energies kilowatthour* watthour* kilowatthrs
        de: energie* *energie *energien arbeit *arbeit energieverbrauch energiemenge
        romance: ene energ energia* energetic*
        nordic: energi energin *energi energimangd* energimaengde* energiforbruk* *energia
        slavic: energi* energij*
        other: enerji* dianneng dianliang *dianneng* *dianliang* dianduliang dianduzhi
        also: energie enerjisi enerjileri energij energija spotrebaenergie energiankul* energian kwhzahler
        energiataso energyin energyout kwhin kwhout mwhin mwhout whf whr whin whout activein activeout realin
        realout
        russian.greek: energiya energiyi energii energeia
    """,
    "active": """
        en: active act activ real true
        de: wirk wirk*
        romance: att ativ atv actif* activa* attiv* ativa ativo activ*
        nl.nordic: actief actieve werkelijk aktiv* patoteho* patoenerg* pato*
        slavic: czynn* cinn* radna aktyw* aktivn*
        other: hatasos* aktif* yougong *yougong*
        also: akt cinny cinna cinne cinneho radni aktiva aktivni aktiven aktiivi* aktivt aktivna czynna
        patoenergia activein activeout realin realout
        russian.greek: aktivnaya aktivnoy energos
    """,
    "reactive": """
        en: rct rctv reactive react reac reactiv voltampsreactive voltampreactive voltamperesreactive
        voltamperereactive
        de: blind blind*
        romance: rea reat reatt reactiv* reattiv* reativ*
        nl.nordic: reactief reactieve reaktiv* loisteh* loisenerg* lois*
        slavic: biern* jalov* reaktyw* reaktivn*
        other: meddo* reaktif* wugong *wugong*
        also: bierna biernej reaktiivi* reaktivna reaktivni jalova jalovy jalove reattive reactivas reativas
        russian.greek: reaktivnaya reaktivnoy aergos
    """,
    "apparent": """
        en: apparent apprnt appar app voltamps voltamp voltamperes voltampere
        de: schein schein*
        romance: apar apparent* aparent*
        nl.nordic: schijnbaar schijnbare schijn* skenbar* tilsynelad* tilsynel* naennais* nakyva*
        slavic: pozorn* zdanliv* prividn*
        other: latszolagos* gorunur* shizai *shizai*
        also: zdanlivy zdanliva zdanlive pozorna prividna naennaisteho gorunen
        russian.greek: polnaya kazhushch* fainomeni
    """,
}
"""Of what a number is one. `strom` and its kind say `current`; `stromzahler` says `electric` below."""

SPELLED_UNITS: Final = {
    "kw": ("power", "kW"), "mw": ("power", "MW"), "kwatt": ("power", "kW"), "kws": ("power", "kW"),
    "kwh": ("energy", "kWh"), "mwh": ("energy", "MWh"), "wh": ("energy", "Wh"), "gwh": ("energy", "GWh"),
    "kwhr": ("energy", "kWh"), "kwhrs": ("energy", "kWh"), "kwhs": ("energy", "kWh"), "mwhr": ("energy", "MWh"),
    "kvar": ("reactive power", "kVAr"), "var": ("reactive power", "VAr"), "mvar": ("reactive power", "MVAr"),
    "kvars": ("reactive power", "kVAr"), "vars": ("reactive power", "VAr"), "kvr": ("reactive power", "kVAr"),
    "kva": ("apparent power", "kVA"), "va": ("apparent power", "VA"), "mva": ("apparent power", "MVA"),
    "kvarh": ("reactive energy", ""), "varh": ("reactive energy", ""), "mvarh": ("reactive energy", ""),
    "kvarhr": ("reactive energy", ""), "kvah": ("apparent energy", ""), "vah": ("apparent energy", ""),
    "mvah": ("apparent energy", ""), "kv": ("voltage", "kV"), "volts": ("voltage", "V"), "volt": ("voltage", "V"),
    "amps": ("current", "A"), "amp": ("current", "A"), "ma": ("current", "mA"),
}  # fmt: skip
"""Units that stand in names: what they measure, and how a mapping writes them. `kw` and `power` may be heat's, too."""

SYMBOLS: Final = {
    "u": "voltage", "v": "voltage", "e": "energy", "i": "current", "a": "current", "p": "power active",
    "q": "power reactive", "s": "power apparent", "w": "power active", "ul": "voltage", "vl": "voltage",
    "il": "current", "pl": "power active", "ql": "power reactive", "sl": "power apparent", "ull": "voltage",
    "vll": "voltage", "uln": "voltage", "vln": "voltage", "iln": "current", "pln": "power active",
    "qln": "power reactive", "sln": "power apparent", "uph": "voltage", "vph": "voltage", "iph": "current",
    "wp": "energy active", "wq": "energy reactive", "ws": "energy apparent", "ea": "energy active",
    "er": "energy reactive", "es": "energy apparent", "ep": "energy active", "eq": "energy reactive",
    "ap": "power active", "rp": "power reactive", "pa": "power active", "wh": "energy", "eps": "energy",
    "epi": "energy active import", "epe": "energy active export", "eai": "energy active import",
    "eae": "energy active export", "psum": "power active total", "qsum": "power reactive total",
    "ssum": "power apparent total", "ptot": "power active total", "qtot": "power reactive total",
    "stot": "power apparent total", "pt": "power active total", "qt": "power reactive total",
    "wt": "energy total", "et": "energy total", "pr": "power reactive", "wa": "energy active",
    "wr": "energy reactive", "qs": "power reactive total", "ss": "power apparent total", "ps": "power total",
    "pges": "power active total", "sges": "power apparent total", "qges": "power reactive total",
    "wges": "energy total", "st": "power apparent total", "eap": "energy active import", "urms": "voltage",
    "irms": "current", "vrms": "voltage", "qn": "power reactive", "eges": "energy total",
}  # fmt: skip
"""Letters of formulae. They say something only where unit or neighbours say the same."""
