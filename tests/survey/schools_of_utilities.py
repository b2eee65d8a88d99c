"""Utility meters and codes, made up for these tests; see schools.py for the form."""

from typing import Final

UTILITIES: Final = {
    "RLM Gateway": """
        v_1 | Z7 1-0:32.7.0*255 |  | V
        v_2 | Z7 1-0:52.7.0*255 |  | V
        v_3 | Z7 1-0:72.7.0*255 |  | V
        c_1 | Z7 1-0:31.7.0*255 |  | A
        c_2 | Z7 1-0:51.7.0*255 |  | A
        c_3 | Z7 1-0:71.7.0*255 |  | A
        - | Z7 1-0:91.7.0*255 |  | A
        - | Z7 1-0:13.7.0*255
        - | Z7 1-0:14.7.0*255 |  | Hz
        aP_1 | Z7 1-0:36.7.0*255 |  | W
        aP_2 | Z7 1-0:56.7.0*255 |  | W
        aP_3 | Z7 1-0:76.7.0*255 |  | W
        - | Z7 1-0:16.7.0*255 |  | W
        - | Z7 1-0:1.6.0*255 |  | W
        - | Z7 1-0:1.5.0*255 |  | W
        pC_1 | Z7 1-0:1.8.0*255 |  | Wh
        - | Z7 1-0:1.8.1*255 |  | Wh
        - | Z7 1-0:1.8.2*255 |  | Wh
        - | Z7 1-0:1.8.0*03 |  | Wh
        - | Z7 1-0:2.8.0*255 |  | Wh
        - | Z7 1-0:15.8.0*255 |  | Wh
        - | Z7 1-0:3.8.0*255 |  | VArh
        - | Z7 1-0:81.7.1 |  | degrees-angular
        - | Z7 1-0:32.7.3 |  | V
    """,
    "Utility meters by short codes": """
        v_1 | M4_32.7 |  | V
        v_2 | M4_52.7 |  | V
        v_3 | M4_72.7 |  | V
        c_1 | M4_31.7 |  | A
        c_2 | M4_51.7 |  | A
        c_3 | M4_71.7 |  | A
        aP_1 | M4_21.7 |  | kW
        aP_2 | M4_41.7 |  | kW
        aP_3 | M4_61.7 |  | kW
        - | M4_13.7
        pC_1 | M4_1.8.0 |  | kWh
        - | M4_2.8.0 |  | kWh
        value | Raum 32.7 |  | °C
    """,
    "Phases from OBIS, totals too": """
        rP_1 | EZ1:3.7.0 |  | kVAr
        - | EZ1:4.7.0 |  | kVAr
        apP_1 | EZ1:9.7.0 |  | kVA
        aP_1 | EZ1:1.7.0 |  | kW
        - | EZ1:2.7.0 |  | kW
        pC_1 | EZ1:1.8.0 |  | kWh
        c_1 | EZ2:31.7.0 | Strom L1 | A
        c_2 | EZ2:51.7.0 | Strom L2 | A
        c_3 | EZ2:71.7.0 | Strom L3 | A
        pC_1 | EZ2:1.8.0 | Zählerstand Bezug | kWh
        - | EZ2:1.8.0*02 | Zählerstand Bezug Vorwert | kWh
        valid_when | EZ2:KOMM | Kommunikation Zähler |  | BI | Fehler/OK
    """,
    "Quartier": """
        value | K03 5-0:1.0.0 | Kälteenergie | MWh
        value | H02 6-0:1.0.0 |  | MWh
        value | H02 6-0:8.0.0 |  | kW
        value | H02 6-0:10.0.0 | Vorlauf | °C
        value | W02 8-0:1.0.0 |  | m³
        value | G02 7-0:3.0.0 |  | m³
        valid_when | H02 Komm |  |  | BI | gestört/ok
    """,
    "Automate TGBT": """
        pC_1 | TGBT/Linky/EAST |  | Wh
        - | TGBT/Linky/EASF01 |  | Wh
        - | TGBT/Linky/EAIT |  | Wh
        c_1 | TGBT/Linky/IRMS1 |  | A
        c_2 | TGBT/Linky/IRMS2 |  | A
        c_3 | TGBT/Linky/IRMS3 |  | A
        v_1 | TGBT/Linky/URMS1 |  | V
        v_2 | TGBT/Linky/URMS2 |  | V
        v_3 | TGBT/Linky/URMS3 |  | V
        - | TGBT/Linky/UMOY1 |  | V
        - | TGBT/Linky/SINSTS |  | VA
        apP_1 | TGBT/Linky/SINSTS1 |  | VA
        apP_2 | TGBT/Linky/SINSTS2 |  | VA
        apP_3 | TGBT/Linky/SINSTS3 |  | VA
        - | TGBT/Linky/SMAXSN |  | VA
        - | TGBT/Linky/PREF |  | kVA
        pC_1 | TIC_LOGE BASE | Index option base | Wh
        apP_1 | TIC_LOGE PAPP |  | VA
        c_1 | TIC_LOGE IINST |  | A
        - | TIC_LOGE IMAX |  | A
        - | TIC_LOGE ISOUSC |  | A
        - | TIC_BOUT HCHC |  | Wh
        - | TIC_BOUT HCHP |  | Wh
        apP_1 | TIC_BOUT PAPP |  | VA
        c_1 | TIC_BOUT IINST |  | A
        pC_1 | East wing board | East wing, electricity | kWh
    """,
    "Power monitors US": """
        c_1 | SWGR-2/I a |  | A
        c_2 | SWGR-2/I b |  | A
        c_3 | SWGR-2/I c |  | A
        v_12 | SWGR-2/Vll ab |  | V
        v_23 | SWGR-2/Vll bc |  | V
        v_13 | SWGR-2/Vll ca |  | V
        - | SWGR-2/Vll avg |  | V
        aP_1 | SWGR-2/kW tot |  | kW
        - | SWGR-2/kW sd |  | kW
        - | SWGR-2/kW sd mx |  | kW
        - | SWGR-2/kW pd |  | kW
        pC_1 | SWGR-2/kWh del |  | kWh
        - | SWGR-2/kWh rec |  | kWh
        - | SWGR-2/kWh del-rec |  | kWh
        aP_1 | CH-1/Real Power, Total |  | kW
        pC_1 | CH-1/Energy, Real In |  | kWh
        - | CH-1/Energy, Real Out |  | kWh
        - | CH-1/Energy, Conditional Real In |  | kWh
        - | CH-1/Demand, Real Power, Present |  | kW
        - | SITE.ELEC.TO_GRID | kWh to grid | kWh
        pC_1 | SITE.ELEC.FROM_GRID | kWh from grid | kWh
        - | SITE.ELEC.KWH_MTD | Month to date | kWh
    """,
    "PDU board AU": """
        v_1 | DB-E1 V R-N | Red phase voltage | V
        v_2 | DB-E1 V W-N | White phase voltage | V
        v_3 | DB-E1 V B-N | Blue phase voltage | V
        v_12 | DB-E1 V R-W | Red-White voltage | V
        v_23 | DB-E1 V W-B | White-Blue voltage | V
        v_13 | DB-E1 V B-R | Blue-Red voltage | V
        c_1 | DB-E1 Amps Red |  | A
        c_2 | DB-E1 Amps White |  | A
        c_3 | DB-E1 Amps Blue |  | A
        aP_1 | DB-E1 kW R |  | kW
        aP_2 | DB-E1 kW W |  | kW
        aP_3 | DB-E1 kW B |  | kW
        pC_1 | DB-E1 kWh |  | kWh
        - | DB-K Yellow Phase Amps |  | A | AI |  | 3
        c_1 | MCC Red Phase Current |  | A
        c_2 | MCC Yellow Phase Current |  | A
        c_3 | MCC Blue Phase Current |  | A
        - | NMI B1 | Utility meter feed-in | kWh
        pC_1 | NMI E1 | Utility meter consumption | kWh
    """,
    "Charge points": """
        pC_1 | LS2-A Zst | Ladesäule 2 Ladepunkt A Zählerstand | kWh
        aP_1 | LS2-A P | Ladesäule 2 Ladepunkt A Leistung | kW
        pC_1 | LS2-B Zst | Ladesäule 2 Ladepunkt B Zählerstand | kWh
        aP_1 | LS2-B P | Ladesäule 2 Ladepunkt B Leistung | kW
        - | LS2-A Sitzung | Ladesäule 2 Ladepunkt A Energie Ladesitzung | kWh
        pC_1 | IRVE B1 Ea | Borne 1, énergie totale | kWh
        pC_1 | IRVE B2 Ea | Borne 2, énergie totale | kWh
        - | IRVE B2 Ea ses | Borne 2, énergie session | kWh
        pC_1 | Laadpaal 3 | Laadpaal 3 energie | kWh
        pC_1 | Wallbox 7 energy |  | kWh
        - | Wallbox 7 session energy |  | kWh
    """,
    "Panel Gateway JP": """
        c_1 | L-2F-1/Amp_R | Lighting panel 2F-1 1P3W | A
        c_3 | L-2F-1/Amp_T | Lighting panel 2F-1 1P3W | A
        v_1 | L-2F-1/Volt_RN | Lighting panel 2F-1 1P3W | V
        v_3 | L-2F-1/Volt_TN | Lighting panel 2F-1 1P3W | V
        aP_1 | L-2F-1/Watt | Lighting panel 2F-1 1P3W | kW
        pC_1 | L-2F-1/WattHour | Lighting panel 2F-1 1P3W | kWh
        - | L-2F-1/WattHour_Regen | Lighting panel 2F-1 regenerated | kWh
        c_1 | P-3F-1/Amp_R | Power panel 3P3W | A
        c_2 | P-3F-1/Amp_S | Power panel 3P3W | A
        c_3 | P-3F-1/Amp_T | Power panel 3P3W | A
        aP_1 | P-3F-1/Watt | Power panel 3P3W | kW
        pC_1 | P-3F-1/WH_F | Active energy receiving | kWh
        - | P-3F-1/WH_R | Active energy sending | kWh
        - | IO Zero-phase current | Zero-phase current | mA
        - | AC_G02_ElecAmt | Group 2 apportioned electric energy | kWh
        - | AC_G02_SetTemp | Group 2 set temperature | °C | AV
        value | AC_G02_RoomTemp | Group 2 room temperature | °C
        pC_1 | HP-2 ELEC WH | Heat pump chiller 2 electric energy | kWh
        value | HP-2 CALORIE | Heat pump chiller 2 produced heat | MJ
        value | TK-2 LEVEL | Fire water tank level | m
    """,
}
