"""What is told of a quantity, and what takes a point away, by meaning and language; see terms.py for the form."""

from typing import Final

TELLING: Final = {
    "total": """
        en: total totals totl ttl tot totalised totalized sum sums sigma all overall system sys threephase
        3phase 3phasen 3phases 3ph 3p 3q 3s 3f 3fase 3fases 3phi iii trif eqv equiv equivalent summarn* obshch* synoliki
        synolo
        de: summe* summen* *summe gesamt* *gesamt ges summ dreiphasig* psum3 sum3
        romance: totale totaux totales somme somma suma sumas soma triphas* trifas* trifasic* trifaz* sist
        sistema globale global
        nl.nordic: totaal som totalt summa samlet ialt tilsammans sammanlagt yhteensa summateho kokonais* kok
        driefas* trefas* kolmivaih* trojfaz*
        slavic: razem calkowit* suman* celkem celkov* soucet ukupn* skupn*
        other: osszes* toplam* zong *zong heji zongji hexiang sanxiang
        also: calk calkowita lacznie lacznej sumaryczn* celkova celkovy celkove spolu osszesen totali totais
        overalltotal grandtotal toplami toplam
    """,
    "average": """
        en: avg average averaged ave mean avrg
        de: gedampft* gedaempft* gemittelt* mittel* *mittel *mittelwert durchschn*
        romance: moy moyen* promedio* prom media medio medie med
        nl.nordic: gemiddeld* gem medel* *medel genomsnitt* gennemsnit* gjennomsnitt* keskiarvo* keskim*
        slavic: sredni* srednia prumer* prosjek*
        other: atlag* ortalama pingjun* junzhi
        also: srednie sredniej prumerna prumerny prosecna keskiarvot snitt rollingavg ortalamasi
        russian.romanian: sredn* mediu
    """,
    "extreme": """
        en: max maximum maxi mx min minimum mini peak peaks highest lowest hist maxdemand maxdmd
        de: spitze* *spitze hochst* maxim* minim* *maximum *minimum *maximal*
        romance: crete massim* pico picco pointe punta
        nl.nordic: piek* hoogste hogsta lagsta topp huippu* suurin pienin
        slavic: szczyt* maks* najwyz* spick*
        other: zuida* zuixiao* maks fengzhi predict* predic* previs* forecast prognos*
        also: maksymaln* minimaln* najnizsz* maximalni minimalni mn mks enbuyuk enkucuk enyuksek endusuk azami
        asgari maksimum maksimi minimi hojeste laveste storst toppvarde toppeffekt* piekvermogen tepe piik
        croatian.russian: vrsna vrsno najveca najmanja naibol* maksim* pik pikov*
        current: thermalcurrent thermcurrent tripcurrent inrush pickup currentthermal
    """,
    "fundamental": """
        fundamental fundamentals grundschw* fondamental* fundamentaal grundton* perusaalto* zakladn*
    """,
    "demand": """
        en: demand demands dmd dem dmnd md sliding block rolling
        romance: demand* maximetr* domanda quarthoraire quartoraria cuartohor*
        de.nl.nordic: viertelstund* lastgang kwartier* kvart*
        other: xuliang *xuliang* xuqiu* igeny talep*
        also: ddem dmand demanda demande tvd ampdemand kwdemand md15 demandkw domand maxdem umowna pdmd dmdp
        tehohuippu effektuttag 15min 15minut* 30min 15minuten kwsd kwpd kvasd kvapd kvarsd kwsddel
    """,
    "export": """
        en: whz export exported exporting exp expt received receive recv rec rcvd reverse rev negativ* neg
        generated generating produced producing energyproduction energyproduced powerproduction outof outofload
        de: lieferung *lieferung geliefert* liefer* abgabe abgegeben* ruckspeis* rueckspeis* einspeisung
        einspeise* eingespeist* erzeug* ertrag* produziert*
        romance: fourni* inject* export* produite produit cedid* inyect* vertid* immess* cedut* esport* erogat*
        injet* fornecid* produzion* producao producc* generac* geracao reversa inversa produites produits
        energieproduction productionenergie genere generes generee generees prodott* generata generate generato
        generati generada generadas generado generados producid* gerada geradas gerado gerados produzid* produs
        produsa
        nl.nordic: teruglever* terug geleverd* levering opgewekt* opwek* opbrengst* utmat* uttmat* produktion
        producer* produserad produksjon prod anto vienti produsert geproduceerd* energieproductie genererad*
        genereret produceret tuotettu* tuotto tuotanto tuotannon
        slavic: oddan* oddaw* dodavk* dodan* isporuc* predana wyprodukowan* wytworzon* vyroben* vyrobena
        proizveden*
        other: fanxiang* *fanxiang* verilen uretilen uretim termelt fadian* *fadianliang
        also: sell sold sellback feedin tothegrid togrid sending sent sendt regen regenerat* outflow realout
        activeout energyout kwhout mwhout whr whout gridfeed injection injecte injetada immessa cedente vendue
        verkauft rucklieferung odd oddana oddane oddanie wyslana vyroba dodavka predano dodana termeles leadott
        leverans tillnat tillnatet invertida tiln* syotto myyty salg solgt verilis verildi ihrac satis
        einspeisungzahler ladrnet rueckwirkend
        russian.romanian.greek: otdach* otpusk* otdan* debitata debitat livrata injectata exagomeni
    """,
    "import": """
        en: whv import imported importing imp impt delivered deliver delvd deliv del consumed consumption cons
        consum forward fwd fwrd positiv* pos posit used usage intoload
        de: bezug *bezug bezogen* bezuges entnahme entnommen* verbrauch* *verbrauch aufgenommen*
        romance: soutir* consomm* conso import* consum* prelev* assorb* absorb* directa direta diretta directe
        nl.nordic: afname afgenomen verbruik* *verbruik forbruk* *forbruk forbrug* *forbrug inmat* otto kulutus*
        *kulutus tuonti
        slavic: pobran* pobor* zuzyci* odber* odebran* spotreb* potros*
        other: zhengxiang* *zhengxiang* vetelezett fogyaszt* tuketim* cekilen haodian* yongdian*
        also: bought purchased purchase frgrid fromgrid fromthegrid drawn draw receiving inflow realin activein
        energyin kwhin mwhin whf whin achat achetee prelevata prelevee acquistata comprada recibida pob pobrane
        pobranie pobor odebrana odberova nakup odber spotreba potrosnja felvett fogyasztas uttag uttagen
        franknat kopt kjopt uttak otettu ostettu osto kobt tuk tuketimi cekis alis alinan ithalat verbrauchte
        bezugs bezogene afgenomene ingekocht
        russian.romanian: priem prinyat* potrebl* primita absorbita
    """,
    "net": "en: net nett netto nette neto netti saldo bilanz balance bilan balancing jing absolute abs",
    "tariff": """
        en: tariff tariffs tarif* tariffa* tarifa* taryf* tarief* tou offpeak onpeak shoulder rate tar
        de: ht nt hochtarif niedertarif niedrigtarif schwachlast
        romance: hp hc hph hpe hce hch pleines creuses fascia* llano valle ponta vazio cheias
        nl.nordic: hoogtarief laagtarief normaaltarief normaal dal hoog laag daltarief piektarief hoglast
        laglast paivatariffi yotariffi
        other: jian feng ping gu jianfeng fengdian pingdian gudian t1 t2 t3 t4 tar1 tar2
        also: gunduz puant gece szczyt pozaszczyt pozaszczytow* szczytow* przedpoludn* popoludn* strefa noche
        valles llanos puntas spitzentarif nachttarif tagtarif vysokytarif nizkytarif nizky vysoky hojtarif*
        lavtarif* hoytarif* csucs volgy nachttariff dagtarief nachttarief yosahko paivasahko lowtarif hightarif
        tariff1 tariff2 tariff3 tariff4 tarif1 tarif2 f1f2f3 hpl hpb ejp heurespleines heurescreuses tou1 tou2
        tou3 t1energy rate1 rate2 tar3 tar4
        croatian.russian: visatarifa nizatarifa visa niza vt dnevnaya nochnaya
    """,
    "partial": """
        en: partial resettable resetable reset today yesterday daily weekly monthly yearly annual month week
        year day previous prev last billing frozen interval trip snapshot duedate hour quadrant quad quadrante
        quadrants quadranten kvadrant*
        de: teil* tages* *tages heute gestern monat* monats* woche* jahr* vortag* vormonat* vorjahr* stichtag*
        *stichtag ruckstell*
        romance: partiel* parcial* parzial* jour* journal* mois mensuel* annuel* hebdo* hier diari* mensual*
        semanal* anual* ayer giorn* mensil* ieri mese diaria hoje mensal
        nl.nordic: deel* dag maand* week* vandaag gisteren vorige dygn* manad* manads* forra maned* paiva*
        kuukau* vuosi*
        slavic: dzien* miesi* roczn* wczoraj mesic* denni rocni
        other: preced* anterior* pasad* benri* benyue* shangyue* dangri* dangyue* zuori* bennian* napi havi
        gunluk aylik
        also: vorwert vorperiode* periodenende abrechnung* session sessions sesji sesja sesije sesion sessione
        sessao sitzung* ladevorgang ladesitzung laadsessie laddsession ladesesjon lataustapahtuma seans oturum
        chargingsession conditional mtd ytd wtd dtd monthtodate yeartodate daytodate thismonth lastmonth thisday
        lastday lasthour thisyear lastyear hourly dzis dzisiaj poprzedn* biezac* dobow* dzienn* tygodn*
        miesiecz* predchozi* minul* dnes vcera tyden tydne bugun dun gunun yillik haftalik mtdkwh idag igar
        igaar viikko* kuluva* edellin* eilen tanaan denna forrige sidste indevaerende hetente havonta eves elozo
        tegnap mensuelle journaliere periode periodo periodoactual ciclo optional kasowaln* nulovat* nulstil*
        nollattava* aterstallbar* azzerabil* reseteab* reiniciab* reinitialis* sifirlanabilir resetbar*
        ruckstellbar* rucksetzbar*
        romanian.croatian.russian: luna lunara lunar zilnic anterioara curenta mjesec* mjesecn* proslog* prosli
        dnevn* sutk* mesyats* proshl*
        also: dia dias heutige jornada
    """,
}
"""What a register is of its quantity."""

