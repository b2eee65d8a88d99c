"""Names as schools of naming write them, made up for these tests: the wanted field, then what the device says.

A line is `field | name | description | unit | type | states | value`; `-` where nothing is to be proposed.
"""

from typing import Final

SCHOOLS: Final = {
    "PXC Siemens HVT1": """
        v_1 | HV1.PAC3200.U_L1N | Spannung UL1-N | V
        v_2 | HV1.PAC3200.U_L2N | Spannung UL2-N | V
        v_3 | HV1.PAC3200.U_L3N | Spannung UL3-N | V
        v_12 | HV1.PAC3200.U_L12 | Spannung UL1-UL2 | V
        v_23 | HV1.PAC3200.U_L23 | Spannung UL2-UL3 | V
        v_13 | HV1.PAC3200.U_L31 | Spannung UL3-UL1 | V
        c_1 | HV1.PAC3200.I_L1 | Strom L1 | A
        c_2 | HV1.PAC3200.I_L2 | Strom L2 | A
        c_3 | HV1.PAC3200.I_L3 | Strom L3 | A
        - | HV1.PAC3200.I_N | Neutralleiterstrom | A
        aP_1 | HV1.PAC3200.P_ges | Gesamtwirkleistung | kW
        rP_1 | HV1.PAC3200.Q_ges | Gesamtblindleistung | kVAr
        apP_1 | HV1.PAC3200.S_ges | Gesamtscheinleistung | kVA
        - | HV1.PAC3200.LF | Leistungsfaktor gesamt
        - | HV1.PAC3200.Wp_Bez_T1 | Wirkenergie Bezug Tarif 1 | kWh
        - | HV1.PAC3200.Wp_Bez_T2 | Wirkenergie Bezug Tarif 2 | kWh
        - | HV1.PAC3200.Wp_Abg_T1 | Wirkenergie Abgabe Tarif 1 | kWh
        valid_when | HV1.PAC3200.Komm | Kommunikation PAC3200 |  | BI | gestört/ok
        pC_1 | HV1.Zlr2.kWh | Zähler Strom Küche | kWh
    """,
    "PXC3 Heizung": """
        value | Geb1'HGrp01'TVl | Vorlauftemperatur Heizgruppe 1 | °C
        - | Geb1'HGrp01'TVl'Spv | Vorlauftemperatur Sollwert aktuell | °C | AV
        value | Geb1'HGrp01'TRl | Rücklauftemperatur Heizgruppe 1 | °C
        value | Geb1'Ahu01'TZul | Zulufttemperatur | °C
        value | Geb1'Ahu01'dpFil | Differenzdruck Filter Zuluft | Pa
        value | Geb1'Ahu01'FVent | Volumenstrom Zuluft | m³/h
        value | Geb1'Ahu01'VntZul'St | Zuluftventilator Betriebsmeldung |  | BI | Aus/Ein
        - | Geb1'Ahu01'VntZul'Flt | Zuluftventilator Störung |  | BI
        - | Geb1'Ahu01'VntZul'Cmd | Zuluftventilator Schaltbefehl |  | BO
        value | Geb1'Ahu01'Betrart | Betriebsart aktuell |  | MI
        value | Geb1'HGrp01'VlvPos | Stellungsrückmeldung Ventil | %
        - | Geb1'HGrp01'Vlv | Ventil Stellsignal | % | AO
        value | Geb1'WMZ'Q | Wärmezähler Energie | MWh
        value | Geb1'WMZ'P | Wärmezähler Leistung | kW
        value | Geb1'TAu | Aussentemperatur | °C
        - | Geb1'TAuMit | Aussentemperatur gemittelt | °C
        value | Geb1'KWZ | Kaltwasserzähler | m³
        - | Geb1'P1'h | Betriebsstunden Pumpe | h
    """,
    "DIRIS A40 TGBT": """
        v_1 | V1 | Tension simple V1 | V
        v_2 | V2 | Tension simple V2 | V
        v_3 | V3 | Tension simple V3 | V
        v_12 | U12 | Tension composée U12 | V
        v_23 | U23 | Tension composée U23 | V
        v_13 | U31 | Tension composée U31 | V
        c_1 | I1 | Courant I1 | A
        c_2 | I2 | Courant I2 | A
        c_3 | I3 | Courant I3 | A
        - | In | Courant de neutre | A
        - | Isyst | Courant moyen | A
        aP_1 | P1 | Puissance active phase 1 | kW
        aP_2 | P2 | Puissance active phase 2 | kW
        aP_3 | P3 | Puissance active phase 3 | kW
        - | ∑P | Puissance active totale | kW
        rP_1 | ∑Q | Puissance réactive totale | kVAr
        apP_1 | ∑S | Puissance apparente totale | kVA
        - | ∑PF | Facteur de puissance
        - | P+ max | Puissance active max | kW
        - | P pred | Puissance active prédictive | kW
        pC_1 | Ea+ | Energie active positive | kWh
        - | Ea- | Energie active négative | kWh
        - | Ea+ part | Energie active positive partielle | kWh
        - | Er+ | Energie réactive positive | kVArh
        - | Heures | Compteur horaire | h
        - | THD U1 |  | %
    """,
    "Digiware D50": """
        c_1 | I-35 Load 1 I1 | Load 1 - Current I1 | A
        c_2 | I-35 Load 1 I2 | Load 1 - Current I2 | A
        c_3 | I-35 Load 1 I3 | Load 1 - Current I3 | A
        aP_1 | I-35 Load 1 P | Load 1 - Total active power | kW
        pC_1 | I-35 Load 1 Ea+ | Load 1 - Total positive active energy | kWh
        c_1 | I-35 Load 2 I1 | Load 2 - Current I1 | A
        c_2 | I-35 Load 2 I2 | Load 2 - Current I2 | A
        c_3 | I-35 Load 2 I3 | Load 2 - Current I3 | A
        aP_1 | I-35 Load 2 P | Load 2 - Total active power | kW
        pC_1 | I-35 Load 2 Ea+ | Load 2 - Total positive active energy | kWh
        v_1 | U-30 V1 | Phase to neutral voltage V1 | V
        v_2 | U-30 V2 | Phase to neutral voltage V2 | V
        v_3 | U-30 V3 | Phase to neutral voltage V3 | V
        v_12 | U-30 U12 | Phase to phase voltage U12 | V
    """,
    "Cuadro General": """
        v_12 | CGBT_VRS | Tensión RS | V
        v_23 | CGBT_VST | Tensión ST | V
        v_13 | CGBT_VTR | Tensión TR | V
        v_1 | CGBT_VRN | Tensión RN | V
        v_2 | CGBT_VSN | Tensión SN | V
        v_3 | CGBT_VTN | Tensión TN | V
        c_1 | CGBT_IR | Intensidad R | A
        c_2 | CGBT_IS | Intensidad S | A
        c_3 | CGBT_IT | Intensidad T | A
        - | CGBT_INeutro | Intensidad neutro | A
        aP_1 | CGBT_PT | Potencia activa total | kW
        rP_1 | CGBT_QT | Potencia reactiva total | kVAr
        - | CGBT_FP | Factor de potencia
        pC_1 | CGBT_EA | Energía activa consumida | kWh
        - | CGBT_EA_P1 | Energía activa P1 | kWh
        - | CGBT_EA_P2 | Energía activa P2 | kWh
        - | CGBT_EA_P3 | Energía activa P3 | kWh
        - | CGBT_MAX | Maxímetro | kW
        - | CGBT_PC | Potencia contratada | kW
        value | TIMP | Temperatura impulsión | °C
        - | TIMPC | Consigna temperatura impulsión | °C | AV
        value | CAUD | Caudal agua | m³/h
        value | B1_M | Bomba 1 marcha |  | BI | Paro/Marcha
        - | B1_A | Bomba 1 alarma |  | BI
        - | B1_S | Bomba 1 orden marcha |  | BV
        value | NIV | Nivel depósito | %
        value | FRIG | Energía frigorífica | kWh
        value | AGUA | Contador agua fría | m³
        valid_when | COM_CGBT | Comunicación analizador CGBT |  | BI | Fallo/OK
    """,
    "QGBT": """
        v_1 | QGBT1.Tensao_A | Tensão fase A | V
        v_2 | QGBT1.Tensao_B | Tensão fase B | V
        v_3 | QGBT1.Tensao_C | Tensão fase C | V
        v_12 | QGBT1.Tensao_AB | Tensão fase-fase AB | V
        c_1 | QGBT1.Corrente_A | Corrente fase A | A
        c_2 | QGBT1.Corrente_B | Corrente fase B | A
        c_3 | QGBT1.Corrente_C | Corrente fase C | A
        aP_1 | QGBT1.Pot_Ativa | Potência ativa total | kW
        rP_1 | QGBT1.Pot_Reativa | Potência reativa total | kVAr
        - | QGBT1.FP | Fator de potência
        pC_1 | QGBT1.Energia | Energia ativa consumida | kWh
        - | QGBT1.EnergiaPonta | Energia ativa ponta | kWh
        - | QGBT1.EnergiaFPonta | Energia ativa fora ponta | kWh
        - | QGBT1.Demanda | Demanda ativa | kW
        - | QGBT1.EnergiaForn | Energia ativa fornecida | kWh
        value | HIDR | Hidrômetro geral | m³
        value | TAG_IN | Temperatura água gelada entrada | °C
        - | SPAG | Setpoint água gelada | °C | AV
        value | BAG1 | Bomba água gelada 1 status |  | BI
    """,
    "Hoofdverdeler HVK": """
        v_1 | HVK.U1 | Spanning L1-N | V
        v_2 | HVK.U2 | Spanning L2-N | V
        v_3 | HVK.U3 | Spanning L3-N | V
        c_1 | HVK.I1 | Stroom L1 | A
        c_2 | HVK.I2 | Stroom L2 | A
        c_3 | HVK.I3 | Stroom L3 | A
        aP_1 | HVK.Ptot | Totaal vermogen | kW
        - | HVK.E1 | Verbruik tarief 1 | kWh
        - | HVK.E2 | Verbruik tarief 2 | kWh
        - | HVK.Et | Teruglevering | kWh
        pC_1 | HVK.Etot | Totaal verbruik | kWh
        value | GAS | Gasmeter stand | m³
        value | WM | Watermeter stand | m³
        value | CV.Aanvoer | Aanvoertemperatuur CV | °C
        - | CV.AanvoerSP | Gewenste aanvoertemperatuur | °C | AV
        value | CV.Pomp | CV pomp bedrijfsmelding |  | BI
        - | CV.PompSt | CV pomp storing |  | BI
        value | WARMTE | Warmtemeter energie | GJ
        value | WARMTEP | Warmtemeter vermogen | kW
        value | Klep | Stand regelklep | %
    """,
    "Cabina MT/BT": """
        v_1 | QGBT_V_L1N | Tensione stellata L1 | V
        v_2 | QGBT_V_L2N | Tensione stellata L2 | V
        v_3 | QGBT_V_L3N | Tensione stellata L3 | V
        v_12 | QGBT_V_L12 | Tensione concatenata L1-L2 | V
        v_23 | QGBT_V_L23 | Tensione concatenata L2-L3 | V
        v_13 | QGBT_V_L31 | Tensione concatenata L3-L1 | V
        c_1 | QGBT_I_L1 | Corrente L1 | A
        c_2 | QGBT_I_L2 | Corrente L2 | A
        c_3 | QGBT_I_L3 | Corrente L3 | A
        aP_1 | QGBT_P | Potenza attiva trifase | kW
        rP_1 | QGBT_Q | Potenza reattiva trifase | kVAr
        - | QGBT_COSFI | Cosfi
        pC_1 | QGBT_EA | Energia attiva prelevata | kWh
        - | QGBT_EI | Energia attiva immessa | kWh
        - | QGBT_EA_F1 | Energia attiva fascia F1 | kWh
        value | TR1_T | Temperatura avvolgimento TR1 | °C
        value | TMAND | Temperatura mandata | °C
        value | P1_ST | Pompa P1 stato marcia |  | BI
        - | P1_AL | Pompa P1 scattato relè termico |  | BI
        value | SERR | Posizione serranda | %
        value | CGAS | Contatore gas | m³
    """,
    "ZhuPeiDian GW": """
        v_1 | 1#_Ua | A xiang dian ya
        v_2 | 1#_Ub | B xiang dian ya
        v_3 | 1#_Uc | C xiang dian ya
        v_12 | 1#_Uab | AB xian dian ya
        v_23 | 1#_Ubc | BC xian dian ya
        v_13 | 1#_Uca | CA xian dian ya
        c_1 | 1#_Ia | A xiang dian liu
        c_2 | 1#_Ib | B xiang dian liu
        c_3 | 1#_Ic | C xiang dian liu
        aP_1 | 1#_P | zong you gong gong lv
        rP_1 | 1#_Q | zong wu gong gong lv
        - | 1#_PF | gong lv yin shu
        - | 1#_F | pin lv
        pC_1 | 1#_EP | zheng xiang you gong dian neng | kWh
        - | 1#_EPf | fan xiang you gong dian neng | kWh
        valid_when | 1#_TongXun | tong xun zhuang tai |  | BI | guzhang/zhengchang
        value | ShuiBiao1 | zi lai shui biao | m³
        value | LDB1_Run | 1# leng dong beng yun xing |  | BI
        - | LDB1_Flt | 1# leng dong beng gu zhang |  | BI
        value | GSWD | leng dong shui gong shui wen du | °C
        - | SDWD | gong shui wen du she ding | °C | AV
    """,
    "AMF_Panel": """
        v_12 | EB_Incomer_VRY | RY Voltage | V
        v_23 | EB_Incomer_VYB | YB Voltage | V
        v_13 | EB_Incomer_VBR | BR Voltage | V
        v_1 | EB_Incomer_VR | R Phase Voltage | V
        v_2 | EB_Incomer_VY | Y Phase Voltage | V
        v_3 | EB_Incomer_VB | B Phase Voltage | V
        c_1 | EB_Incomer_IR | R Phase Current | A
        c_2 | EB_Incomer_IY | Y Phase Current | A
        c_3 | EB_Incomer_IB | B Phase Current | A
        aP_1 | EB_Incomer_kW | Total kW | kW
        apP_1 | EB_Incomer_kVA | Total kVA | kVA
        pC_1 | EB_Incomer_kWh | kWh | kWh
        - | EB_Incomer_MD | Maximum Demand | kVA
        pC_1 | HT_Panel_kWh | HT Panel kWh | kWh
        aP_1 | HT_Panel_kW | HT Panel kW | kW
        c_1 | HT_Panel_Amps | HT Panel Amps | A
        pC_1 | DG1_kWh | DG Set 1 kWh | kWh
    """,
    "MSB1 Outstation": """
        c_1 | MSB1 F01 Ground Floor Ltg L1 Amps |  | A
        c_2 | MSB1 F01 Ground Floor Ltg L2 Amps |  | A
        c_3 | MSB1 F01 Ground Floor Ltg L3 Amps |  | A
        aP_1 | MSB1 F01 Ground Floor Ltg kW |  | kW
        pC_1 | MSB1 F01 Ground Floor Ltg kWh |  | kWh
        c_1 | MSB1 F02 Water Heater L1 Amps |  | A
        c_2 | MSB1 F02 Water Heater L2 Amps |  | A
        c_3 | MSB1 F02 Water Heater L3 Amps |  | A
        aP_1 | MSB1 F02 Water Heater kW |  | kW
        pC_1 | MSB1 F02 Water Heater kWh |  | kWh
        pC_1 | MSB1 F03 CHW Pumps kWh |  | kWh
        pC_1 | MSB1 F04 DB-L2 kWh |  | kWh
        pC_1 | MSB1 F05 DB-L3 kWh |  | kWh
        pC_1 | MSB1 F06 DB-L1 kWh |  | kWh
        pC_1 | MSB1 F07 Chiller 1 kWh |  | kWh
        - | MSB1 F01 Tripped |  |  | BI
        pC_1 | MSB1 F08 Heat Pump kWh |  | kWh
    """,
    "SENTRON PAC ELT-HV": """
        v_1 | Spannung_L1-N |  | V
        v_2 | Spannung_L2-N |  | V
        v_3 | Spannung_L3-N |  | V
        c_1 | Strom_L1 |  | A
        c_2 | Strom_L2 |  | A
        c_3 | Strom_L3 |  | A
        aP_1 | Wirkleistung_L1 |  | W
        aP_2 | Wirkleistung_L2 |  | W
        aP_3 | Wirkleistung_L3 |  | W
        - | Summe_Wirkleistung |  | W
        - | Mittelwert_Spannung |  | V
        - | Max_Strom_L1 |  | A
        - | Wirkarbeit_Bezug_HT |  | Wh
        - | Wirkarbeit_Bezug_NT |  | Wh
        pC_1 | Wirkarbeit_Bezug_Ges |  | Wh
        - | Blindarbeit_ind |  | VArh
        - | Cos_phi_L1
        - | Frequenz |  | Hz
    """,
    "AS-P01 Lüftung": """
        value | RLT01_ZUL_TEMP | RLT01 Zulufttemperatur Istwert | °C
        - | RLT01_ZUL_TEMP_SW | RLT01 Zulufttemperatur Sollwert | °C | AV
        value | RLT01_ABL_TEMP | RLT01 Ablufttemperatur | °C
        value | RLT01_WRG_TEMP | RLT01 Temperatur nach WRG | °C
        value | RLT01_ZUL_DRUCK | RLT01 Zuluftdruck | Pa
        value | RLT01_ZUL_FEU | RLT01 Zuluftfeuchte | %rF
        value | RLT01_ZUL_VEN_BM | RLT01 Zuluftventilator Betrieb |  | BI | Aus/Ein
        - | RLT01_ZUL_VEN_SM | RLT01 Zuluftventilator Störung |  | BI | Normal/Störung
        value | RLT01_ZUL_VEN_RM | RLT01 Zuluftventilator Drehzahl Rückmeldung | %
        - | RLT01_ZUL_VEN_STELL | RLT01 Zuluftventilator Stellsignal | % | AV
        - | RLT01_FILTER | RLT01 Filterüberwachung |  | BI | Normal/Alarm
        - | RLT01_FROST | RLT01 Frostschutz |  | BI | Normal/Alarm
        - | RLT01_BA | RLT01 Betriebsart |  | MV
        value | RAUM_CO2 | Raum CO2 | ppm
        value | HK1_VL | HK1 Vorlauf | °C
        value | HK1_PU_BM | HK1 Pumpe Betriebsmeldung |  | BI
        value | KAEZ_Q | Kältezähler Energie | MWh
        value | KAEZ_VF | Kältezähler Durchfluss | m³/h
        value | WZ_Hallenbad | Wasserzähler Hallenbad | m³
        value | GZ | Gaszähler | m³
        pC_1 | EZ_Kueche | Elektrozähler Küche | kWh
        aP_1 | EZ_Kueche_P | Elektrozähler Küche Leistung | kW
        - | BHKW_W | BHKW erzeugte Energie | kWh
    """,
    "CPO Subestación": """
        v_12 | Cuadro1_Voltaje_AB |  | V
        v_23 | Cuadro1_Voltaje_BC |  | V
        v_13 | Cuadro1_Voltaje_CA |  | V
        c_1 | Cuadro1_Corriente_A |  | A
        c_2 | Cuadro1_Corriente_B |  | A
        c_3 | Cuadro1_Corriente_C |  | A
        - | Cuadro1_Corriente_N |  | A
        aP_1 | Cuadro1_Potencia_Activa |  | kW
        rP_1 | Cuadro1_Potencia_Reactiva |  | kVAr
        apP_1 | Cuadro1_Potencia_Aparente |  | kVA
        - | Cuadro1_Factor_Potencia
        - | Cuadro1_Frecuencia |  | Hz
        pC_1 | Cuadro1_Energia_Activa |  | kWh
        - | Cuadro1_Energia_Reactiva |  | kVArh
        - | Cuadro1_Demanda_Max |  | kW
        value | Clima_Temp_Impulsion | Temperatura de impulsión UTA 1 | °C
        value | Clima_Temp_Retorno | Temperatura de retorno UTA 1 | °C
        - | Clima_Consigna | Consigna UTA 1 | °C | AV
        value | Clima_Estado_Vent | Estado ventilador impulsión |  | BI | Parado/Marcha
        - | Clima_Fallo_Vent | Fallo ventilador |  | BI
        value | Clima_Valv | Posición válvula frío | %
        value | Humedad | Humedad relativa sala | %
        - | Solar_kWh | Producción fotovoltaica | kWh
    """,
    "GTC Sous-station": """
        v_1 | M1_U1N | Tension phase 1 - neutre | V
        v_2 | M1_U2N | Tension phase 2 - neutre | V
        v_3 | M1_U3N | Tension phase 3 - neutre | V
        c_1 | M1_I1 | Courant phase 1 | A
        c_2 | M1_I2 | Courant phase 2 | A
        c_3 | M1_I3 | Courant phase 3 | A
        aP_1 | M1_P | Puissance active | kW
        pC_1 | M1_E | Index énergie active | kWh
        - | M1_E_HP | Index énergie active HP | kWh
        - | M1_E_HC | Index énergie active HC | kWh
        - | M2_E_HP | Index énergie active HP | kWh
        - | M2_E_HC | Index énergie active HC | kWh
        value | EC_T | Température départ ECS | °C
        - | EC_CONS | Consigne ECS | °C | AV
        value | EAU | Compteur eau froide | m³
        value | PAC_E | Compteur énergie thermique | kWh
        value | P1 | Pompe 1 - retour de marche |  | BI | Arrêt/Marche
        - | P1D | Pompe 1 - défaut |  | BI
        valid_when | COM1 | Communication compteur M1 |  | BI | Défaut/Normal
    """,
    "METER-TRUNC": """
        v_1 | Voltage Phase 1 |  | V
        v_2 | Voltage Phase 2 |  | V
        v_3 | Voltage Phase 3 |  | V
        c_1 | Current Phase 1 |  | A
        c_2 | Current Phase 2 |  | A
        c_3 | Current Phase 3 |  | A
        - | Apparent Power P |  | kVA
        - | Apparent Power P |  | kVA
        - | Apparent Power P |  | kVA
        - | Apparent Power T |  | kVA
        - | Active Power Pha |  | kW
        - | Active Power Pha |  | kW
        - | Active Power Pha |  | kW
        - | Active Power Tot |  | kW
        - | Active Energy De |  | kWh
        - | Active Energy Re |  | kWh
        value | Supply Air Tempe |  | °C
    """,
    "Gebouw GBS": """
        v_1 | ELEK_HVK_U_L1 | Spanning fase L1 | V
        v_2 | ELEK_HVK_U_L2 | Spanning fase L2 | V
        v_3 | ELEK_HVK_U_L3 | Spanning fase L3 | V
        v_12 | ELEK_HVK_U_L12 | Gekoppelde spanning L1-L2 | V
        c_1 | ELEK_HVK_I_L1 | Stroomsterkte L1 | A
        c_2 | ELEK_HVK_I_L2 | Stroomsterkte L2 | A
        c_3 | ELEK_HVK_I_L3 | Stroomsterkte L3 | A
        aP_1 | ELEK_HVK_P | Werkelijk vermogen | kW
        rP_1 | ELEK_HVK_Q | Blindvermogen | kVAr
        apP_1 | ELEK_HVK_S | Schijnbaar vermogen | kVA
        - | ELEK_HVK_COS | Arbeidsfactor
        pC_1 | ELEK_HVK_E | Energieverbruik | kWh
        - | ELEK_HVK_ET | Energie teruglevering | kWh
        - | ZON_E | Opbrengst zonnepanelen | kWh
        value | LBK1_TI | Inblaastemperatuur | °C
        - | LBK1_TI_SP | Inblaastemperatuur setpoint | °C | AV
        value | LBK1_TR | Retourtemperatuur | °C
        value | LBK1_VI | Inblaasventilator in bedrijf |  | BI | Uit/Aan
        - | LBK1_VI_ST | Inblaasventilator storing |  | BI
        value | LBK1_KL | Buitenluchtklep stand | %
    """,
    "Lift panel IN": """
        v_1 | EM-01 Voltage R-N |  | V
        v_2 | EM-01 Voltage Y-N |  | V
        v_3 | EM-01 Voltage B-N |  | V
        v_12 | EM-01 Voltage RY |  | V
        v_23 | EM-01 Voltage YB |  | V
        v_13 | EM-01 Voltage BR |  | V
        c_1 | EM-01 Current R |  | A
        c_2 | EM-01 Current Y |  | A
        c_3 | EM-01 Current B |  | A
        - | EM-01 Avg PF
        aP_1 | EM-01 KW |  | kW
        rP_1 | EM-01 KVAR |  | kVAr
        apP_1 | EM-01 KVA |  | kVA
        pC_1 | EM-01 KWH |  | kWh
        - | EM-01 KVAH |  | kVAh
        valid_when | EM-01 Comm Status |  |  | BV | Fail/OK
    """,
    "Boards by letter": """
        c_1 | LP-A L1 Amps |  | A
        c_2 | LP-A L2 Amps |  | A
        c_3 | LP-A L3 Amps |  | A
        aP_1 | LP-A Load kW |  | kW
        pC_1 | LP-A kWh |  | kWh
        c_1 | Cuadro A Corriente R |  | A
        c_2 | Cuadro A Corriente S |  | A
        c_3 | Cuadro A Corriente T |  | A
        aP_1 | Cuadro A Potencia |  | kW
        pC_1 | Cuadro A Energia |  | kWh
        c_1 | AA4_A_Ia |  | A
        c_2 | AA4_A_Ib |  | A
        c_3 | AA4_A_Ic |  | A
        pC_1 | AA4_A_EP | zheng xiang you gong dian neng | kWh
        c_1 | Level 2 DB L1 Amps |  | A
        c_2 | Level 2 DB L2 Amps |  | A
        c_3 | Level 2 DB L3 Amps |  | A
        aP_1 | Level 2 DB Load kW |  | kW
        - | LP-B Volts |  | V
        pC_1 | LP-B kWh |  | kWh
        - | UV3 Spannung |  | V
        aP_1 | UV3 Leistung |  | kW
        c_1 | Kitchen Board L1 Amps |  | A
        c_2 | Kitchen Board L2 Amps |  | A
        pC_1 | Kitchen Board kWh |  | kWh
    """,
    "Letters behind units": """
        aP_1 | MDP kW A |  | kW
        aP_2 | MDP kW B |  | kW
        aP_3 | MDP kW C |  | kW
        - | MDP kW |  | kW
        pC_1 | MDP kWh |  | kWh
        v_1 | SWGR.VAN |  | V
        v_2 | SWGR.VBN |  | V
        v_3 | SWGR.VCN |  | V
        v_12 | SWGR.VAB |  | V
        rP_1 | SWGR.kVAR A |  | kVAr
        rP_2 | SWGR.kVAR B |  | kVAr
        rP_3 | SWGR.kVAR C |  | kVAr
        aP_1 | CGBT kW R |  | kW
        aP_2 | CGBT kW S |  | kW
        aP_3 | CGBT kW T |  | kW
        apP_1 | CGBT kVA R |  | kVA
        apP_2 | CGBT kVA S |  | kVA
        apP_3 | CGBT kVA T |  | kVA
        aP_1 | Lift EB kW R |  | kW
        aP_2 | Lift EB kW Y |  | kW
        aP_3 | Lift EB kW B |  | kW
        - | Lift EB kW |  | kW
        - | EMS1 kWA |  | kW
        - | EMS1 kWB |  | kW
        - | EMS1 kWC |  | kW
    """,
    "Phases by number, totals in words": """
        rP_1 | PM1.Q1 |  | kVAr
        rP_2 | PM1.Q2 |  | kVAr
        rP_3 | PM1.Q3 |  | kVAr
        - | PM1.TotalReactivePower |  | kVAr
        rP_1 | UMG Blindleistung Q1 |  | kVAr
        rP_2 | UMG Blindleistung Q2 |  | kVAr
        rP_3 | UMG Blindleistung Q3 |  | kVAr
        - | UMG Summe Blindleistung |  | kVAr
        rP_1 | TD3 Puissance réactive Q1 |  | kVAr
        rP_2 | TD3 Puissance réactive Q2 |  | kVAr
        rP_3 | TD3 Puissance réactive Q3 |  | kVAr
        - | TD3 Q totale réactive |  | kVAr
        - | PM2.Q1 |  | kVAr
        - | PM2.Q2 |  | kVAr
        - | PM2.Q3 |  | kVAr
    """,
    "Three-phase totals": """
        aP_3 | MB Power L3 | Switchboard | kW
        aP_1 | MB Power L1 | Switchboard | kW
        aP_2 | MB Power L2 | Switchboard | kW
        - | MB Power 3Ph | Switchboard | kW
        aP_1 | ES Potencia L1 | Potencia activa | kW
        aP_2 | ES Potencia L2 | Potencia activa | kW
        - | ES Potencia trifásica | Potencia activa | kW
        aP_1 | NSHV Leistung L1 |  | kW
        aP_2 | NSHV Leistung L2 |  | kW
        - | NSHV Leistung dreiphasig |  | kW
        aP_1 | TGBT Puissance L1 |  | kW
        aP_2 | TGBT Puissance L2 |  | kW
        - | TGBT Puissance triphasé |  | kW
        aP_1 | QE Potenza L1 |  | kW
        aP_2 | QE Potenza L2 |  | kW
        - | QE Potenza trifase |  | kW
        aP_1 | HVK Vermogen L1 |  | kW
        aP_2 | HVK Vermogen L2 |  | kW
        - | HVK Vermogen driefasig |  | kW
        aP_1 | QD Power A | Potência ativa fase A | kW
        aP_2 | QD Power B | Potência ativa fase B | kW
        - | QD P3F | Potência ativa trifásica | kW
    """,
    "Produced, consumed": """
        pC_1 | Cuadro 1 | Energía eléctrica consumida | kWh
        - | Cuadro 2 | Energía eléctrica generada | kWh
        - | Cuadro 3 | Energía eléctrica producida | kWh
        pC_1 | Quadro 1 | Energia elétrica consumida | kWh
        - | Quadro 2 | Energia elétrica gerada | kWh
        - | Quadro 3 | Energia elettrica prodotta | kWh
        - | Quadro 4 | Energia elettrica esportata | kWh
        pC_1 | TGBT 1 | Energie électrique consommée | kWh
        - | TGBT 2 | Energie électrique générée | kWh
        - | TGBT 3 | Energie électrique produite | kWh
        pC_1 | UV 1 | Verbrauchte elektrische Energie | kWh
        - | UV 2 | Erzeugte elektrische Energie | kWh
        - | UV 3 | Produzierte elektrische Energie | kWh
        pC_1 | Board 1 | Electric energy consumed | kWh
        - | Board 2 | Electric energy produced | kWh
        - | Board 3 | Electric energy generated | kWh
        - | Board 4 | Electric energy exported | kWh
        - | HVK 2 | Opgewekte elektrische energie | kWh
        - | Keskus 2 | Sähköenergia tuotettu | kWh
        - | RG 2 | Energia elektryczna wyprodukowana | kWh
    """,
    "Two reactive registers": """
        - | PAC Q ind | Blindleistung induktiv | kVAr
        - | PAC Q kap | Blindleistung kapazitiv | kVAr
        v_1 | PAC U1 |  | V
        v_2 | PAC U2 |  | V
        - | CG3 Reactiva inductiva |  | kVAr
        - | CG3 Reactiva capacitiva |  | kVAr
        - | TD2 Puissance réactive selfique |  | kVAr
        - | TD2 Puissance réactive capacitive |  | kVAr
        - | QE4 Potenza reattiva induttiva |  | kVAr
        - | MB Reactive power lagging |  | kVAr
        - | MB Reactive power leading |  | kVAr
        - | SB kvarL |  | kVAr
        - | SB kvarC |  | kVAr
        c_1 | SB I1 |  | A
        c_2 | SB I2 |  | A
    """,
}
