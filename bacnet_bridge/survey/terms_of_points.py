"""What single points are called: set point, alarm, temperature, valve …; see terms.py for the form."""

from typing import Final

BUILDING: Final = {
    "setpoint": """
        en: setpoint setpoints sp stpt setpt stp spt setp target desired setting settings preset calculated calc
        calculation effsp comfort economy occupied unoccupied occ unocc night setback adjust adj trim shift
        correction
        de: soll sollwert* *sollwert *soll sollw vorgabe* fuhrungsgr* parameter gewunscht* wunsch* zielwert
        einstell* berechn* absenk* nachtabsenk* nachtbetrieb* compens* komfort* korrektur* verstell*
        einschalttemp* ausschalttemp* heizkurve* *kurve
        romance: consigne* consigna* csg impostat* impostaz* regolaz* riferimento referencia ajuste setpunto
        desead* desej* desider* ajustad* definid* alvo objetiv* objectif richiest* prescri* voulue souhait*
        programad* programmat* confort reduit nuit noche calculad* calcule* calcolat*
        nl.nordic: gewenst* instelw* ingesteld* borvard* *borvarde saetpunkt* setpunkt* settpunkt* asetus*
        *asetusarvo aset asetusarvo berekend* beregn* beraknad* laskett*
        other: zadan* nastaw* ustaw* zadana pozadov* oblicz* jisuan* sheding* shezhi* *sheding* alapjel ayar*
        also: settemp settemperature setvalue setspeed setpressure sethumidity onoffsetup setup zadany zadane
        zadanej zad nastavena nastavene nastaveni nast nastavit ayari ayarlanan setdegeri hedef hedefdeger
        istenen beallit* celertek kivant alapertek borv borvarden innstilt innstill* indstill* onskad onsket
        onskevarde arbetsbor tavoite* pyynti konsigne beregnetverdi kalkulert kalkulat
        russian.greek: ustavka ustavki zadanie zadann* epithymiti prescris* setat* reglat* podes* zeljen*
        postavn*
    """,
    "limit": """
        en: limit limits lim limt threshold deadband hysteresis offset bias highlimit lowlimit
        de: grenz* *grenze *grenzwert schwell* totzone
        other: seuil* limite* umbral soglia grens* grans* raja raja-arvo prog mez xianzhi* shangxian* xiaxian*
        korlat
        also: esik sinir limiti alarmgrenz* alarmlimit hatar hatarertek granicz* graniczna prahova gransvarde
        gransverdi graense* grenseverdi hiwarn lowarn hialarm loalarm himit highwarning lowwarning
    """,
    "command": """
        en: selector switch hoa cmd command commanded cmnd ctrl ctl control enable enab ena request req override
        startstop ss stst demand
        de: schalter *schalter quitt* stell *stell stellsignal* *stellsignal stellgr* befehl* ansteuer*
        freigabe* anford* sb einschalt* schaltbefehl*
        romance: cde commande* ordre autor* mando orden comando* cmde consenso abilit* acionam* liga desliga
        nl.nordic: stuur* sturing aansturing* vrijgave commando styr* *styrning styrsignal* ohjaus* *ohjaus
        saato paallekytk*
        other: sterow* zalacz* povel* ovlad* kongzhi* mingling* qidong* tingzhi* qiting* vezerl* komut*
        also: komut komutu komuta cikis cikisi sterowanie zalaczenie wlacz wylacz rizeni povelovy zapnuti
        kimenet vezerles kiadott utstyr utsignal styring styrsig ohj ohjausviesti saatoviesti
    """,
    "alarm": """
        en: alarm alarms alm alrm fault faults flt fail failed failure fails error err errors trip tripped trips
        warning warn warnings dirty lowflow highpress emergency estop smoke fire frost*
        de: stor stor* stoer* *storung *stoerung sm fehler* *fehler sammelst* wartung* reparatur* warn* auslos*
        ausgel* notaus
        romance: defaut* def alarme* declench* panne alarma* fallo* averia* disparo* disparad* allarm* guasto*
        scatt* interv* anomal* falha* avaria*
        nl.nordic: storing* *storing foutmeld* fout larm* *larm fel *fel fejl* *fejl feil* halyt* vika *vika
        haly
        other: awari* usterk* blad poruch* chyba guzhang* baojing* gaojing* *guzhang* *baojing* hiba* ariza*
        also: meterdown loss lost brak bozuk arizasi arizalari hatasi usterka zaklocen* chybny poplach riasztas riaszt
        zavar uyari failsafe malfunction disturbance filtersign fehlermeld stoermeld vikatieto vikailm
        halytyksia vaara gestort gestoert ausfall* keinekomm nocommunication interrupted interrompu* interrott*
        interrump* corte perdita perdida
        russian.croatian.romanian: avariya avarii oshibka kvar kvara greska greske defect defectiune neispravn*
        otkaz
        also: commloss comloss commlost commfail commerr commerror commfault comerr comfail comfault nocomm
        kommfehler haberlesmeariz habariza polfail pollfail disconnected
    """,
    "spare": """
        en: spare spares unused notused reserved
        other: reserve* reserv* unbelegt frei leer libre riserva reserva vrij ledig varalla vara rezerw*
        rezerva* beiyong* tartalek yedek
    """,
    "hours": """
        en: hours hrs hour hr runtime runhours runhrs ontime optime operatinghours uptime starts start startups
        count counter counts cycles minutes secs uptimesecs
        other: laufzeit* betriebsst* betriebszeit* bstd schaltspiel* heures heure nombre demarrages horas
        arranques ore avviam* partidas bedrijfsuren draaiuren uren starten drifttid* driftstid* drifttim*
        gangtid kayttoaika kayttotunn* kayntiaika godzin* hodin* provozn* shijian yunxingshijian leijishijian
        also: saat saati saatleri calismasaati czas czaspracy godziny motohodin provoznihodiny uzemora uzemido
        driftstimer brukstid kayttotunnit
    """,
    "difference": """
        en: delta deltat dt diff difference dtemp deltap spread dewpoint wetbulb enthalp*
        other: taupunkt* puntoderocio puntodirugiada pontodeorvalho spreizung* differenz* *differenz ecart salto
        differenza diferencia diferenca verschil skillnad ero roznica rozdil wencha*
        also: cop eer pue seer scop roznicatemp kulonbseg forskel kapasiteettisuhde effisiens virkningsgrad
        wirkungsgrad rendement rendimento rendimiento sprawnosc verim zustandszahl loadfactor utilization
        utilisation auslastung belastungsgrad belegungsgrad fark
    """,
    "own": """
        en: cpu cpuload memory mem heap firmware version serial reboot poll polling cycle baud address internal
        intern processor controller uptime signalstrength rssi battery board pcb
        other: geratetemp* geraet* gerat gerate* innentemp* interne interna interno inwendig sisainen wewn*
        vnitrni
        also: batteryvoltage pilbateri akkuspg
    """,
    "temperature": """
        en: temp temps temperature temperatures tmp tempr tmpr tmprtr degc degf
        other: temperatur* temperatuur* *temperatuur *temperatur *temp temperatura* lampotila* *lampotila
        teplot* wendu* *wendu homers* sicaklik*
        also: sic sicakligi sicakliklari temper temperat* teplota hofok homerseklet* lampot lampotilat tempe
        temperaturen tempera
        russian.greek: temperatura thermokrasia
    """,
    "humidity": """
        en: humidity humid rh hum relhum humidt
        other: feucht* *feuchte *feuchtigkeit humid* humedad* umid* vocht* luftfukt* fukt* fugt* kosteus*
        wilgot* vlhk* shidu* *shidu parat*
        also: hygrometr* nem nemi nemlilik bagilnem vlhkost* paratartalom wilg ilmankosteus relfukt relfugt
    """,
    "pressure": """
        en: pressure press pres static dp diffpress
        other: differenzdruck* druck *druck pression* presion* pressione* pressao* druk *druk tryck* tryk*
        trykk* paine* *paine cisnien* tlak* yali* *yali nyomas basinc
        also: basinci basin cisnienie sprez tlaku nyomaskul* diffirycket differanstrykk differenstryk paineero
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
        also: debisi akis debit hacimdebi przepl prutoku terfogataram aramlasi luftmangd* luftmengd* vannmengde
        vandmaengde ilmamaara
    """,
    "volume": """
        en: volume vol m3 volumes cbm
        other: volumen* *volumen *menge volum* vesimaara* objetos objem* objetosc* tilavuus* leiji*
        also: hacim hacmi objetosc objemu terfogat kobmeter volym volymen voulme
    """,
    "level": """
        en: level lvl levels
        other: fullstand* fuellstand* niveau* nivel* livello* peil niva pinta poziom* hladin* yewei* shuiwei*
        also: seviye seviyesi sev stanwody hladina szint vizszint nivaa nivo fyllnad fyldningsgrad pinnankorkeus
        tanklevel tankniveau daytank daytanklevel tankcontents contents
    """,
    "running": """
        en: run running runs runn status sts stat stats state proof prf runstatus runstat onoff onstatus
        operation operating operational operatingstate operatingstatus operationstate feedback fb fbk fdbk active
        de: betrieb betrieb* betriebsmeld* bm laufmeld* lauft laeuft lauf ruckmeld* rueckmeld* rm zustand
        romance: marche fonction* etat retour marcha funcion* estado confirmacion marcia funzion* stato ritorno
        ligado ligada funcionando
        nl.nordic: bedrijf* bedrijfsm* loopt inbedrijf terugmeld* drift drift* driftindik* driftsind* indik*
        driftstatus kaynti* kay kayntitieto* tilatieto
        other: praca pracy stan chod stav provoz yunxing* yunzhuan* zhuangtai* *yunxing* *zhuangtai uzem*
        calisiyor durum
        also: durumu durumlari calismasi calisma devrede isletme potwierdzenie pracuje chodu bezi mukodik
        mukodes kaynnissa igang idrift isdrift drifter runst compst fanst
    """,
    "machine": """
        en: fan fans fn pump pumps pmp pmps compressor compressors comp compr blower sf rf ef saf raf exf
        de: ventilator* lufter* luefter* *ventilator pumpe pumpe* *pumpe verdichter* kompressor* *lufter
        geblase*
        romance: pompe* ventilateur* vent compresseur* bomba bombas ventilador* compresor* pompa compress*
        bombagem exaust*
        nl.nordic: pomp *pomp ventilator *pump flakt* *flakt tilluftsf* franluftsf* vifte* blaeser* pumppu*
        *pumppu puhallin* *puhallin puhal* kompress*
        other: wentylator* sprezark* cerpad* kompresor* shuibeng* beng *beng fengji* *fengji yasuoji* szivattyu*
        pompa*
        also: fani fanlari pompasi pompalari kompresoru kompresorler aspirator* vantilator* hidrofor* wentylator
        pompy sprezarka cerpadlo ventilyator kompressorer sirkulasjonspumpe cirkulationspump kiertovesipumppu
        pumppu viftemotor exhauster booster boosterpump circulator umwalzpump* umwaelzpump*
        also: chwp chwpump hwp lthwp cwp cdwp lthwpump
    """,
    "mode": """
        en: mode modes opmode operatingmode operationmode
        other: betriebsart* modus mode* modo* regime* modalita* bedrijfsmodus driftlage* driftslage* driftsform
        toimintatila* kayttotila tryb* rezim* moshi* *moshi uzemmod
        also: operatingstate operatingstatus operationstate opstate
        also: opmodest tryby pracytryb calismamodu modu rezimprovozu rezimprace driftlaege driftmodus
    """,
    "feedback": """
        en: feedback fb fbk fdbk fdbck position posn actual sensor
        other: ruckmeld* rueckmeld* rm istwert ist istdrehzahl* stellungs* stellung recopie* retour position* posicion*
        realim* posizione* retroaz* posicao* retorno terugmeld* positie stand aterfor* lage lagesater* stilling
        asento* takaisink* poloz* pozycj* poloha fankui* *fankui weizhi* kaidu* visszaj*
        also: geribildirim* konum konumu potwierdz* polozeni sygnalzwrotny zwrotny zwrotna polohy tilbakem*
        tilbagemeld* aterrapport* aterforing ventilstalln* stallning stallningsater* spjallage takaisinkytk*
        asentotieto
    """,
    "speed": """
        en: speed spd rpm
        other: drehzahl* *drehzahl vitesse* velocid* velocit* snelheid* toerental* varvtal* hastigh* nopeus*
        pyorimis* predkosc* obrot* otacky zhuansu* fordulat* hiz
    """,
    "valve": """
        en: valve vlv valves damper dmpr dmp dpr
        other: ventil *ventil klappe* *klappe vanne* registre* valvul* valvol* serrand* compuerta* klep *klep
        afsluiter* spjall* spjeld* venttiili* *venttiili pelti* zawor* przepust* klapka fa fengfa famen*
        also: vana vanasi vanalari damperi zaworu zawory przepustnica klapky ventilu szelep* csappantyu*
        ventilstallning spjeldstilling
    """,
    "fluid": """
        en: flow return supply exhaust outside outdoor extract fresh leaving entering discharge ambient room
        zone mixed
        other: vorlauf* rucklauf* ruecklauf* depart retour mandata ritorno impulsion retorno aanvoer framledn*
        retur menovesi* paluuvesi* zasilanie powrot privod zpatecka gongshui* huishui* songfeng* huifeng*
        also: gidis gidissuyu donus donussuyu ufleme emis taze nawiew* wywiew* zasilan* powrot* czerpn* wyrzutn*
        tank tanque citerne serbatoio depo deposu zbiornik* zasobnik* nadrz* sailio tilluft* franluft* avluft*
        uteluft* utetemp* framled* fremlob* returlob* turlednig tilluftstemp tilgang tuloilma* poistoilma*
        ulkoilma* ulkolampo* menoves* paluuves* jateilma* vykonprivod odvod venkovni vnejsi befuvo elszivo kulso
        eloremeno visszatero soufflage reprise airneuf rejet mandatario impulsao retornos insuflacao
        russian.croatian: podach* obratk* polaz polaza povrat povrata tur
    """,
    "communication": """
        en: meterdown comm comms com communication communications communicating communic online offline onoffline link
        linkstatus linkok timeout heartbeat alive reachable connected connection connect nocomm commlost
        commfail commerr commstatus commerror pollfail polling disconnected
        other: kommunik* komm kom verbind* communic* comunic* comunicaz* conexion* connession* connexion*
        conexao* ligacao verbonden vayla* *vaylavika vaylavika tiedonsiirto* tietoliik* yhteys* lacznos*
        komunik* spojeni tongxun* tongxin* *tongxun* *tongxin* zaixian* lixian* kapcsolat haberles* iletisim*
        also: trame haberlesmesi haberlesmeariz habdurum habariza habdur habok commst comst commok telegram*
        telegramm* polls comloss commloss pollstatus haberl spojenie komunikacia komunikacja lacznosc yhteysvika
        tietoliikenne dataforbindelse samband forbindelse kommunikasjon kommunikation kommstatus kommfehler
        responding respuesta risposta reponse answering
        russian.croatian.romanian: svyaz* komunikacij* comunicatie
        also: commfault comerr comfail comfault
    """,
    "whole bus": """
        en: port gateway gw network networks bus trunk channel line lan router controller server driver all
        other: linie netz reseau passerelle red rete pasarela kanal wangguan* wangluo* zongxian*
    """,
}
"""What is asked of points that are no electrical fields."""
