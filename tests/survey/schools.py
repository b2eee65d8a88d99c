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
        valid_when | 1#_Tx | tong xun zhuang tai |  | BI | guzhang/zhengchang
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
}
