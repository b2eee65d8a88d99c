"""The words of buildings and of what devices say of themselves, by meaning and language; see terms.py for the form."""

from typing import Final

MEDIA: Final = {
    "electric": """
        en: strombezug electric electrical electricity elec elect powermeter kwhmeter submeter
        de: elektr* strom*zahler* stromzahler* stromzaehler* stromverbr* elektrozahler* drehstromz*
        allgemeinstrom mieterstrom ez
        romance: electri* elettri* eletri* luz energieelectrique
        nl.nordic: elektra elektriciteit* elmatar* elmaler* elmangd* elmangde* elforbr* elenergi* sahko* *sahko
        other: elektryczn* elektrick* elektroenerg* dianbiao* *dianbiao diandu* elektrom* villamos*
    """,
    "heat": """
        en: kwt kwht kwth kwf kwhf heat heating thermal therm btu btus btumeter heatmeter lthw mthw lphw hhw
        hhws hws calor* kcal mbh mmbtu districtheat*
        de: warme* waerme* *warme *waerme warmemenge* heiz* *heizung fernwarme* wmz wmz*
        romance: chaleur chauffage cal calories calorie thermique* calefacc* riscald* termic* termia termie
        aquec* caldo
        nl.nordic: warmte* verwarm* varme* *varme fjarrvarme* fjernvarme* vmm lampo* *lampo kaukolamp* lammit*
        other: ciepl* ogrzew* tepl* topen* vytap* reliang* relibiao* gongre* gongnuan* futes* isitma*
    """,
    "cold": """
        en: cool cooling chilled chw chws chwr cooled coolth tonhours ton tons
        de: kalte kaelte kalte* kaelte* *kalte kuhl* kuehl* kaez kmz
        romance: froid frigor* frigo frigie froide glace* refriger* freddo raffredd* raffr* frio enfri* arrefec*
        nl.nordic: koude* koel* kyla *kyla kylan kyl kyleffekt kylenergi kylmaskin koling* kjoling* kjole*
        jaahdyt* kaukojaahd*
        other: chlod* chlad* lengliang* lengdong* lengshui* gongleng* hutes* sogut*
    """,
    "gas": """
        en: gas natgas naturalgas ng gasmeter lpg propane
        other: erdgas* gaszahler* gaszaehler* *gas gaz gazu gazmeter metano metan gasverbr* kaasu* maakaasu*
        plyn* zemniplyn ranqi* tianranqi* meiqi* gazsayac* dogalgaz*
    """,
    "converter": """
        en: chiller chillers heatpump heatpumps ashp gshp rooftop vrf vrv
        de: kaltemaschine* kaeltemaschine* kaltesatz* kuhlmaschine* kaltwassersatz* warmepumpe* waermepumpe*
        *warmepumpe wp
        romance: groupefroid groupesfroid pompeachaleur pac gruppofrigo gruppifrigo frigogruppo refrigeratore
        pompadicalore enfriadora* bombadecalor maquinafrio
        other: warmtepomp* koelmachine* varmepump* varmepumpe* kylmaskin* lampopumppu* tepelnecerpadlo
        pompaciepla lengji lengdongji lengshuijizu lengshuiji
    """,
    "water": """
        en: water wtr watermeter dhw dcw mcw bcw cws domwater citywater rainwater
        de: wasser* *wasser wasserz* *wasserzahler *wasserzaehler kaltwasser* kwz wwz
        romance: eau eaux ecs agua aguas acqua acs afs aqs
        nl.nordic: waterm* tapwater drinkwater vatten* *vatten vand* *vand vann* *vann vesi vesi* *vesi *vesimittari
        other: wod* *wody vod* *vody shui zilaishui* shuibiao* *shuibiao yongshui* lengreshui
    """,
    "steam": "en: steam stm other: dampf* vapeur vapor vapore stoom anga damp hoyry para pary zhengqi* buhar",
    "fuel": """
        en: oil fuel diesel fueloil
        other: heizol* heizoel* mazout fioul gasoleo gasoil gasolio nafta olja oljy olej chaiyou*
    """,
}
"""What flows."""

