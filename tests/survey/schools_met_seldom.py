"""Schools of naming that are met more seldom, made up for these tests; see schools.py for the form."""

from typing import Final

SELDOM: Final = {
    "AcuRev2100": """
        c_1 | AcuRev.User1.Ia |  | A
        c_2 | AcuRev.User1.Ib |  | A
        c_3 | AcuRev.User1.Ic |  | A
        aP_1 | AcuRev.User1.Pa |  | kW
        aP_2 | AcuRev.User1.Pb |  | kW
        aP_3 | AcuRev.User1.Pc |  | kW
        - | AcuRev.User1.Psum |  | kW
        pC_1 | AcuRev.User1.Ep_imp |  | kWh
        - | AcuRev.User1.Ep_exp |  | kWh
        - | AcuRev.User1.Eq_imp |  | kVArh
        - | AcuRev.User1.PFa
        - | AcuRev.User1.Dmd_P |  | kW
        c_1 | AcuRev.User2.Ia |  | A
        c_2 | AcuRev.User2.Ib |  | A
        c_3 | AcuRev.User2.Ic |  | A
        pC_1 | AcuRev.User2.Ep_imp |  | kWh
    """,
    "DMG800": """
        v_1 | DMG L1 Voltage | Phase voltage L1 | V
        v_2 | DMG L2 Voltage | Phase voltage L2 | V
        v_3 | DMG L3 Voltage | Phase voltage L3 | V
        v_12 | DMG L1-L2 Voltage | Line voltage | V
        c_1 | DMG L1 Current |  | A
        c_2 | DMG L2 Current |  | A
        c_3 | DMG L3 Current |  | A
        aP_1 | DMG Eqv. Active Power |  | kW
        rP_1 | DMG Eqv. Reactive Power |  | kVAr
        apP_1 | DMG Eqv. Apparent Power |  | kVA
        - | DMG Eqv. Power Factor
        - | DMG Voltage Asymmetry |  | %
        pC_1 | DMG Imported Active Energy |  | kWh
        - | DMG Exported Active Energy |  | kWh
        - | DMG Partial Imported Active Energy |  | kWh
        - | DMG Hour meter |  | h
    """,
    "PowerTag Link": """
        v_1 | PwrTag_03 Phase A-N Voltage | Socket outlets east | V
        c_1 | PwrTag_03 Phase A Current | Socket outlets east | A
        aP_1 | PwrTag_03 Total Active Power | Socket outlets east | W
        pC_1 | PwrTag_03 Total Active Energy Delivered | Socket outlets east | Wh
        - | PwrTag_03 Partial Active Energy Delivered | Socket outlets east | Wh
        - | PwrTag_03 Total Active Energy Received | Socket outlets east | Wh
        - | PwrTag_03 Power Factor | Socket outlets east
        valid_when | PwrTag_03 Communication status | Socket outlets east |  | BI | Lost/OK
    """,
    "BCPM panel PP2": """
        c_1 | PP2 Main Current Phase 1 |  | A
        c_2 | PP2 Main Current Phase 2 |  | A
        c_3 | PP2 Main Current Phase 3 |  | A
        v_1 | PP2 Main Voltage L-N Phase 1 |  | V
        v_2 | PP2 Main Voltage L-N Phase 2 |  | V
        v_3 | PP2 Main Voltage L-N Phase 3 |  | V
        aP_1 | PP2 Main Power Phase 1 |  | kW
        aP_2 | PP2 Main Power Phase 2 |  | kW
        aP_3 | PP2 Main Power Phase 3 |  | kW
        pC_1 | PP2 Main Energy |  | kWh
        - | PP2 Main Current Demand Phase 1 |  | A
        - | PP2 Main Max Current Phase 1 |  | A
        aP_1 | PP2 Ckt 01 Power |  | kW
        pC_1 | PP2 Ckt 01 Energy |  | kWh
        aP_1 | PP2 Ckt 02 Power |  | kW
        pC_1 | PP2 Ckt 02 Energy |  | kWh
        aP_1 | PP2 Ckt 03 Power |  | kW
        pC_1 | PP2 Ckt 03 Energy |  | kWh
        aP_1 | PP2 Ckt 04 Power |  | kW
        pC_1 | PP2 Ckt 04 Energy |  | kWh
        - | PP2 Ckt 04 Breaker Size |  | A | AV
    """,
    "KNX Zähler CH": """
        pC_1 | 1.1.20 Zähler Wohnung 3 | Wirkenergie Bezug | kWh
        aP_1 | 1.1.20 Leistung Wohnung 3 | Wirkleistung | W
        value | 1.1.31 Kaltwasser Wohnung 3 | Wasserzähler | m³
        value | 1.1.32 Warmwasser Wohnung 3 | Wasserzähler | m³
        value | 1.1.33 Wärme Wohnung 3 | Wärmezähler | kWh
        - | 1.1.33 Wärme Wohnung 3 Stichtag | Wärmezähler Stichtagswert | kWh
        - | 1.1.40 Storen Position Soll |  | % | AV
        value | 1.1.50 Raumtemperatur Ist |  | °C
        - | 1.1.51 Raumtemperatur Soll |  | °C | AV
    """,
    "Tablou RO": """
        v_1 | TG.UL1 | Tensiune faza L1 | V
        v_2 | TG.UL2 | Tensiune faza L2 | V
        v_3 | TG.UL3 | Tensiune faza L3 | V
        c_1 | TG.IL1 | Curent faza L1 | A
        c_2 | TG.IL2 | Curent faza L2 | A
        c_3 | TG.IL3 | Curent faza L3 | A
        aP_1 | TG.P | Putere activa totala | kW
        rP_1 | TG.Q | Putere reactiva totala | kVAr
        apP_1 | TG.S | Putere aparenta totala | kVA
        - | TG.FP | Factor de putere
        pC_1 | TG.E | Energie activa consumata | kWh
        - | TG.ED | Energie activa debitata in retea | kWh
        - | TG.EL | Energie activa luna curenta | kWh
        value | CT1 | Contor apa rece | m³
    """,
    "Ormar HR": """
        v_1 | GRO.U1 | Napon L1 | V
        v_2 | GRO.U2 | Napon L2 | V
        v_3 | GRO.U3 | Napon L3 | V
        c_1 | GRO.I1 | Struja L1 | A
        c_2 | GRO.I2 | Struja L2 | A
        c_3 | GRO.I3 | Struja L3 | A
        aP_1 | GRO.P | Radna snaga ukupno | kW
        rP_1 | GRO.Q | Jalova snaga ukupno | kVAr
        apP_1 | GRO.S | Prividna snaga ukupno | kVA
        - | GRO.PF | Faktor snage
        pC_1 | GRO.E | Radna energija potrošnja | kWh
        - | GRO.EI | Radna energija isporuka | kWh
        - | GRO.EVT | Radna energija viša tarifa | kWh
        - | GRO.Pmax | Vršna snaga | kW
        value | KAL1 | Kalorimetar energija | kWh
        value | TP1 | Temperatura polaza | °C
    """,
    "Shchit RU": """
        v_1 | GRSCH Ua | Napryazhenie fazy A | V
        v_2 | GRSCH Ub | Napryazhenie fazy B | V
        v_3 | GRSCH Uc | Napryazhenie fazy C | V
        c_1 | GRSCH Ia | Tok fazy A | A
        c_2 | GRSCH Ib | Tok fazy B | A
        c_3 | GRSCH Ic | Tok fazy C | A
        aP_1 | GRSCH P | Aktivnaya moshchnost | kW
        rP_1 | GRSCH Q | Reaktivnaya moshchnost | kVAr
        apP_1 | GRSCH S | Polnaya moshchnost | kVA
        pC_1 | GRSCH Wa | Aktivnaya energiya priem | kWh
        - | GRSCH Wao | Aktivnaya energiya otdacha | kWh
        - | GRSCH Wr | Reaktivnaya energiya | kVArh
        value | T1 | Temperatura podachi | °C
        - | T1u | Ustavka temperatury podachi | °C | AV
    """,
    "Pinakas GR": """
        v_1 | PIN.VL1 | Tasi L1 | V
        v_2 | PIN.VL2 | Tasi L2 | V
        v_3 | PIN.VL3 | Tasi L3 | V
        c_1 | PIN.AL1 | Revma L1 | A
        c_2 | PIN.AL2 | Revma L2 | A
        c_3 | PIN.AL3 | Revma L3 | A
        aP_1 | PIN.KW | Energos ischys | kW
        pC_1 | PIN.KWH | Energos energeia | kWh
    """,
    "Hotel AHU": """
        - | AHU1 Supply temp eff stpt | Effective setpoint | °C | AV
        value | AHU1 Supply temp |  | °C
        value | AHU1 Return RH |  | %RH
        - | AHU1 Zadana neco | Nezname slovo teplota | °C | AV
        value | AHU1 Fan feedback | Fan speed feedback | %
        - | AHU1 Heating demand |  | %
        - | AHU1 Cooling valve |  | % | AV
        value | AHU1 Filter DP | Filter differential pressure | Pa
        - | AHU1 Filter DP limit | Filter differential pressure limit | Pa | AV
        - | AHU1 Heat recovery efficiency |  | %
        - | AHU1 Fan power | VFD output power | kW
        - | AHU1 Motor current | VFD motor current | A
        - | AHU1 Energy saved | Calculated saving | kWh
        - | Boiler efficiency |  | %
        - | Plant kWh/m2 | Specific consumption | kWh
        - | CO2 saved | Emissions avoided | kg
        - | Heat pump COP |
        - | Tariff price | Energy price
        - | Setback temp |  | °C | AV
    """,
    "Generators and banks": """
        v_12 | GEN2 Volts L1-L2 |  | V
        v_23 | GEN2 Volts L2-L3 |  | V
        v_13 | GEN2 Volts L3-L1 |  | V
        c_1 | GEN2 Amps L1 |  | A
        c_2 | GEN2 Amps L2 |  | A
        c_3 | GEN2 Amps L3 |  | A
        - | GEN2 Battery volts |  | V
        - | GEN2 Run hours |  | h
        - | CAP1 Step 3 kVAr | Capacitor bank step | kVAr
        - | CAP1 Target PF
        - | UPS2 Load | UPS load percent | %
        - | UPS2 Battery current |  | A
        - | ATS Source A Available |  |  | BI
        - | Earth leakage current |  | mA
        - | Rated power | Nameplate rating | kW
    """,
}
