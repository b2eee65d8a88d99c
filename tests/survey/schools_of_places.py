"""Controllers and panels from many places, made up for these tests; see schools.py for the form."""

from typing import Final

PLACES: Final = {
    "ALC G5": """
        - | #elec_mtr_1/kw | Electric Meter 1 Demand kW now | kW
        pC_1 | #elec_mtr_1/kwh | Electric Meter 1 kWh | kWh
        v_12 | #elec_mtr_1/v_ab | Electric Meter 1 Volts A-B | V
        v_23 | #elec_mtr_1/v_bc | Electric Meter 1 Volts B-C | V
        v_13 | #elec_mtr_1/v_ca | Electric Meter 1 Volts C-A | V
        c_1 | #elec_mtr_1/amps_a | Electric Meter 1 Amps A | A
        c_2 | #elec_mtr_1/amps_b | Electric Meter 1 Amps B | A
        c_3 | #elec_mtr_1/amps_c | Electric Meter 1 Amps C | A
        - | #elec_mtr_1/pk_kw | Electric Meter 1 Peak kW | kW
        value | #gas_mtr/cf | Gas Meter Usage | ft3
        value | #zn_temp_101 | Zone Temp 101 | °F
        - | #htg_sp_101 | Heating setpoint 101 | °F | AV
    """,
    "Distech ECY": """
        c_1 | Meter1_Current_PhA |  | A
        c_2 | Meter1_Current_PhB |  | A
        c_3 | Meter1_Current_PhC |  | A
        v_1 | Meter1_Voltage_PhA |  | V
        v_2 | Meter1_Voltage_PhB |  | V
        v_3 | Meter1_Voltage_PhC |  | V
        aP_1 | Meter1_kW_PhA |  | kW
        aP_2 | Meter1_kW_PhB |  | kW
        aP_3 | Meter1_kW_PhC |  | kW
        - | Meter1_kW_Total |  | kW
        pC_1 | Meter1_kWh_Total |  | kWh
        - | Meter1_PF_Total |
        valid_when | Meter1_Online |  |  | BV | Offline/Online
    """,
    "QGBT BR": """
        v_1 | QGBT-01_Tensao_RN |  | V
        v_2 | QGBT-01_Tensao_SN |  | V
        v_3 | QGBT-01_Tensao_TN |  | V
        c_1 | QGBT-01_Corr_R |  | A
        c_2 | QGBT-01_Corr_S |  | A
        c_3 | QGBT-01_Corr_T |  | A
        aP_1 | QGBT-01_Pot_Ativa_R |  | kW
        aP_2 | QGBT-01_Pot_Ativa_S |  | kW
        aP_3 | QGBT-01_Pot_Ativa_T |  | kW
        - | QGBT-01_Pot_Ativa_Total |  | kW
        rP_1 | QGBT-01_Pot_Reat_Total |  | kVAr
        pC_1 | QGBT-01_Energia_Ativa |  | kWh
        - | QGBT-01_Energia_Reat |  | kVArh
        - | QGBT-01_FP |
        - | QGBT-01_Dem_Max |  | kW
        pC_1 | QDL-02_Energia_Ativa |  | kWh
        pC_1 | QDF-03_Energia_Ativa |  | kWh
    """,
    "Hospital UK": """
        pC_1 | EM01 Essential DB Ward 3 kWh |  | kWh
        aP_1 | EM01 Essential DB Ward 3 kW |  | kW
        pC_1 | EM02 Non-Essential DB Ward 3 kWh |  | kWh
        aP_1 | EM02 Non-Essential DB Ward 3 kW |  | kW
        pC_1 | EM03 MRI Chiller kWh | Electricity meter | kWh
        value | HM01 LTHW Ward Block Heat kWh | Heat meter | kWh
        value | HM01 LTHW Ward Block Flow Temp |  | °C
        value | GM01 Boilerhouse Gas |  | m³
        value | WM01 Cold Water Tank Room |  | m³
        - | WM01 Leak Alarm |  |  | BI
        value | Theatre 1 RH |  | %RH
        value | Theatre 1 Pressure |  | Pa
        - | Theatre 1 Pressure SP |  | Pa | AV
        value | Medical oxygen tank level |  | %
        value | CHWP1 Run |  |  | BI | Off/On
        - | CHWP1 VSD speed cmd |  | %
        value | CHWP1 VSD speed feedback |  | %
        - | CHWP1 VSD current |  | A
    """,
    "KR gateway": """
        v_12 | LV-1_VRS | R-S line voltage | V
        v_23 | LV-1_VST | S-T line voltage | V
        v_13 | LV-1_VTR | T-R line voltage | V
        c_1 | LV-1_AR | R current | A
        c_2 | LV-1_AS | S current | A
        c_3 | LV-1_AT | T current | A
        aP_1 | LV-1_KW | Active power | kW
        rP_1 | LV-1_KVAR | Reactive power | kVAr
        - | LV-1_PF | Power factor | %
        - | LV-1_HZ | Frequency | Hz
        pC_1 | LV-1_KWH | Watt hour | kWh
        - | LV-1_KVARH | Var hour | kVArh
        - | LV-1_OCR | Over current relay |  | BI
        - | LV-1_PEAK | Peak power | kW
    """,
    "Slovak": """
        v_1 | RH.U1 | Napätie L1 | V
        v_2 | RH.U2 | Napätie L2 | V
        v_3 | RH.U3 | Napätie L3 | V
        c_1 | RH.I1 | Prúd L1 | A
        c_2 | RH.I2 | Prúd L2 | A
        c_3 | RH.I3 | Prúd L3 | A
        aP_1 | RH.P | Činný výkon spolu | kW
        rP_1 | RH.Q | Jalový výkon spolu | kVAr
        pC_1 | RH.E | Činná energia odber | kWh
        - | RH.ED | Činná energia dodávka | kWh
        - | RH.EM | Spotreba za minulý mesiac | kWh
        value | VODA | Vodomer hlavný | m³
        value | TEPLO | Merač tepla energia | GJ
        - | TZ | Žiadaná teplota | °C | AV
        value | T1 | Teplota prívodu | °C
    """,
    "Estonian": """
        v_1 | PJK.U1 | Pinge L1 | V
        v_2 | PJK.U2 | Pinge L2 | V
        v_3 | PJK.U3 | Pinge L3 | V
        c_1 | PJK.I1 | Vool L1 | A
        c_2 | PJK.I2 | Vool L2 | A
        c_3 | PJK.I3 | Vool L3 | A
        aP_1 | PJK.P | Aktiivvõimsus kokku | kW
        rP_1 | PJK.Q | Reaktiivvõimsus kokku | kVAr
        pC_1 | PJK.E | Aktiivenergia import | kWh
        - | PJK.EX | Aktiivenergia eksport | kWh
    """,
    "Socomec Countis": """
        v_1 | E44.Simple voltage: V1 |  | V
        v_2 | E44.Simple voltage: V2 |  | V
        v_3 | E44.Simple voltage: V3 |  | V
        v_12 | E44.Phase to Phase Voltage: U12 |  | V
        v_23 | E44.Phase to Phase Voltage: U23 |  | V
        v_13 | E44.Phase to Phase Voltage: U31 |  | V
        c_1 | E44.Current : I1 |  | A
        c_2 | E44.Current : I2 |  | A
        c_3 | E44.Current : I3 |  | A
        - | E44.Neutral Current: In |  | A
        aP_1 | E44.Sigma Active Power +/- : P |  | kW
        rP_1 | E44.Sigma Reactive Power +/- : Q |  | kVAr
        apP_1 | E44.Sigma Apparent Power : S |  | kVA
        - | E44.Sigma Power Factor |
        pC_1 | E44.Total Positive Active Energy: Ea+ |  | kWh
        - | E44.Total Negative Active Energy: Ea- |  | kWh
        - | E44.Partial Positive Active Energy: Ea+ |  | kWh
    """,
    "Raritan PX": """
        c_1 | PX-A12 Inlet I1 L1 RMS Current |  | A
        c_2 | PX-A12 Inlet I1 L2 RMS Current |  | A
        c_3 | PX-A12 Inlet I1 L3 RMS Current |  | A
        v_12 | PX-A12 Inlet I1 L1-L2 RMS Voltage |  | V
        v_23 | PX-A12 Inlet I1 L2-L3 RMS Voltage |  | V
        v_13 | PX-A12 Inlet I1 L3-L1 RMS Voltage |  | V
        aP_1 | PX-A12 Inlet I1 Active Power |  | W
        apP_1 | PX-A12 Inlet I1 Apparent Power |  | VA
        pC_1 | PX-A12 Inlet I1 Active Energy |  | Wh
        - | PX-A12 Inlet I1 Power Factor |
        - | PX-A12 Inlet I1 Unbalanced Current |  | %
        - | PX-A12 Inlet I1 Residual Current |  | mA
        aP_1 | PX-A12 Outlet 1 Active Power |  | W
        pC_1 | PX-A12 Outlet 1 Active Energy |  | Wh
        aP_1 | PX-A12 Outlet 2 Active Power |  | W
        pC_1 | PX-A12 Outlet 2 Active Energy |  | Wh
    """,
    "Spanish hotel": """
        pC_1 | ANR-01 Energía | Analizador cuadro cocina, energía activa | kWh
        aP_1 | ANR-01 Potencia | Analizador cuadro cocina, potencia activa | kW
        pC_1 | ANR-02 Energía | Analizador enfriadora 1, energía activa | kWh
        aP_1 | ANR-02 Potencia | Analizador enfriadora 1, potencia activa | kW
        value | CEN-01 Energía | Contador de frigorías circuito fancoils | kWh
        value | CEN-02 Energía | Contador de energía térmica ACS | kWh
        value | CAG-01 | Contador de agua general | m³
        - | ANR-01 Energía día | Analizador cuadro cocina, energía día | kWh
        - | ANR-01 Energía coste | Analizador cuadro cocina, coste energía | kWh
        valid_when | ANR-01 Com | Fallo comunicación analizador cuadro cocina |  | BI | No/Sí
        - | FOT-01 Energía | Producción fotovoltaica | kWh
    """,
    "Fjernvarme": """
        value | FV.E | Fjernvarme energi | MWh
        value | FV.TF | Fremløb temperatur | °C
        value | FV.TR | Returløb temperatur | °C
        - | FV.DT | Afkøling | K
        value | FV.Q | Flow | m³/h
        - | FV.TFsp | Fremløb ønsket temperatur | °C | AV
        - | FV.Emax | Maks effekt | kW
        value | BV.V | Brugsvandsmåler | m³
        - | P1.h | Driftstimer pumpe | h
        value | P1.D | Pumpe drift |  | BI
        - | P1.A | Pumpe alarm |  | BI
        - | V1.S | Styresignal ventil | %
    """,
    "US AHU": """
        value | AHU-3 SA-T | Supply Air Temp | °F
        - | AHU-3 SA-SP | Supply Air Temp Setpoint | °F | AV
        value | AHU-3 MA-T | Mixed Air Temp | °F
        - | AHU-3 MA-D | Mixed Air Damper | %
        - | AHU-3 CLG-O | Cooling output | %
        value | AHU-3 SF-S | Supply Fan Status |  | BI | Off/On
        - | AHU-3 SF-C | Supply Fan Command |  | BV | Off/On
        - | AHU-3 SF-VFD kW | VFD Output Power | kW
        - | AHU-3 SF-VFD kWh | VFD Energy | kWh
        - | AHU-3 SF-VFD Amps | VFD Output Current | A
        value | AHU-3 DA-P | Duct Static Pressure | inH2O
        - | AHU-3 DA-P SP | Duct Static Pressure Setpoint | inH2O | AV
        value | AHU-3 OA-F | Outside Air Flow | cfm
        - | AHU-3 Occ | Occupied |  | BV
        - | AHU-3 Enthalpy | Outside enthalpy | °F
    """,
    "Zentrale DE": """
        pC_1 | E01_WA | Wirkarbeit Allgemeinstrom | kWh
        aP_1 | E01_WL | Wirkleistung Allgemeinstrom | kW
        pC_1 | E02_WA | Wirkarbeit Lüftung | kWh
        pC_1 | E03_WA | Wirkarbeit Küche | kWh
        - | E04_WA | Wirkarbeit PV-Anlage | kWh
        - | E05_WA | Wirkarbeit Wärmepumpe errechnet | kWh
        pC_1 | E06_WA | Wirkarbeit Wärmepumpe | kWh
        value | W01_WM | Wärmemenge Heizkreis Süd | MWh
        - | W01_WL | Leistung max Heizkreis Süd | kW
        value | W02_WM | Wärmemenge Trinkwarmwasser | MWh
        value | K01_KM | Kältemenge Serverraum | MWh
        value | G01 | Gaszähler Kessel | m³
        - | G01_BW | Brennwert Gas | kWh
        - | Z01 | Zähler 01 | kWh
        - | LAST | Lastspitze | kW
        - | SPAR | Einsparung Strom | kWh
    """,
    "NL utiliteit": """
        pC_1 | KWH01 | kWh-meter verlichting 1e verdieping | kWh
        pC_1 | KWH02 | kWh-meter krachtgroep liften | kWh
        pC_1 | KWH03 | kWh-meter warmtepomp | kWh
        - | KWH04 | kWh-meter zonnepanelen | kWh
        value | GJ01 | Warmtemeter energie | GJ
        value | GJ02 | Koudemeter energie | GJ
        value | M301 | Gasmeter | m³
        value | M302 | Watermeter | m³
        value | TT01 | Aanvoertemperatuur CV | °C
        - | TT01SP | Gewenste aanvoertemperatuur CV | °C | AV
        - | KWH01D | kWh-meter verlichting vandaag | kWh
    """,
    "IT stabilimento": """
        pC_1 | QE1.EA | Energia attiva quadro prese | kWh
        aP_1 | QE1.P | Potenza attiva quadro prese | kW
        pC_1 | QE2.EA | Energia attiva quadro luci | kWh
        - | QE2.ER | Energia reattiva quadro luci | kVArh
        pC_1 | QE3.EA | Energia attiva ascensori | kWh
        value | CT1 | Contatore calore energia termica | kWh
        value | CF1 | Contatore frigorie | kWh
        value | CG1 | Contatore gas metano | m³
        value | CA1 | Contatore acqua | m³
        - | FV1 | Energia prodotta fotovoltaico | kWh
        - | QE1.PM | Potenza media 15 min quadro prese | kW
        - | QE1.PC | Potenza contrattuale | kW | AV
        value | UTA1.TM | Temperatura mandata | °C
        - | UTA1.TMSP | Temperatura mandata desiderata | °C | AV
        valid_when | QE1.COM | Comunicazione strumento QE1 |  | BI | Errore/OK
    """,
}
