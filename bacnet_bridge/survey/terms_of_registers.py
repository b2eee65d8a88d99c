"""What is told of a quantity, and what takes a point away, by meaning and language; see terms.py for the form."""

from typing import Final

TELLING: Final = {
    "total": """
        en: total totals totl ttl tot totalised totalized sum sums sigma all overall system sys threephase
        3phase 3ph 3p 3q 3s 3f 3fase 3fases 3phi iii trif
        de: summe* summen* *summe gesamt* *gesamt ges summ dreiphasig* psum3 sum3
        romance: totale totaux totales somme somma suma sumas soma triphas* trifas* trifasic* trifaz* sist
        sistema globale global
        nl.nordic: totaal som totalt summa samlet ialt tilsammans sammanlagt yhteensa summateho kokonais* kok
        driefas* trefas* kolmivaih* trojfaz*
        slavic: razem calkowit* suma suman* celkem celkov* soucet ukupn* skupn*
        other: osszes* toplam* zong *zong heji zongji hexiang sanxiang
    """,
    "average": """
        en: avg average averaged ave mean avrg
        de: gedampft* gedaempft* gemittelt* mittel* *mittel *mittelwert durchschn*
        romance: moy moyen* promedio* prom media medio medie med
        nl.nordic: gemiddeld* gem medel* *medel genomsnitt* gennemsnit* gjennomsnitt* keskiarvo* keskim*
        slavic: sredni* srednia prumer* prosjek*
        other: atlag* ortalama pingjun* junzhi
    """,
    "extreme": """
        en: max maximum maxi mx min minimum mini peak peaks highest lowest hist maxdemand maxdmd
        de: spitze* *spitze hochst* maxim* minim* *maximum *minimum *maximal*
        romance: crete maxim* minim* massim* pico picco pointe punta
        nl.nordic: piek* hoogste hogsta lagsta topp huippu* suurin pienin
        slavic: szczyt* maks* najwyz* spick*
        other: zuida* zuixiao* maks fengzhi predict* predic* previs* forecast prognos*
    """,
    "demand": """
        en: demand demands dmd dem dmnd md sliding block rolling
        romance: demand* maximetr* domanda quarthoraire quartoraria cuartohor*
        de.nl.nordic: viertelstund* lastgang kwartier* kvart*
        other: xuliang *xuliang* xuqiu* igeny talep*
    """,
    "export": """
        en: whz export exported exporting exp expt received receive recv rec rcvd reverse rev negativ* neg
        generated generating produced producing energyproduction energyproduced powerproduction outof
        outofload
        de: lieferung *lieferung geliefert* liefer* abgabe abgegeben* ruckspeis* rueckspeis* einspeisung
        einspeise* eingespeist* erzeug* ertrag* produziert*
        romance: fourni* inject* export* produite produit cedid* inyect* vertid* immess* cedut* esport*
        erogat* injet* fornecid* produzion* producao producc* generac* geracao reversa inversa produites
        produits energieproduction productionenergie genere generes generee generees prodott* generata
        generate generato generati generada generadas generado generados producid* gerada geradas gerado
        gerados produzid* produs produsa
        nl.nordic: teruglever* terug geleverd* levering opgewekt* opwek* opbrengst* utmat* uttmat* produktion
        producer* produserad produksjon prod anto vienti produsert geproduceerd* energieproductie genererad*
        genereret produceret tuotettu* tuotto tuotanto tuotannon
        slavic: oddan* oddaw* dodavk* dodan* isporuc* predana wyprodukowan* wytworzon* vyroben* vyrobena
        proizveden*
        other: fanxiang* *fanxiang* verilen uretilen uretim termelt fadian* *fadianliang
    """,
    "import": """
        en: whv import imported importing imp impt delivered deliver delvd deliv del consumed consumption cons
        consum forward fwd fwrd
        en: positiv* pos posit used usage intoload
        de: bezug *bezug bezogen* bezuges entnahme entnommen* verbrauch* *verbrauch aufgenommen*
        romance: soutir* consomm* conso import* consum* prelev* assorb* absorb* directa direta diretta directe
        nl.nordic: afname afgenomen verbruik* *verbruik forbruk* *forbruk forbrug* *forbrug inmat* otto
        kulutus* *kulutus tuonti
        slavic: pobran* pobor* zuzyci* odber* odebran* spotreb* potros*
        other: zhengxiang* *zhengxiang* vetelezett fogyaszt* tuketim* cekilen haodian* yongdian*
    """,
    "net": "en: net nett netto nette neto netti saldo bilanz balance bilan balancing jing absolute abs",
    "tariff": """
        en: tariff tariffs tarif* tariffa* tarifa* taryf* tarief* tou offpeak onpeak shoulder rate tar
        de: ht nt hochtarif niedertarif niedrigtarif schwachlast
        romance: hp hc hph hpe hce hch pleines creuses fascia* llano valle ponta vazio cheias
        nl.nordic: hoogtarief laagtarief normaaltarief normaal dal hoog laag daltarief piektarief hoglast
        laglast paivatariffi yotariffi
        other: jian feng ping gu jianfeng fengdian pingdian gudian t1 t2 t3 t4 tar1 tar2
    """,
    "partial": """
        en: partial resettable resetable reset today yesterday daily weekly monthly yearly annual month week
        year day previous prev last
        en: billing frozen interval trip snapshot duedate
        de: teil* tages* *tages heute gestern monat* monats* woche* jahr* vortag* vormonat* vorjahr* stichtag*
        *stichtag ruckstell*
        romance: partiel* parcial* parzial* jour* journal* mois mensuel* annuel* hebdo* hier diari* mensual*
        semanal* anual* ayer giorn* mensil* ieri mese diaria hoje mensal
        nl.nordic: deel* dag maand* week* vandaag gisteren vorige dygn* manad* manads* forra maned* paiva*
        kuukau* vuosi*
        slavic: dzien* miesi* roczn* wczoraj mesic* denni rocni
        other: preced* anterior* pasad* benri* benyue* shangyue* dangri* dangyue* zuori* bennian* napi havi
        gunluk aylik
    """,
}
"""What a register is of its quantity."""

