"""Classes of errors that first looks at unseen schools showed, made up for these tests; see schools.py for the form."""

from typing import Final

CLASSES: Final = {
    "a meter's number before Phase 1": """
        c_1 | QX310-1 Phase 1 current |  | A
        c_2 | QX310-1 Phase 2 current |  | A
        c_3 | QX310-1 Phase 3 current |  | A
        aP_1 | QX310-1 Phase 1 power |  | W
        aP_2 | QX310-1 Phase 2 power |  | W
        aP_3 | QX310-1 Phase 3 power |  | W
        - | QX310-1 Total system power |  | W
        - | QX310-1 Maximum total system power demand |  | W
        pC_1 | QX310-1 Import kWh |  | kWh
        valid_when | QX310-1 Slave Online |  |  | BI | Offline/Online
        c_1 | QX110-2 Current |  | A
        aP_1 | QX110-2 Active power |  | W
        pC_1 | QX110-2 Import active energy |  | kWh
        - | QX110-2 Total active energy |  | kWh
    """,
    "words that run into each other": """
        aP_1 | powMeterHall_elAcActivePowerPhaseA |  | kW
        aP_2 | powMeterHall_elAcActivePowerPhaseB |  | kW
        aP_3 | powMeterHall_elAcActivePowerPhaseC |  | kW
        c_1 | powMeterHall_elAcCurrentPhaseA |  | A
        c_2 | powMeterHall_elAcCurrentPhaseB |  | A
        c_3 | powMeterHall_elAcCurrentPhaseC |  | A
        rP_1 | powMeterHall_elAcReactivePower |  | kVAr
        - | powMeterHall_elAcActiveNetEnergy |  | kWh
        pC_1 | powMeterHall_elAcActiveImportEnergy |  | kWh
    """,
    "types of variables and arrays of meters": """
        v_1 | GVL_Mess.stZ[0].fU_L1N |  | V
        v_2 | GVL_Mess.stZ[0].fU_L2N |  | V
        v_3 | GVL_Mess.stZ[0].fU_L3N |  | V
        aP_1 | GVL_Mess.stZ[0].fP_L1 |  | W
        aP_2 | GVL_Mess.stZ[0].fP_L2 |  | W
        aP_3 | GVL_Mess.stZ[0].fP_L3 |  | W
        pC_1 | GVL_Mess.stZ[0].lrE_Pos |  | kWh
        - | GVL_Mess.stZ[0].lrE_Neg |  | kWh
        - | GVL_Mess.stZ[0].fImax |  | A
        valid_when | GVL_Mess.stZ[0].bError | Modbus slave error |  | BV | FALSE/TRUE
        v_1 | GVL_Mess.stZ[1].fU_L1N
        c_1 | GVL_Mess.stZ[1].fI_L1
        aP_1 | GVL_Mess.stZ[1].fP_L1
        - | GVL_Mess.fRaw[3]
    """,
    "a direct side, and one phase of a total": """
        c_1 | Wr1.103.AphA | Phase A Current | A
        c_2 | Wr1.103.AphB | Phase B Current | A
        c_3 | Wr1.103.AphC | Phase C Current | A
        v_12 | Wr1.103.PPVphAB | Phase Voltage AB | V
        v_23 | Wr1.103.PPVphBC | Phase Voltage BC | V
        v_13 | Wr1.103.PPVphCA | Phase Voltage CA | V
        - | Wr1.103.W | AC Power | W
        - | Wr1.103.WH | AC Energy | Wh
        - | Wr1.103.DCW | DC Power | W
        - | Wr1.103.TmpCab | Cabinet Temperature | °C
        valid_when | Wr1 Comm OK |  |  | BI | No/Yes
        aP_1 | Zl1.203.WphA | Street meter Watts Phase A | W
        aP_2 | Zl1.203.WphB | Street meter Watts Phase B | W
        aP_3 | Zl1.203.WphC | Street meter Watts Phase C | W
        pC_1 | Zl1.203.TotWhImp | Street meter Total Watt-hours Imported | Wh
        - | Zl1.203.TotWhImpPhA | Street meter Total Watt-hours Imported phase A | Wh
    """,
    "registers that contradict each other": """
        c_1 | Sub2.IL1 | Current | A
        c_2 | Sub2.IL2 | Current | A
        c_3 | Sub2.IL3 | Current | A
        aP_1 | Sub2.P_SUM | Collective active power | kW
        - | Sub2.Q1_SUM | Collective fundamental reactive power Q1 | kVAr
        - | Sub2.QTOT_SUM | Collective total reactive power Qtot | kVAr
        apP_1 | Sub2.S_SUM | Collective apparent power | kVA
    """,
    "Qn is no neutral's": """
        rP_1 | Reactive Power L1 (Qn) |  | kVAr
        rP_2 | Reactive Power L2 (Qn) |  | kVAr
        rP_3 | Reactive Power L3 (Qn) |  | kVAr
        - | Current N |  | A
        c_1 | Current L1 |  | A
        c_2 | Current L2 |  | A
        c_3 | Current L3 |  | A
    """,
    "quadrants": """
        pC_1 | Energy, Real, Import | Real Energy: Quadrants 1 & 4 Import | kWh
        - | Energy, Real, Export | Real Energy: Quadrants 2 & 3 Export | kWh
        - | Energy, Real, Q1 | Real Energy Quadrant 1 | kWh
        aP_1 | Power, Real, Ph A |  | kW
        aP_2 | Power, Real, Ph B |  | kW
        aP_3 | Power, Real, Ph C |  | kW
    """,
    "registers called by quadrants": """
        pC_1 | A14 | Active energy A14 | kWh
        - | A23 | Active energy A23 | kWh
        - | R12 | Reactive energy R12 | kVArh
        aP_1 | P14 | Power P14 | kW
        v_1 | U1 | Voltage U1 | V
        v_2 | U2 | Voltage U2 | V
        v_3 | U3 | Voltage U3 | V
    """,
    "abbreviations that the description tells": """
        aP_1 | RK2.KWA | Potência Ativa Fase A | kW
        aP_2 | RK2.KWB | Potência Ativa Fase B | kW
        aP_3 | RK2.KWC | Potência Ativa Fase C | kW
        - | RK2.KWT | Potência Ativa Trifásica | kW
        apP_1 | RK2.KVAT | Potência Aparente Trifásica | kVA
        value | RK9.KWT | Potência térmica | kW
        pC_1 | RK3.E_ODB | Činná energie odběr | kWh
        - | RK3.E_DOD | Činná energie dodávka | kWh
        rP_1 | RK3.Q | Jalový výkon celkem | kVAr
        aP_1 | RK3.P | Činný výkon celkem | kW
    """,
    "what runs": """
        value | FU_7_M | Frequenzumrichter Abluft läuft |  | BI | FALSE/TRUE
        - | FU_7_S | Frequenzumrichter Abluft Status |  | BI | FALSE/TRUE
        value | Heating P3 Run |  |  | BI | Stopped/Running
        - | Heating P3 Trip |  |  | BI | Normal/Tripped
        - | Gate P3 Run |  |  | BI | Stopped/Running
        value | KM-2.ST | Status chiller |  | BI | Desligado/Ligado
        - | KM-2.AL | Status chiller |  | BI | Normal/Alarme
    """,
    "modes by their states": """
        value | Zone 4 status |  |  | MSI | Setback/Comfort/Night/Frost
        - | Breaker 4 status |  |  | MSI | Open/Closed/Tripped
    """,
    "heat by short words": """
        value | Ht Mtr 7 kWh |  | kWh
        value | Ht Mtr 7 kW |  | kW
        value | Ht Mtr 7 Flow T |  | °C
        value | Ht Mtr 7 Ret Temp |  | °C
    """,
    "litres in a tank or through a meter": """
        - | Gen.VOL | Volume | L
        value | Mtr.VOL | Water volume | L
    """,
    "Hangul": """
        v_1 | 배전반2_R상전압 | 배전반 2 R상 전압 | V
        v_2 | 배전반2_S상전압 | 배전반 2 S상 전압 | V
        v_3 | 배전반2_T상전압 | 배전반 2 T상 전압 | V
        v_12 | 배전반2_RS선간전압 | 배전반 2 R-S 선간전압 | V
        c_1 | 배전반2_R상전류 | 배전반 2 R상 전류 | A
        c_2 | 배전반2_S상전류 | 배전반 2 S상 전류 | A
        c_3 | 배전반2_T상전류 | 배전반 2 T상 전류 | A
        - | 배전반2_누설전류 | 배전반 2 누설전류 | mA
        aP_1 | 배전반2_유효전력 | 배전반 2 유효전력 | kW
        - | 배전반2_최대수요전력 | 배전반 2 최대수요전력 | kW
        pC_1 | 배전반2_전력량 | 배전반 2 유효전력량 | kWh
        - | 배전반2_전월전력량 | 배전반 2 전월 전력량 | kWh
        - | 배전반2_무효전력량 | 배전반 2 무효전력량 | kVArh
        valid_when | 배전반2_통신상태 | 배전반 2 통신상태 |  | BI | 이상/정상
        value | 공조기3_급기온도 | 공조기 3 급기온도 | °C
        - | 공조기3_급기온도설정 | 공조기 3 급기온도 설정값 | °C | AV
        value | 공조기3_급기팬상태 | 공조기 3 급기팬 운전상태 |  | BI | 정지/운전
    """,
    "Han": """
        v_12 | 1号柜_AB线电压 |  | V
        v_23 | 1号柜_BC线电压 |  | V
        v_13 | 1号柜_CA线电压 |  | V
        c_1 | 1号柜_A相电流 |  | A
        c_2 | 1号柜_B相电流 |  | A
        c_3 | 1号柜_C相电流 |  | A
        aP_1 | 1号柜_总有功功率 |  | kW
        rP_1 | 1号柜_总无功功率 |  | kVAr
        pC_1 | 1号柜_正向有功电能 |  | kWh
        - | 1号柜_反向有功电能 |  | kWh
        - | 1号柜_最大需量 |  | kW
    """,
    "Cyrillic": """
        v_1 | ВРУ1 Напряжение фаза А |  | V
        v_2 | ВРУ1 Напряжение фаза В |  | V
        v_3 | ВРУ1 Напряжение фаза С |  | V
        c_1 | ВРУ1 Ток фаза А |  | A
        c_2 | ВРУ1 Ток фаза В |  | A
        c_3 | ВРУ1 Ток фаза С |  | A
        aP_1 | ВРУ1 Активная мощность |  | kW
        rP_1 | ВРУ1 Реактивная мощность |  | kVAr
        pC_1 | ВРУ1 Активная энергия |  | kWh
        - | ВРУ1 Реактивная энергия |  | kVArh
    """,
    "Greek": """
        v_1 | Π1 Τάση L1 |  | V
        v_2 | Π1 Τάση L2 |  | V
        v_3 | Π1 Τάση L3 |  | V
        c_1 | Π1 Ρεύμα L1 |  | A
        c_2 | Π1 Ρεύμα L2 |  | A
        c_3 | Π1 Ρεύμα L3 |  | A
        aP_1 | Π1 Ενεργός ισχύς |  | kW
        - | Π1 cos φ
    """,
}