PLACES: Final = {
    "panel": """
        en: panel panels pnl board boards switchboard swbd swb db dbs mdb smdb emdb msb lvsb lvpnl mcc mccb
        acb db mdp sdp ldp pdu ups feeder fdr incomer incomers incoming
        en: outgoing ckt cct breaker brkr lighting ltg lights light lts socket sockets receptacle plug busbar
        switchgear swgr transformer
        en: trafo xfmr tx genset generator charger chargers evcharger evse rpp lp pp dp lift lifts elevator
        escalator mains
        de: nshv nsuv nsv uv uvt ghv hv verteil* *verteil* *verteiler *verteilung abgang* abg einspeis*
        beleucht* *beleuchtung licht* steckdos* aufzug* kuche*
        romance: tgbt tgbts armoire* departs dep tableau disjoncteur* eclairage* prises ascenseur* cgbt
        cuadro* tablero* alumbrado fuerza interruptor* acometida
        it.pt: quadro quadri qe qg qgbt qgd cabina cabine illuminaz* luci partenza arrivo interruttor* fm
        trasformat* transformad* transformat* iluminac* tomadas elevador* ascensor*
        nl: verdeler* verdeelk* hoofdverd* *verdeler *verdeelkast hvk groepenkast verlicht* kracht* lift krachtgroep
        nordic: fordelning* gruppcentral* elcentral* belysning* stallverk* tavle *tavle hovedtavle* fordeling*
        keskus *keskus keskukse* paakesk* nousu nousut valaistus* hissi*
        other: rozdziel* oswietl* rozvad* osvetl* peidian* *peidian* guizi huilu* *huilu jinxian* chuxian*
        bianyaqi* zhaoming* dianti* chazuo* kuixian* kapcsolo pano
    """,
    "place": """
        en: load loads feed circuit circuits branch main tenant tenants shop retail depart salida groep
        groepen groundfloor firstfloor basement tower wing block building bldg bld riser section zone side
        area floor level house room unit plant site lot group sector string
        de: erdgeschoss eg og ug gebaude gebaeude haus bauteil trakt fluegel flugel abschnitt feld schiene
        sektion ebene etage geschoss halle raum strang
        romance: plantabaja rdc pianoterra batiment bat aile etage zone tranche edificio ala planta torre nave
        zona bloque bloco scala palazzina piano reparto sala
        nl.nordic: gebouw blok vleugel zaal verdieping hus byggnad bygning etasje sektion rakennus talo porras
        siipi kerros budynek budova lou qu hao
    """,
}
"""Where electricity is measured, and what is counted with letters without being a phase."""

SAID: Final = {
    "filler": """
        en: en cumulated accumulated cumulative accum of the and for to by in at from with per value values
        val meas measured measurement measure measuring points point pt
        en: mbus modbus bacnet knx inst instantaneous instant instance actual present live rms line lines ln
        ll lnn phn phph ltn ltol lton ph2ph linetoline linetoneutral linelinel
        en: data reading readings rdg input register level load signal pole modbus object ai av analog
        analogue num numeric
        de: kumul* der die das des von vom am im und stand wert werte messwert* momentan* augenblick*
        aussenleiter leiter zw ist istwert aktuell*
        romance: acum* acumul* cumul* accumul* de du des la le les l d di da do dos del della dei el y e et au
        aux valeur valor valore
        it.es.fr: simple simples composee composees compose entre fase instantan* index indice lettura lectura
        leitura istant* concatenat* stellat* linea ligne linha lineas phn
        nl.nordic: van het een en op der stand waarde varde lukema
        slavic: hodnota wartosc pomiar mereni chwilow* fazow* miedzyfazow* sdruzen* fazov*
        other: zhi shuju xian xiandianya mero ertek
    """,
    "meter": """
        en: element device dev slave node meter meters mtr metre mtrs energymeter energyanalyzer meterreading
        de: zahler zaehler *zahler *zaehler zahlerstand zaehlerstand zahlerst
        romance: compteur* cpt centrale mesure mesures compt contador* medidor* contator* contatore*
        misuratore multimetro analizador* analizzatore*
        nl.nordic: teller tellerstand meterstand *meter matare *matare *mataren maler *maler malare mittari*
        *mittari mittarin
        other: licznik* elektromer* yibiao biao mero sayac brojilo
    """,
    "phase": """
        en: phase phases ph phs phas phz fase fases fas fasen faas fasi faza fazy faze fazis xiang vaihe
        vaihejannite leiter aussenleiter
    """,
    "line to neutral": "en: ln lneutral lineneutral linetoneutral phaseneutral phn pn lton vln uln",
    "line to line": """
        en: ll lineline linetoline phph phaseline phasetophase phasephase ltl lline vll ull
        other: verkettet* leiterleiter aussenleiterspannung compos* concatenat* compuesta* composta*
        gekoppeld* huvudspanning* hovedspaending* paajannit* miedzyfaz* sdruzen* xiandianya xian
    """,
}
"""Words that hold nothing of a meter's own name."""