BARRED: Final = {
    "neutral": """
        en: neutral neutr neut ntrl neutre* neutro* neutraal neutral*
        de: nullleiter* nulleiter* neutralleiter* nullstrom
        nordic: nolla* nollavirta nollejohdin nuljohdin nolled*
        other: nul nulovy neutralny lingxian* zhongxing* lingxu*
    """,
    "ground": """
        en: omopolar* homopolar* ground gnd earth earthing residual leak leakage rcm rcd
        de: erde erd* fehlerstrom* differenzstrom* ableitstrom* erdschluss*
        romance: terre tierra terra fuga fuite* differentiel* diferencial* differenz* dispers* residu*
        nl.nordic: aarde aard* lek* jord jord* jordfel* maasulku* vikavirta* vuotovirta*
        other: uziem* uplyw* loudian* jiedi* shengyu*
    """,
    "power factor": """
        en: pf powerfactor powerfact pwrfactor pwrfctr pfactor cosphi cosfi cosphii cosinus cos phi dpf factor
        factr lambda
        de: leistungsfaktor* verschiebungsfaktor faktor
        romance: facteur facteurs factor fattore* fator* facteurdepuissance fp fdp cosenophi
        nl.nordic: arbeidsfactor vermogensfactor effektfaktor* tehokerroin* kerroin cosfii
        other: wspolczynnik* ucinik* ucinnik* faktor* gonglvyinshu* gonglvyinsu* gonglvyin* yinshu *yinshu
    """,
    "frequency": """
        en: freq frequency frq hz hertz frequenc*
        other: frequenz* netzfrequenz frequenza frecuencia* frec frequencia* frekven* taajuus* czestotl*
        kmitoc* pinlv* *pinlv* pinlu*
    """,
    "distortion": """
        en: thd thdu thdi thdv tdd harmonic* harm harmonics distortion kfactor crest flicker
        other: oberschw* klirr* harmoni* armonic* harmonisk* yliaalt* overton* zniekszt* xiebo* *xiebo* jibian*
    """,
    "unbalance": """
        en: unbal* imbal* asymm* unsymm* symm*
        other: desequil* deseq* squilib* dissimm* desbal* onbalans obalans* ubalan* epasymm* asymetr*
        nesymetr* bupingheng*
    """,
    "angle": """
        en: angle angles phaseangle ang rotation sequence phaseseq phasesequence seq
        other: winkel* *winkel drehfeld* angul* angol* hoek *hoek vinkel* kulma* kat uhel* jiaodu* xiangjiao*
        xiangxu* ordredesphases
    """,
    "rating": """
        en: rated rating ratings nominal nom nominl capacity contract contracted subscribed
        de: nenn* *nenn bemessung* anschlusswert*
        romance: calibre* taratura reglage assign* nominal* souscrit* contrat* contrac*
        nl.nordic: nominaal nominale nominell* markdata nimellis*
        other: znamion* jmenovit* eding* eding
    """,
    "transformer ratio": """
        en: ct vt cts vts ctratio vtratio ptratio ratio ratios transratio
        other: wandler* *wandler ubersetz* uebersetz* rapport rapporto relacion relacao muuntosuhde beilv* bianbi*
    """,
    "direct": """
        en: dc dcbus dclink dcvolt dcvoltage battery batt bat batteries
        other: gleichsp* gleichstr* gleichs* zwischenkreis* batterie* *batterie akku* bateria* batteria*
        continua accu accus akku zhiliu* dianchi*
    """,
    "drive": """
        en: softstarter starter atv acs550 vlt vfd vsd drive drives vfds vsds asd
        other: umrichter* *umrichter fu frequenzumf* inversor inversores convertidor* convertitore* conversor*
        variatore* arrancador* demarreur* *omvormer omvormer* variateur* variador* vdf azionam*
        frequentieregel*
        toerenregel* frekvensomr* frekvensomform* taajuusmuut* falownik* menic* bianpin*
    """,
    "one direction": """
        en: ind inductive cap capac capacitive lag lagging lead leading kvarl kvari kvarhl
        de: induktiv* kap kapaz kapazitiv*
        romance: inductiv* inductif* inductiva selfique capacitif* capacitiv* induttiv* capacitat* indutiv*
        nl.nordic: inductief* capacitief* kapacitiv* induktiivi* kapasitiivi* kapasitiv*
        other: indukcyjn* pojemnosc* induktivni kapacitni ganxing* rongxing* enduktif kapasitif
    """,
    "half register": "en: hi lo hiword loword highword lowword word msw lsw hword lword reg register registers",
    "solar": """
        en: chp cogen* bhkw wkk kwk pv solar photovolt* fotovolt* pvplant inverter inverters
        other: wechselrichter* fotowolt* zonne* zonnepanel* zon solcell* solenergi* aurinko* onduleur*
        guangfu* *guangfu*
    """,
}
"""What takes a point away from the packet's fields, whatever its unit."""
