"""Languages whose words are met in the field, made up for these tests; see schools.py for the form."""

from typing import Final

LANGUAGES: Final = {
    "Elcentral SE": """
        v_1 | EM1 Spänning L1-N |  | V
        v_2 | EM1 Spänning L2-N |  | V
        v_3 | EM1 Spänning L3-N |  | V
        v_12 | EM1 Huvudspänning L1-L2 |  | V
        c_1 | EM1 Ström L1 |  | A
        c_2 | EM1 Ström L2 |  | A
        c_3 | EM1 Ström L3 |  | A
        - | EM1 Ström N |  | A
        aP_1 | EM1 Aktiv effekt total |  | kW
        rP_1 | EM1 Reaktiv effekt total |  | kVAr
        apP_1 | EM1 Skenbar effekt total |  | kVA
        - | EM1 Effektfaktor
        - | EM1 Frekvens |  | Hz
        pC_1 | EM1 Aktiv energi import |  | kWh
        - | EM1 Aktiv energi export |  | kWh
        - | EM1 Reaktiv energi import |  | kVArh
        - | EM1 Toppeffekt månad |  | kW
        - | EM1 Energi förra månaden |  | kWh
        pC_1 | Laddstolpe 4 | Laddstolpe 4 mätarställning | kWh
        pC_1 | Belysning plan 2 | Elmätare belysning plan 2 | kWh
        value | VMM1 Energi | Värmemängdsmätare 1 energi | MWh
        value | VS1 GT11 | Framledningstemperatur | °C
        - | VS1 GT11 BB | Beräknat börvärde framledning | °C | AV
        - | Solceller energi | Solceller producerad energi | kWh
    """,
    "Rozvaděč CZ": """
        v_1 | RH1.U1 | Napětí fáze L1 | V
        v_2 | RH1.U2 | Napětí fáze L2 | V
        v_3 | RH1.U3 | Napětí fáze L3 | V
        v_12 | RH1.U12 | Sdružené napětí L1-L2 | V
        c_1 | RH1.I1 | Proud L1 | A
        c_2 | RH1.I2 | Proud L2 | A
        c_3 | RH1.I3 | Proud L3 | A
        - | RH1.IN | Proud nulovým vodičem | A
        aP_1 | RH1.P | Činný výkon celkový | kW
        rP_1 | RH1.Q | Jalový výkon celkový | kVAr
        apP_1 | RH1.S | Zdánlivý výkon celkový | kVA
        - | RH1.PF | Účiník
        - | RH1.f | Frekvence | Hz
        pC_1 | RH1.EP | Činná energie odběr | kWh
        - | RH1.EPd | Činná energie dodávka | kWh
        - | RH1.EQ | Jalová energie | kVArh
        - | RH1.Pmax | Maximální čtvrthodinový výkon | kW
        - | RH1.EPvt | Činná energie vysoký tarif | kWh
        value | UT1.E | Měřič tepla - energie | GJ
        value | UT1.T1 | Teplota přívod | °C
        - | UT1.T1z | Teplota přívod žádaná | °C | AV
        value | VDM1 | Vodoměr studená voda | m³
        value | CER1 | Čerpadlo 1 chod |  | BI
        - | CER1P | Čerpadlo 1 porucha |  | BI
    """,
    "Cuadro Eléctrico ES": """
        v_1 | AR1.V1 | Tensión fase 1 | V
        v_2 | AR1.V2 | Tensión fase 2 | V
        v_3 | AR1.V3 | Tensión fase 3 | V
        c_1 | AR1.A1 | Intensidad fase 1 | A
        c_2 | AR1.A2 | Intensidad fase 2 | A
        c_3 | AR1.A3 | Intensidad fase 3 | A
        aP_1 | AR1.kW1 | Potencia activa fase 1 | kW
        aP_2 | AR1.kW2 | Potencia activa fase 2 | kW
        aP_3 | AR1.kW3 | Potencia activa fase 3 | kW
        - | AR1.kWIII | Potencia activa trifásica | kW
        - | AR1.kvarLIII | Potencia inductiva trifásica | kVAr
        - | AR1.PFIII | Factor de potencia trifásico
        pC_1 | AR1.kWhIII | Energía activa consumida | kWh
        - | AR1.kWhIIIg | Energía activa generada | kWh
        - | AR1.kvarhL | Energía reactiva inductiva | kVArh
        - | AR1.Md | Máxima demanda | kW
        pC_1 | AR2 | Tomas de corriente planta 2, energía | kWh
        pC_1 | AR3 | Ascensores, energía activa | kWh
        - | AR4 | Energía activa punta | kWh
        - | AR5 | Energía estimada oficinas | kWh
        value | CF | Contador agua fría | m³
    """,
    "QGBT PT": """
        v_12 | QG.Uab | Tensão composta AB | V
        v_23 | QG.Ubc | Tensão composta BC | V
        v_13 | QG.Uca | Tensão composta CA | V
        c_1 | QG.Ia | Corrente fase A | A
        c_2 | QG.Ib | Corrente fase B | A
        c_3 | QG.Ic | Corrente fase C | A
        aP_1 | QG.P | Potência ativa total | kW
        rP_1 | QG.Q | Potência reativa total | kVAr
        apP_1 | QG.S | Potência aparente total | kVA
        - | QG.FP | Fator de potência
        pC_1 | QG.Ea | Energia ativa consumida | kWh
        - | QG.Eaf | Energia ativa fornecida | kWh
        - | QG.Eponta | Energia ativa ponta | kWh
        - | QG.Dem | Demanda ativa | kW
        pC_1 | QIL.E | Iluminação piso 1 energia | kWh
    """,
    "Quadro IT": """
        v_1 | UL1N | Tensione di fase L1 | V
        v_2 | UL2N | Tensione di fase L2 | V
        v_3 | UL3N | Tensione di fase L3 | V
        v_12 | UL12 | Tensione concatenata L1-L2 | V
        c_1 | IL1 | Corrente L1 | A
        c_2 | IL2 | Corrente L2 | A
        c_3 | IL3 | Corrente L3 | A
        aP_1 | PTOT | Potenza attiva totale | kW
        rP_1 | QTOT | Potenza reattiva totale | kVAr
        apP_1 | STOT | Potenza apparente totale | kVA
        - | COSFI | Fattore di potenza
        pC_1 | EAP | Energia attiva prelevata | kWh
        - | EAI | Energia attiva immessa | kWh
        - | EAF1 | Energia attiva fascia F1 | kWh
        - | EAPREC | Energia attiva mese precedente | kWh
        - | PMEDIA | Potenza attiva media 15 minuti | kW
    """,
    "Sähkökeskus FI": """
        v_1 | PK_MIT.U1 | Vaihejännite L1 | V
        v_2 | PK_MIT.U2 | Vaihejännite L2 | V
        v_3 | PK_MIT.U3 | Vaihejännite L3 | V
        c_1 | PK_MIT.I1 | Vaihevirta L1 | A
        c_2 | PK_MIT.I2 | Vaihevirta L2 | A
        c_3 | PK_MIT.I3 | Vaihevirta L3 | A
        aP_1 | PK_MIT.P | Pätöteho yhteensä | kW
        rP_1 | PK_MIT.Q | Loisteho yhteensä | kVAr
        apP_1 | PK_MIT.S | Näennäisteho yhteensä | kVA
        - | PK_MIT.PF | Tehokerroin
        pC_1 | PK_MIT.E | Pätöenergia kulutus | kWh
        - | PK_MIT.ET | Pätöenergia tuotanto | kWh
        - | PK_MIT.EE | Energia edellinen kuukausi | kWh
        value | LTO_TE | Tuloilman lämpötila | °C
        - | LTO_TE_AS | Tuloilman lämpötilan asetusarvo | °C | AV
        value | KV_MIT | Kylmävesimittari | m³
    """,
    "Tavle DK": """
        v_1 | HT.U1 | Spænding L1 | V
        v_2 | HT.U2 | Spænding L2 | V
        v_3 | HT.U3 | Spænding L3 | V
        c_1 | HT.I1 | Strøm L1 | A
        c_2 | HT.I2 | Strøm L2 | A
        c_3 | HT.I3 | Strøm L3 | A
        aP_1 | HT.P | Aktiv effekt i alt | kW
        pC_1 | HT.E | Aktiv energi forbrug | kWh
        - | HT.EX | Aktiv energi leveret til net | kWh
        - | HT.RCM | Fejlstrøm | mA
        value | FVM.E | Fjernvarmemåler energi | MWh
        value | FVM.V | Fjernvarmemåler volumen | m³
    """,
    "Tavle NO": """
        v_12 | HF.U12 | Linjespenning L1-L2 | V
        v_23 | HF.U23 | Linjespenning L2-L3 | V
        v_13 | HF.U31 | Linjespenning L3-L1 | V
        c_1 | HF.I1 | Strøm L1 | A
        c_2 | HF.I2 | Strøm L2 | A
        c_3 | HF.I3 | Strøm L3 | A
        aP_1 | HF.P | Aktiv effekt | kW
        rP_1 | HF.Q | Reaktiv effekt | kVAr
        pC_1 | HF.E | Aktiv energi inn forbruk | kWh
        - | HF.JF | Jordfeilstrøm | mA
        pC_1 | LS1 | Ladestasjon 1 energi | kWh
        value | VM1 | Vannmåler kaldtvann | m³
    """,
    "Főelosztó HU": """
        v_1 | FE.U1 | Feszültség L1 | V
        v_2 | FE.U2 | Feszültség L2 | V
        v_3 | FE.U3 | Feszültség L3 | V
        c_1 | FE.I1 | Áramerősség L1 | A
        c_2 | FE.I2 | Áramerősség L2 | A
        c_3 | FE.I3 | Áramerősség L3 | A
        aP_1 | FE.P | Összes hatásos teljesítmény | kW
        rP_1 | FE.Q | Összes meddő teljesítmény | kVAr
        apP_1 | FE.S | Összes látszólagos teljesítmény | kVA
        - | FE.PF | Teljesítménytényező
        pC_1 | FE.E | Hatásos energia vételezett | kWh
        - | FE.EX | Hatásos energia visszatáplált | kWh
        - | FE.H | Havi fogyasztás | kWh
    """,
    "Rozdzielnica PL": """
        v_1 | A2/UL1 | Napięcie fazowe L1 | V
        v_2 | A2/UL2 | Napięcie fazowe L2 | V
        v_3 | A2/UL3 | Napięcie fazowe L3 | V
        c_1 | A2/IL1 | Prąd L1 | A
        c_2 | A2/IL2 | Prąd L2 | A
        c_3 | A2/IL3 | Prąd L3 | A
        aP_1 | A2/PS | Moc czynna suma | kW
        rP_1 | A2/QS | Moc bierna suma | kVAr
        apP_1 | A2/SS | Moc pozorna suma | kVA
        - | A2/P15 | Moc czynna średnia 15-minutowa | kW
        - | A2/Pum | Moc umowna | kW | AV
        pC_1 | A2/EPpob | Energia czynna pobrana | kWh
        - | A2/EPodd | Energia czynna oddana | kWh
        pC_1 | WIN1/E | Winda 1 - stan licznika | kWh
        - | EV1/Es | Ładowarka EV 1 - energia sesji | kWh
        pC_1 | EV1/Ec | Ładowarka EV 1 - energia całkowita | kWh
        valid_when | A2/KOM | Brak komunikacji z analizatorem |  | BI | OK/Brak
        value | WZ3 | Wodomierz główny | m³
        value | WZ4 | Wodomierz podlewanie
    """,
    "Pano TR": """
        v_1 | P1.VLN1 | Faz-Nötr Gerilim L1 | V
        v_2 | P1.VLN2 | Faz-Nötr Gerilim L2 | V
        v_3 | P1.VLN3 | Faz-Nötr Gerilim L3 | V
        v_12 | P1.VLL12 | Fazlar Arası Gerilim L1-L2 | V
        c_1 | P1.I1 | Akım L1 | A
        c_2 | P1.I2 | Akım L2 | A
        c_3 | P1.I3 | Akım L3 | A
        - | P1.I0 | Nötr Akımı | A
        aP_1 | P1.PT | Toplam Aktif Güç | kW
        rP_1 | P1.QT | Toplam Reaktif Güç | kVAr
        apP_1 | P1.ST | Toplam Görünür Güç | kVA
        - | P1.GF | Güç Faktörü
        pC_1 | P1.EIMP | Aktif Enerji Tüketim | kWh
        - | P1.EEXP | Aktif Enerji Üretim | kWh
        - | P1.DEM | Aktif Güç Demand | kW
        valid_when | P1.HAB | Analizör haberleşme arızası |  | BI | Yok/Var
        - | MGZ4 T1 GUNDUZ |  | kWh
        - | MGZ4 T2 PUANT |  | kWh
        - | MGZ4 T3 GECE |  | kWh
        value | KAL2_ENERJI | Kalorimetre 2 enerji | kWh
        value | DEPO2 | Yakıt deposu seviyesi | %
        value | KS2_VANA_GB | Vana konum geri bildirimi | %
        - | KS2_SET | Sıcaklık ayarı | °C | AV
    """,
    "Verdeler NL": """
        v_1 | HVK.U1 | Spanning L1-N | V
        v_2 | HVK.U2 | Spanning L2-N | V
        v_3 | HVK.U3 | Spanning L3-N | V
        c_1 | HVK.I1 | Stroom L1 | A
        c_2 | HVK.I2 | Stroom L2 | A
        c_3 | HVK.I3 | Stroom L3 | A
        aP_1 | HVK.P | Actief vermogen totaal | kW
        rP_1 | HVK.Q | Reactief vermogen totaal | kVAr
        - | HVK.PF | Arbeidsfactor
        pC_1 | HVK.E1 | Actieve energie afname | kWh
        - | HVK.E2 | Actieve energie teruglevering | kWh
        - | HVK.EM | Verbruik deze maand | kWh
        pC_1 | WCD2 | Wandcontactdozen verdieping 2 kWh | kWh
        - | PV1 | Zonnepanelen opbrengst | kWh
        - | LP3 | Laadpaal 3 energie laadsessie | kWh
    """,
}