BUILDING: Final = {
    "setpoint": """
        en: setpoint setpoints sp stpt setpt stp spt setp target desired setting settings preset calculated
        calc calculation effsp comfort economy occupied unoccupied occ unocc night setback adjust adj trim
        shift correction
        de: soll sollwert* *sollwert *soll sollw vorgabe* fuhrungsgr* parameter gewunscht* wunsch* zielwert
        einstell* berechn* absenk* nachtabsenk* nachtbetrieb* compens* komfort* korrektur* verstell*
        einschalttemp* ausschalttemp* heizkurve* *kurve
        romance: consigne* consigna* csg impostat* impostaz* regolaz* riferimento referencia ajuste setpunto
        desead* desej* desider* ajustad* definid* alvo objetiv* objectif richiest* prescri* voulue souhait*
        programad* programmat* confort reduit nuit noche calculad* calcule* calcolat*
        nl.nordic: gewenst* instelw* ingesteld* borvard* *borvarde saetpunkt* setpunkt* settpunkt* asetus*
        *asetusarvo aset asetusarvo berekend* beregn* beraknad* laskett*
        other: zadan* nastaw* ustaw* zadana pozadov* oblicz* jisuan* sheding* shezhi* *sheding* alapjel ayar*
    """,
    "limit": """
        en: limit limits lim limt threshold deadband hysteresis offset bias highlimit lowlimit
        de: grenz* *grenze *grenzwert schwell* totzone
        other: seuil* limite* umbral soglia grens* grans* raja raja-arvo prog mez xianzhi* shangxian*
        xiaxian* korlat
    """,
    "command": """
        en: selector switch hoa cmd command commanded cmnd ctrl ctl control enable enab ena request req
        override startstop ss stst demand
        de: schalter *schalter quitt* stell *stell stellsignal* *stellsignal stellgr* befehl* ansteuer*
        freigabe* anford* sb einschalt* schaltbefehl*
        romance: cde commande* ordre autor* mando orden comando* cmde consenso abilit* acionam* liga desliga
        nl.nordic: stuur* sturing aansturing* vrijgave commando styr* *styrning styrsignal* ohjaus* *ohjaus
        saato paallekytk*
        other: sterow* zalacz* povel* ovlad* kongzhi* mingling* qidong* tingzhi* qiting* vezerl* komut*
    """,
    "alarm": """
        en: alarm alarms alm alrm fault faults flt fail failed failure fails error err errors trip tripped
        trips warning warn warnings dirty lowflow highpress emergency estop smoke fire frost*
        de: stor stor* stoer* *storung *stoerung sm fehler* *fehler sammelst* wartung* reparatur* warn*
        auslos* ausgel* notaus
        romance: defaut* def alarme* declench* panne alarma* fallo* averia* disparo* disparad* allarm* guasto*
        scatt* interv* anomal* falha* avaria*
        nl.nordic: storing* *storing foutmeld* fout larm* *larm fel *fel fejl* *fejl feil* halyt* vika *vika haly
        other: awari* usterk* blad poruch* chyba guzhang* baojing* gaojing* *guzhang* *baojing* hiba* ariza*
    """,
    "spare": """
        en: spare spares unused notused reserved
        other: reserve* reserv* unbelegt frei leer libre riserva reserva vrij ledig varalla vara rezerw*
        rezerva* beiyong* tartalek yedek
    """,
    "hours": """
        en: hours hrs hour hr runtime runhours runhrs ontime optime operatinghours uptime starts start
        startups count counter counts cycles minutes secs uptimesecs
        other: laufzeit* betriebsst* betriebszeit* bstd schaltspiel* heures heure nombre demarrages horas
        arranques ore avviam* partidas bedrijfsuren draaiuren uren starten drifttid* driftstid* drifttim*
        gangtid kayttoaika kayttotunn* kayntiaika godzin* hodin* provozn* shijian yunxingshijian leijishijian
    """,
    "difference": """
        en: delta deltat dt diff difference dtemp deltap spread dewpoint wetbulb enthalp*
        other: taupunkt* puntoderocio puntodirugiada pontodeorvalho spreizung* differenz* *differenz ecart
        salto differenza diferencia diferenca verschil skillnad ero roznica rozdil wencha*
    """,
    "own": """
        en: cpu cpuload memory mem heap firmware version serial reboot poll polling cycle baud address
        internal intern processor controller uptime signalstrength rssi battery board pcb
        other: geratetemp* geraet* gerat gerate* innentemp* interne interna interno inwendig sisainen wewn* vnitrni
    """,
    "temperature": """
        en: temp temps temperature temperatures tmp tempr tmpr tmprtr degc degf
        other: temperatur* temperatuur* *temperatuur *temperatur *temp temperatura* lampotila* *lampotila
        teplot* wendu* *wendu homers* sicaklik*
    """,
    "humidity": """
        en: humidity humid rh hum relhum humidt
        other: feucht* *feuchte *feuchtigkeit humid* humedad* umid* vocht* luftfukt* fukt* fugt* kosteus*
        wilgot* vlhk* shidu* *shidu parat*
    """,
    "pressure": """
        en: pressure press pres static dp diffpress
        other: differenzdruck* druck *druck pression* presion* pressione* pressao* druk *druk tryck* tryk*
        trykk* paine* *paine cisnien* tlak* yali* *yali nyomas basinc
    """,
    "air quality": """
        en: co2 co voc tvoc iaq aq ppm pm25 pm10 no2 carbondioxide lux lightlevel
        other: hiilidioksid* luftqual* eryanghuatan*
    """,
    "flow": """
        en: flow flows flowrate flw airflow cfm gpm lps lpm waterflow
        other: durchfluss* *durchfluss volumenstrom* *volumenstrom luftstrom luftmenge massenstrom* debit*
        caudal* portata* vazao* debiet* volumestroom* flode* *flode flow* gennemstr* virtaama* vesivirta*
        ilmavirta* *tilavuusvirta przeplyw* prutok* liuliang* *liuliang aramlas debi
    """,
    "volume": """
        en: volume vol m3 volumes cbm
        other: volumen* *volumen *menge volum* vesimaara* objetos objem* objetosc* tilavuus* leiji*
    """,
    "level": """
        en: level lvl levels
        other: fullstand* fuellstand* niveau* nivel* livello* peil niva pinta poziom* hladin* yewei*
        shuiwei*
    """,
    "running": """
        en: run running runs runn status sts stat stats state proof prf runstatus runstat onoff onstatus
        operation operating operational feedback fb fbk fdbk active
        de: betrieb betrieb* betriebsmeld* bm laufmeld* lauft laeuft lauf ruckmeld* rueckmeld* rm zustand
        romance: marche fonction* etat retour marcha funcion* estado confirmacion marcia funzion* stato
        ritorno ligado ligada funcionando
        nl.nordic: bedrijf* bedrijfsm* loopt inbedrijf terugmeld* drift drift* driftindik* driftsind* indik*
        driftstatus kaynti* kay kayntitieto* tilatieto
        other: praca pracy stan chod stav provoz yunxing* yunzhuan* zhuangtai* *yunxing* *zhuangtai uzem*
        calisiyor durum
    """,
    "machine": """
        en: fan fans fn pump pumps pmp pmps compressor compressors comp compr blower sf rf ef saf raf exf
        de: ventilator* lufter* luefter* *ventilator pumpe pumpe* *pumpe verdichter* kompressor* *lufter geblase*
        romance: pompe* ventilateur* vent compresseur* bomba bombas ventilador* compresor* pompa ventilator*
        compress* bombagem exaust*
        nl.nordic: pomp *pomp ventilator *ventilator pump *pump flakt* *flakt tilluftsf* franluftsf* pumpe
        vifte* blaeser* pumppu* *pumppu puhallin* *puhallin puhal* kompress*
        other: wentylator* sprezark* cerpad* ventilator* kompresor* shuibeng* beng *beng fengji* *fengji
        yasuoji* szivattyu* fan pompa*
    """,
    "mode": """
        en: mode modes opmode operatingmode operationmode
        other: betriebsart* modus mode* modo* regime* modalita* bedrijfsmodus driftlage* driftslage*
        driftsform toimintatila* kayttotila tryb* rezim* moshi* *moshi uzemmod
    """,
    "feedback": """
        en: feedback fb fbk fdbk fdbck position posn actual
        other: ruckmeld* rueckmeld* rm istwert ist stellungs* stellung recopie* retour position* posicion*
        realim* posizione* retroaz* posicao* retorno terugmeld* positie stand aterfor* lage lagesater*
        stilling asento* takaisink* poloz* pozycj* poloha fankui* *fankui weizhi* kaidu* visszaj*
    """,
    "speed": """
        en: speed spd rpm
        other: drehzahl* *drehzahl vitesse* velocid* velocit* snelheid* toerental* varvtal* hastigh* nopeus*
        pyorimis* predkosc* obrot* otacky zhuansu* fordulat* hiz
    """,
    "valve": """
        en: valve vlv valves damper dmpr dmp dpr
        other: ventil *ventil klappe* *klappe vanne* registre* valvul* valvol* serrand* compuerta* klep
        *klep afsluiter* spjall* spjeld* venttiili* *venttiili pelti* zawor* przepust* klapka fa fengfa
        famen*
    """,
    "fluid": """
        en: flow return supply exhaust outside outdoor extract fresh leaving entering discharge ambient room
        zone mixed
        other: vorlauf* rucklauf* ruecklauf* depart retour mandata ritorno impulsion retorno aanvoer retour
        framledn* retur menovesi* paluuvesi* zasilanie powrot privod zpatecka gongshui* huishui* songfeng*
        huifeng*
    """,
    "communication": """
        en: comm comms com communication communications communicating communic online offline onoffline link
        linkstatus linkok timeout heartbeat alive reachable connected connection connect nocomm commlost
        commfail commerr commstatus commerror pollfail polling disconnected
        other: kommunik* komm kom verbind* communic* comunic* comunicaz* conexion* connession* connexion*
        conexao* ligacao verbonden vayla* *vaylavika vaylavika tiedonsiirto* tietoliik* yhteys* lacznos*
        komunik* spojeni tongxun* tongxin* *tongxun* *tongxin* zaixian* lixian* kapcsolat haberles* iletisim*
    """,
    "whole bus": """
        en: port gateway gw network networks bus trunk channel line lan router controller server driver all
        other: linie netz reseau passerelle red bus rete pasarela kanal wangguan* wangluo* zongxian*
    """,
}
"""What is asked of points that are no electrical fields."""

