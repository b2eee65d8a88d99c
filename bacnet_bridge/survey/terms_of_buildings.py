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
        also: elektrik elektrikli elek elektr elektromos electrique electriques electrica elettrica eletrica
        elektrisch elektrische elektrisk sahkomittar* elmatning elmalare stromzlr strommengde stroommeter
        elektrikmetre elektriksayac* elektrickaenergie eenergie analizor* analizator* analyzator* analyseur*
        analizatorsieci netzanalys* netanalys* powermonitor* energymonitor* poweranaly*
        russian.romanian.greek: elektroenergi* elektroschet* electricitate ilektrik*
    """,
    "heat": """
        en: kwt kwht kwth kwf kwhf heat heating thermal therm btu btus btumeter heatmeter lthw mthw lphw hhw
        hhws hws calor* kcal mbh mmbtu districtheat*
        de: warme* waerme* *warme *waerme warmemenge* heiz* *heizung fernwarme* wmz wmz*
        romance: chaleur chauffage cal calories calorie thermique* calefacc* riscald* termic* termia termie
        aquec* caldo
        nl.nordic: warmte* verwarm* varme* *varme fjarrvarme* fjernvarme* vmm lampo* *lampo kaukolamp* lammit*
        other: ciepl* ogrzew* tepl* topen* vytap* reliang* relibiao* gongre* gongnuan* futes* isitma*
        also: htmtr htmeter kalorimet* kalori* calorimet* obisheat cieplomierz* cieplomierza cieplna cieplnej
        meraktepla teplomer* merictepla homennyiseg* hoenergia homero fjernvarmem* energimalervarme lampomaara*
        lampoenergi* lampomittari* isi isil isisayac* toplinsk* toplot* varmemaler* varmemaengd* energiatermica
        heatenergy heatingenergy
        russian.romanian.croatian: teplo teplov* otoplen* caldura termica toplinska grijanj* incalzire
    """,
    "thermal": """
        en: thermal thermalpower thermalenergy heatoutput heatproduced producedheat coolingoutput coolingenergy
        heatenergy
        de: thermisch* warmemenge* waermemenge* kaltemenge* kaeltemenge* warmeabgabe nutzwarme
        romance: thermique* calorif* frigorif* calorie termica* termico* frigo* restituee
        other: kalorie varmemangd* varmeproduk* cieplna cieplnej termiczn* tepelny* tepelna* isilguc*
        isilenerji* sogutmakapasite* isitmakapasite* lampoteho jaahdytysteho hoteljesitmeny
        also: sogutmakapasitesi isitmakapasitesi
    """,
    "cold": """
        en: cool cooling chilled chw chws chwr cooled coolth tonhours ton tons
        de: kalte kaelte kalte* kaelte* *kalte kuhl* kuehl* kaez kmz
        romance: froid frigor* frigo frigie froide glace* refriger* freddo raffredd* raffr* frio enfri* arrefec*
        nl.nordic: koude* koel* kyla *kyla kylan kyl kyleffekt kylenergi kylmaskin koling* kjoling* kjole*
        jaahdyt* kaukojaahd*
        other: chlod* chlad* lengliang* lengdong* lengshui* gongleng* hutes* sogut*
        also: obiscold soguk chladiaca hladno hladiln* hladjen* sogutmaenerjisi kylamangd* koldemaengd*
        kjolemengde* jaahdytysenergi* hutesi hidegenergia
        russian.romanian: kholod* racire hladjenj* frig
    """,
    "gas": """
        en: gas natgas naturalgas ng gasmeter lpg propane
        other: erdgas* gaszahler* gaszaehler* *gas gaz gazu gazmeter metano metan gasverbr* kaasu* maakaasu*
        plyn* zemniplyn ranqi* tianranqi* meiqi* gazsayac* dogalgaz*
        also: obisgas gazomierz* gazomierza plynomer* gazora foldgaz gassmaler gasmaler gasmalare dogalgazi
        aardgas* gasmeterstand biogas* stadsgas gaza citygas towngas gasverbruik gaszahl*
        romance: compteurgaz compteurdegaz contadorgas contadordegas gazsayaci dogalgazsayaci
    """,
    "converter": """
        en: chiller chillers heatpump heatpumps ashp gshp rooftop vrf vrv
        de: kaltemaschine* kaeltemaschine* kaltesatz* kuhlmaschine* kaltwassersatz* warmepumpe* waermepumpe*
        *warmepumpe wp
        romance: groupefroid groupesfroid pompeachaleur pac gruppofrigo gruppifrigo frigogruppo refrigeratore
        pompadicalore enfriadora* bombadecalor maquinafrio
        other: warmtepomp* koelmachine* varmepump* varmepumpe* kylmaskin* lampopumppu* tepelnecerpadlo
        pompaciepla lengji lengdongji lengshuijizu lengshuiji
        also: klimagrubu sogutmagrubu sogutmagruplari agregatchlod* agregat* pompyciepla tepelnacerpadla
        tepelnecerpadla lampopumpun vedenjaahdyt* vedenjaahdytin chladic* chlazenijednotka isipompasi
        hoszivattyu* folyadekhuto* refroidisseur* condensingunit outdoorunit odu chillerunit gazogrup
    """,
    "water": """
        en: water wtr watermeter dhw dcw mcw bcw cws domwater citywater rainwater
        de: wasser* *wasser wasserz* *wasserzahler *wasserzaehler kaltwasser* kwz wwz
        romance: eau eaux ecs agua aguas acqua acs afs aqs contadoragua contadordeagua contatoreacqua
        compteureau compteurdeau
        nl.nordic: waterm* tapwater drinkwater vatten* *vatten vand* *vand vann* *vann vesi vesi* *vesi
        *vesimittari
        other: wod* *wody vod* *vody shui zilaishui* shuibiao* *shuibiao yongshui* lengreshui
        also: obiswater su suyu suyun susayac* susayaci wodomierz* wodomierza vodomer* vodomier vizora vizmero
        vizfogyaszt* ivoviz vesimittarin vannmaler vandmaler vattenmatare vattenmalare eaufroide eauchaude
        aguafria aguacaliente acquafredda acquacalda firewater firetank firepump makeupwater wodawodociag*
        kylmavesi kayttovesi lamminvesi brauchwasser trinkwasser
        russian.romanian.croatian: apa apei voda vody kholodnayavoda gvs khvs
    """,
    "steam": """
        en: steam stm
        other: dampf* vapeur vapor vapore stoom anga damp hoyry para pary zhengqi* buhar
        also: buhari parovod paratech hoyrynmittaus vapeurs
    """,
    "fuel": """
        en: oil fuel diesel fueloil
        other: heizol* heizoel* mazout fioul gasoleo gasoil gasolio nafta olja oljy olej chaiyou*
        also: yakit yakiti motorin mazot paliwo paliwa nafty polttooljy fyringsolie fyringsolja eldningsolja
        brandstof stookolie carburant combustible combustibile combustivel daytank daytanklevel dayoiltank
        uzemanyag gazolaj topnyolej
    """,
}
"""What flows."""

PLACES: Final = {
    "panel": """
        en: panel panels pnl board boards switchboard swbd swb db dbs mdb smdb emdb msb lvsb lvpnl mcc mccb acb
        mdp sdp ldp pdu ups feeder fdr incomer incomers incoming outgoing ckt cct breaker brkr lighting ltg
        lights light lts socket sockets receptacle plug busbar switchgear swgr transformer trafo xfmr tx genset
        generator charger chargers evcharger evse rpp lp pp dp lift lifts elevator escalator mains
        de: nshv nsuv nsv uv uvt ghv hv verteil* *verteil* *verteiler *verteilung abgang* abg einspeis*
        beleucht* *beleuchtung licht* steckdos* aufzug* kuche*
        romance: tgbt tgbts armoire* departs dep tableau disjoncteur* eclairage* prises ascenseur* cgbt cuadro*
        tablero* alumbrado fuerza interruptor* acometida
        it.pt: quadro quadri qe qg qgbt qgd cabina cabine illuminaz* luci partenza arrivo interruttor* fm
        trasformat* transformad* transformat* iluminac* tomadas elevador* ascensor*
        nl: verdeler* verdeelk* hoofdverd* *verdeler *verdeelkast hvk groepenkast verlicht* kracht* krachtgroep
        nordic: fordelning* gruppcentral* elcentral* belysning* stallverk* tavle *tavle hovedtavle* fordeling*
        keskus *keskus keskukse* paakesk* nousu nousut valaistus* hissi*
        other: rozdziel* oswietl* rozvad* osvetl* peidian* *peidian* guizi huilu* *huilu jinxian* chuxian*
        bianyaqi* zhaoming* dianti* chazuo* kuixian* kapcsolo pano
        also: rgnn rg rnn rnsn panosu panolari dagitim* adp jenerator* jeneratoru aydinlatma* priz prizler
        asansor* mutfak* sarj sarjistasyonu winda windy dzwig* ladowark* gniazd* oswietlenie serwerown* kuchni*
        rozdzielni* rozdzielnic* rozdzielnia tablica rozvodn* rozvadec* vytah* zasuvk* osvetleni nabijec*
        nabijac* transformator* elosztó eloszto* vilagitas* felvono* konnektor* tolto* hisseja pistorasi*
        lataus* latauspist* latausasem* laddstolp* laddbox* laddstation* ladestasjon* ladestander* ladeboks*
        ladesaul* ladesaeul* ladepunkt* ladestation* laadpaal* laadpun* laadpaa* wallbox* chargepoint*
        chargingpoint* chargingstation* evcharger* irve borne bornes colonnina colonnine puntoderecarga recarga*
        carregador* eclairages prisesdecourant prisedecourant prisecourant tomasdecorriente tomadecorriente
        tomacorriente* enchufe* presedicorrente presadicorrente stopcontact* wandcontact* stikkontakt* stikkont*
        eluttag vagguttag pdus rpdu busway busduct subboard subpanel substation subestacion* sottostazione
        transformatorstation trafostation natstation lysinstallation belysningstavle underfordeling* undertavle
        gruppetavle alakeskus ryhmakeskus ryhmakesk* nousukeskus sahkokeskus sahkopaa* elskab tavla ellevering
        cuadros tableros subtablero* quadrogeral qgeral tomadasgerais iluminacao elevadores hissar hiss
        rulltrapp* fahrtreppe* rolltrappe* schaltschrank* schaltanlage* stromkreis* hauptverteil* unterverteil*
        sicherungs* einspeisefeld steigleitung* straatverlicht* strassenbel* rozdz serverraum* serverroom*
        datacenter*
        fr: td
        russian.romanian.croatian: grsch shchit shchita vru tablou tabloul ormar ormara razvodn* glavniormar
        iluminat prize osveshchen* rozetk* lifta rasvjeta uticnic* pinakas fotismos
    """,
    "place": """
        en: load loads feed circuit circuits branch main tenant tenants shop retail depart salida groep groepen
        groundfloor firstfloor basement tower wing block building bldg bld riser section zone side area floor
        level house room unit plant site lot group sector string
        de: erdgeschoss eg og ug gebaude gebaeude haus bauteil trakt fluegel flugel abschnitt feld schiene
        sektion ebene etage geschoss halle raum strang
        romance: plantabaja rdc pianoterra batiment bat aile tranche edificio ala planta torre nave zona bloque
        bloco scala palazzina piano reparto sala
        nl.nordic: gebouw blok vleugel zaal verdieping hus byggnad bygning etasje rakennus talo porras siipi
        kerros budynek budova lou qu hao
        also: bay post source lokal lokalu najemca najemcy bolge kati daire dukkan magaza bina mustermeter
        mieteinheit mieter huurder locataire inquilino inquilini inquilinos vuokralainen hyresgast lejer
        leietaker najemce nyomvonal berlo etaj output outlet inlet input
    """,
}
"""Where electricity is measured, and what is counted with letters without being a phase."""

SAID: Final = {
    "filler": """
        en: en cumulated accumulated cumulative accum of the and for to by in at from with per value values val
        meas measured measurement measure measuring points point pt mbus modbus bacnet knx inst instantaneous
        instant instance actual present live rms line lines ln ll lnn phn phph ltn ltol lton ph2ph linetoline
        linetoneutral linelinel data reading readings rdg input register level load signal pole object ai av
        analog analogue num numeric
        de: kumul* der die das des von vom am im und stand wert werte messwert* momentan* augenblick*
        aussenleiter leiter zw ist istwert aktuell*
        romance: acum* acumul* cumul* accumul* de du la le les l d di da do dos del della dei el y e et au aux
        valeur valor valore
        it.es.fr: simple simples composee composees compose entre fase instantan* index indice lettura lectura
        leitura istant* concatenat* stellat* linea ligne linha lineas
        nl.nordic: van het een op waarde varde lukema
        slavic: hodnota wartosc pomiar mereni chwilow* fazow* miedzyfazow* sdruzen* fazov*
        other: zhi shuju xian xiandianya mero ertek
        also: chwilowa chwilowe chwilowy fazowe fazowa miedzyfazowe anlik mevcut guncel gercek arasi fazlar
        okamzit* pillanatnyi ojeblik* oyeblik* hetkellin* hetk oieblikk* momentane ogenblikkel* momentaneo
        instantanea instantaneo instantanee efficace efficaces eficaz efficaci skutecz* effektivwert* rmsvalue
        trms efektivni efektiv effective dim kum kumulativ* narastajac* kumulativni laskuri maara obisheat
        obiscold obisgas obiswater
    """,
    "meter": """
        en: element device dev slave node meter meters mtr metre mtrs energymeter energyanalyzer meterreading
        de: zahler zaehler *zahler *zaehler zahlerstand zaehlerstand zahlerst
        romance: compteur* cpt centrale mesure mesures compt contador* medidor* contator* contatore* misuratore
        multimetro analizador* analizzatore*
        nl.nordic: teller tellerstand meterstand *meter matare *matare *mataren maler *maler malare mittari*
        *mittari mittarin
        other: licznik* elektromer* yibiao biao mero sayac brojilo
        also: htmtr htmeter zst zlr zlst licznika licznikow sayaci sayaclar stanlicznika merak merac meraci
        merici merilnik
        merilo meromuszer fogyasztasmero submetering submeters undermaler* bimaler* undermatare alamittari*
        alamittaus mittaus matning matpunkt malepunkt messstelle* messpunkt* pomiarowy meetpunt tussenmeter
        bemeter pointdecomptage pointdemesure pdl prm puntomisura cups
        water.gas: watermeter gasmeter wodomierz wodomierza gazomierz gazomierza vodomer plynomer vesimittari
        vannmaler vandmaler vattenmatare susayaci gazsayaci dogalgazsayaci kaltwasserzahler warmwasserzahler
        wasserzahler gaszahler watermeterstand gasmeterstand vizora gazora aardgasmeter contadoragua
        contadordeagua contatoreacqua compteureau compteurdeau compteurgaz compteurdegaz contadorgas
        contadordegas
    """,
    "phase": """
        en: phase phases ph phs phas phz fase fases fas fasen faas fasi faza fazy faze fazis xiang vaihe
        vaihejannite leiter aussenleiter
        also: fazi fazlari fasit fazie fazes
    """,
    "single phase": """
        1ph 1phase 1p 1f 1fase 1fas 1fazi 1faz singlephase onephase einphasig* monophas* monofas* eenfasig*
        enfas enfase enfaset yksivaih* jednofaz* monofaz* tekfaz egyfaz*
    """,
    "line to neutral": """
        en: ln lneutral lineneutral linetoneutral phaseneutral phn pn lton vln uln
        also: faznotr fazanotr fasenulla fazanula fazenul fasenul fasenoll
    """,
    "line to line": """
        en: ll lineline linetoline phph phaseline phasetophase phasephase ltl lline vll ull
        other: verkettet* leiterleiter aussenleiterspannung compos* concatenat* compuesta* composta* gekoppeld*
        huvudspanning* hovedspaending* paajannit* miedzyfaz* sdruzen* xiandianya xian
        also: fazlararasi fazarasi fazafaza fasefase fasfas interfazove sdruzene vonali miedzyprzew* vaiheiden
        valij* entrefases entrephases trafasi concatenata zwischenphasen
    """,
}
"""Words that hold nothing of a meter's own name."""