BARRED: Final = {
    "neutral": """
        en: neutral neutr neut ntrl neutre* neutro* neutraal neutral*
        de: nullleiter* nulleiter* neutralleiter* nullstrom
        nordic: nolla* nollavirta nollejohdin nuljohdin nolled*
        other: nul nulovy neutralny lingxian* zhongxing* lingxu*
        also: notr notru notrakimi nulleder nollajohto* przewodn* neutralni nulak nulovodic nullvezeto nulla nol
        zerophase zerosequence nulde
    """,
    "ground": """
        en: omopolar* homopolar* ground gnd earth earthing residual leak leakage rcm rcd
        de: erde erd* fehlerstrom* differenzstrom* ableitstrom* erdschluss*
        romance: terre tierra terra fuga fuite* differentiel* diferencial* differenz* dispers* residu*
        nl.nordic: aarde aard* lek* jord jord* jordfel* maasulku* vikavirta* vuotovirta*
        other: uziem* uplyw* loudian* jiedi* shengyu*
        also: zemn* zemni jordstrom jordfejl* fejlstrom hfi maavuoto* uplyw roznicow* reziduaal* toprak*
        kacakakim kacak reststroom aardlek* aardfout differenzial* erdstrom zerophase residualcurrent
        homopolaire
    """,
    "power factor": """
        en: pf powerfactor powerfact pwrfactor pwrfctr pfactor cosphi cosfi cosphii cosinus cos phi dpf factor
        factr lambda
        de: leistungsfaktor* verschiebungsfaktor faktor
        romance: facteur facteurs fattore* fator* facteurdepuissance fp fdp cosenophi
        nl.nordic: arbeidsfactor vermogensfactor effektfaktor* tehokerroin* kerroin cosfii
        other: wspolczynnik* ucinik* ucinnik* faktor* gonglvyinshu* gonglvyinsu* gonglvyin* yinshu *yinshu
        also: gucfaktoru factora tgf tangens tgphi tanfi tanphi tgfi tangensfi kosfi cosf ucinikucinnik*
        facteurp potfactor wspmocy cosinusfi ucinnost cosph pfact effektfaktorn faktoru
        russian.romanian: koeffitsient* kosinus factorputere
    """,
    "frequency": """
        en: freq frequency frq hz hertz frequenc*
        other: frequenz* netzfrequenz frequenza frecuencia* frec frequencia* frekven* taajuus* czestotl* kmitoc*
        pinlv* *pinlv* pinlu*
        also: frek frekans frekv freqency taajuus czest
    """,
    "distortion": """
        en: thd thdu thdi thdv tdd harmonic* harm harmonics distortion kfactor crest flicker
        other: oberschw* klirr* harmoni* armonic* harmonisk* yliaalt* overton* zniekszt* xiebo* *xiebo* jibian*
        also: odksztalc* harmonik* harmoniczn* harmonick* harmonier harmonisch* thf kfaktor crestfactor 2nd 3rd
        5th 7th 9th 11th 13th thdf thdr zkresl* yliaallot bozulma* torzit* felharmon* swell ripple
    """,
    "unbalance": """
        en: unbal* imbal* asymm* unsymm* symm*
        other: desequil* deseq* squilib* dissimm* desbal* onbalans obalans* ubalan* epasymm* asymetr* nesymetr*
        bupingheng*
        also: dengesiz* niesymetri* niezrownowaz* nerovnovah* epatasapain* ubalanse skjevhet skaevhed
        asszimetri* schieflast unsymmetrie assimetr* desiquil* unbalance imbalance imbalances unbalanced
    """,
    "angle": """
        en: angle angles phaseangle ang rotation sequence phaseseq phasesequence seq
        other: winkel* *winkel drehfeld* angul* angol* hoek *hoek vinkel* kulma* kat uhel* jiaodu* xiangjiao*
        xiangxu* ordredesphases
        also: aci acisi uhol sorrend faskulma
    """,
    "rating": """
        en: rated rating ratings nominal nom nominl capacity contract contracted subscribed
        de: nenn* *nenn bemessung* anschlusswert*
        romance: calibre* taratura reglage assign* nominal* souscrit* contrat* contrac*
        nl.nordic: nominaal nominale nominell* markdata nimellis*
        other: znamion* jmenovit* eding* eding
        also: multiplier mult scalefactor pulseweight pulsevalue pulseconst umown* zamowion* anma sozlesme*
        mlltwist merkeffekt abonnement* abonnert sikring* sikringsstr* sulakekoko zekering* hauptsich* lekotott
        rezervovan* namen* installed installierte instalada installata installee
        also: brennwert* heizwert* calorificvalue heatingvalue pci pcs zustandszahl
    """,
    "transformer ratio": """
        en: ct vt cts vts ctratio vtratio ptratio ratio ratios transratio
        other: wandler* *wandler ubersetz* uebersetz* rapport rapporto relacion relacao muuntosuhde beilv*
        bianbi*
        also: przekl* prevod ctprim ctsec vtprim vtsec ctprimary ctsecondary trafoorani wandlerfaktor muunto*
        omsaetning* omsattning* omsetning* attetel
    """,
    "direct": """
        en: dc dcbus dclink dcvolt dcvoltage battery batt bat batteries
        other: gleichsp* gleichstr* gleichs* zwischenkreis* batterie* *batterie akku* bateria* batteria*
        continua accu accus akku zhiliu* dianchi*
        also: aku akusu akumulator* baterij* baterie batterispenn* batterispaend* batterispann* dccurrent dcv
        dci dca busvoltage bateriasi akkumulator* gelijksp* jevnsp* jaevnsp* likstr* likspan* tasavirt*
        tasajann* stejnosm* staloprad* mppt ubat uakku starterbattery
    """,
    "drive": """
        en: softstarter starter atv acs550 vlt vfd vsd drive drives vfds vsds asd
        other: umrichter* *umrichter fu frequenzumf* inversor inversores convertidor* convertitore* conversor*
        variatore* arrancador* demarreur* *omvormer omvormer* variateur* variador* vdf azionam* frequentieregel*
        toerenregel* frekvensomr* frekvensomform* taajuusmuut* falownik* menic* bianpin*
        also: surucu suruculer menice falowniki hastighetsreg* invertermotor frequentiereg frekvenciav* altivar
        vvvf motorcurrent motorpower
    """,
    "one direction": """
        en: ind inductive cap capac capacitive lag lagging lead leading kvarl kvari kvarhl
        de: induktiv* kap kapaz kapazitiv*
        romance: inductiv* inductif* inductiva selfique capacitif* capacitiv* induttiv* capacitat* indutiv*
        nl.nordic: inductief* capacitief* kapacitiv* induktiivi* kapasitiivi* kapasitiv*
        other: indukcyjn* pojemnosc* induktivni kapacitni ganxing* rongxing* enduktif kapasitif
        also: capac1 induct indukc* indukcyjna pojemnosciowa induktivna kapacitivna induktiv kapaciteettinen
        induktiivinen lagrea leadrea capacitiva induttivo
    """,
    "half register": """
        en: hi lo hiword loword highword lowword word msw lsw hword lword reg register registers
        also: lowbyte highbyte overflow rollover mantissa exponent
    """,
    "computed": """
        en: computed apportioned allocated allocation virtual estimated estimate derived itload virtualmeter
        saved saving savings baseline budget avoided ersparnis* economisee ahorrad* risparmiat* besparelse*
        besparing*
        de: errechnet* umgelegt* virtuell* geschatzt* geschaetzt* anteilig* abgeleitet* rechenwert*
        romance: estime estimee repartie reparti virtuel* stimat* ripartit* virtuale estimad* repartid* virtual*
        other: geschat berekende skonnad* beraknade estimeret arvioitu szacowan* wirtualn* odhad* tahmini sanal
        becsult*
        losses: verlust* *verlust *verluste perdue perdues perdite perdidas perdas strat straty ztraty tab tap
        kayip havio tapio
        also: cost costs coste custo costo costi kosten kostnad cout kost koszt cena prix precio preco
        prezzo hinta bedrag euro eur money bill invoice co2kg emission emissions emisiones emissioni
        emissionen
        also: einspar*
    """,
    "solar": """
        en: chp cogen* bhkw wkk kwk pv solar photovolt* fotovolt* pvplant inverter inverters
        other: wechselrichter* fotowolt* zonne* zonnepanel* zon solcell* solenergi* aurinko* onduleur* guangfu*
        *guangfu*
        also: gunes fotoval* fotovolta* gunespanel* napelem* solarni solinv solpanel* solceller photovolta*
        aurinkovoima* aurinkopaneel* solcelle* pvinverter pvmeter chpplant elektrane slunecni fve fotovoltaika
        windturbine windkraft* eolic* eolien*
    """,
}
"""What takes a point away from the packet's fields, whatever its unit."""