GOOD: Final = frozenset(
    [
        "ok",
        "okay",
        "normal",
        "healthy",
        "online",
        "good",
        "false",
        "communicating",
        "connected",
        "present",
        "alive",
        "running",
        "normaali",
        "normale",
        "nominal",
        "no",
        "none",
        "bon",
        "correct",
        "correcto",
        "correcta",
        "corretto",
        "valid",
        "responding",
        "ordnung",
        "inordnung",
        "ein",
        "nofault",
        "noalarm",
        "noerror",
        "verbunden",
        "connecte",
        "conectado",
        "connesso",
        "zhengchang",
        "zaixian",
        "up",
        "ready",
        "operativo",
        "goed",
        "en",
        "marche",
        "yhteys",
        "active",
        "comok",
        "commok",
        "clear",
        "norm",
        "io",
        "reachable",
        "kommuniziert",
        "prawidlowy",
        "poprawny",
        "v",
        "poradku",
        "funzionante",
        "regolare",
    ]
)
BAD: Final = frozenset(
    [
        "fault",
        "error",
        "fail",
        "failed",
        "failure",
        "offline",
        "timeout",
        "lost",
        "alarm",
        "true",
        "bad",
        "disabled",
        "defaut",
        "fehler",
        "gestort",
        "gestoert",
        "storung",
        "stoerung",
        "fel",
        "vika",
        "fejl",
        "fallo",
        "falla",
        "guasto",
        "errore",
        "avaria",
        "falha",
        "erro",
        "storing",
        "fout",
        "blad",
        "porucha",
        "guzhang",
        "lixian",
        "down",
        "disconnected",
        "nocomm",
        "noresponse",
        "commfail",
        "commlost",
        "stale",
        "missing",
        "absent",
        "halytys",
        "abnormal",
        "yichang",
        "zhongduan",
        "aus",
        "notok",
        "unreachable",
        "getrennt",
        "deconnecte",
        "desconectado",
        "sconnesso",
        "inactive",
        "hors",
        "allarme",
        "alarme",
        "alarma",
        "perdida",
        "perdu",
        "interrotta",
        "cortada",
        "desligado",
        "niet",
        "notconnected",
        "uninitialized",
        "unknown",
    ]
)
"""What states are called in which a meter is heard, and in which it is not."""
