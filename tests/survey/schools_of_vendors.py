"""Meters and inverters as their makers name objects, made up for these tests; see schools.py for the form."""

from typing import Final

VENDORS: Final = {
    "SDM630 Modbus GW": """
        v_1 | SDM630_3 Phase 1 line to neutral volts |  | V
        v_2 | SDM630_3 Phase 2 line to neutral volts |  | V
        v_3 | SDM630_3 Phase 3 line to neutral volts |  | V
        c_1 | SDM630_3 Phase 1 current |  | A
        c_2 | SDM630_3 Phase 2 current |  | A
        c_3 | SDM630_3 Phase 3 current |  | A
        aP_1 | SDM630_3 Phase 1 power |  | W
        aP_2 | SDM630_3 Phase 2 power |  | W
        aP_3 | SDM630_3 Phase 3 power |  | W
        apP_1 | SDM630_3 Phase 1 volt amps |  | VA
        apP_2 | SDM630_3 Phase 2 volt amps |  | VA
        apP_3 | SDM630_3 Phase 3 volt amps |  | VA
        rP_1 | SDM630_3 Phase 1 volt amps reactive |  | VAr
        rP_2 | SDM630_3 Phase 2 volt amps reactive |  | VAr
        rP_3 | SDM630_3 Phase 3 volt amps reactive |  | VAr
        - | SDM630_3 Phase 1 power factor
        - | SDM630_3 Average line to neutral volts |  | V
        - | SDM630_3 Sum of line currents |  | A
        - | SDM630_3 Total system power |  | W
        - | SDM630_3 Frequency of supply voltages |  | Hz
        pC_1 | SDM630_3 Total import kWh |  | kWh
        - | SDM630_3 Total export kWh |  | kWh
        - | SDM630_3 Total system power demand |  | W
        - | SDM630_3 Maximum total system power demand |  | W
        v_12 | SDM630_3 Line 1 to line 2 volts |  | V
        v_23 | SDM630_3 Line 2 to line 3 volts |  | V
        v_13 | SDM630_3 Line 3 to line 1 volts |  | V
        - | SDM630_3 Neutral current |  | A
        - | SDM630_3 Phase 1 L/N volts THD |  | %
        - | SDM630_3 Resettable total active energy |  | kWh
    """,
    "SDM120 single": """
        v_1 | Flat12 Voltage |  | V
        c_1 | Flat12 Current |  | A
        aP_1 | Flat12 Active power |  | W
        apP_1 | Flat12 Apparent power |  | VA
        - | Flat12 Power factor
        - | Flat12 Frequency |  | Hz
        pC_1 | Flat12 Import active energy |  | kWh
        - | Flat12 Export active energy |  | kWh
    """,
    "PAC2200": """
        v_1 | PAC2200.V_L1 | Voltage L1-N | V
        v_2 | PAC2200.V_L2 | Voltage L2-N | V
        v_3 | PAC2200.V_L3 | Voltage L3-N | V
        v_12 | PAC2200.V_L12 | Voltage L1-L2 | V
        v_23 | PAC2200.V_L23 | Voltage L2-L3 | V
        v_13 | PAC2200.V_L31 | Voltage L3-L1 | V
        c_1 | PAC2200.I_L1 | Current L1 | A
        c_2 | PAC2200.I_L2 | Current L2 | A
        c_3 | PAC2200.I_L3 | Current L3 | A
        apP_1 | PAC2200.VA_L1 | Apparent power L1 | VA
        apP_2 | PAC2200.VA_L2 | Apparent power L2 | VA
        apP_3 | PAC2200.VA_L3 | Apparent power L3 | VA
        aP_1 | PAC2200.W_L1 | Active power L1 | W
        aP_2 | PAC2200.W_L2 | Active power L2 | W
        aP_3 | PAC2200.W_L3 | Active power L3 | W
        rP_1 | PAC2200.VAR_L1 | Reactive power L1 | VAr
        rP_2 | PAC2200.VAR_L2 | Reactive power L2 | VAr
        rP_3 | PAC2200.VAR_L3 | Reactive power L3 | VAr
        - | PAC2200.PF_L1 | Power factor L1
        - | PAC2200.I_AVG | Average current | A
        - | PAC2200.W_SUM | Total active power | W
        - | PAC2200.WH_IMP_T1 | Active energy import tariff 1 | Wh
        - | PAC2200.WH_IMP_T2 | Active energy import tariff 2 | Wh
        pC_1 | PAC2200.WH_IMP | Active energy import | Wh
        - | PAC2200.WH_EXP | Active energy export | Wh
        - | PAC2200.VARH_IMP | Reactive energy import | VArh
    """,
    "B23 via gateway": """
        v_1 | B23 Voltage L1-N |  | V
        v_2 | B23 Voltage L2-N |  | V
        v_3 | B23 Voltage L3-N |  | V
        c_1 | B23 Current L1 |  | A
        c_2 | B23 Current L2 |  | A
        c_3 | B23 Current L3 |  | A
        - | B23 Current N |  | A
        - | B23 Active power Total |  | W
        aP_1 | B23 Active power L1 |  | W
        aP_2 | B23 Active power L2 |  | W
        aP_3 | B23 Active power L3 |  | W
        pC_1 | B23 Active energy import |  | kWh
        - | B23 Active energy export |  | kWh
        - | B23 Active energy net |  | kWh
        - | B23 Active energy import tariff 1 |  | kWh
        - | B23 Phase angle power L1 |  | degrees-angular
        - | B23 Quadrant L1
    """,
    "UMG 512": """
        v_1 | _ULN[0] | Spannung L1-N | V
        v_2 | _ULN[1] | Spannung L2-N | V
        v_3 | _ULN[2] | Spannung L3-N | V
        c_1 | _ILN[0] | Strom L1 | A
        c_2 | _ILN[1] | Strom L2 | A
        c_3 | _ILN[2] | Strom L3 | A
        - | _ILN[3] | Strom L4 | A
        aP_1 | _PLN[0] | Wirkleistung L1 | W
        aP_2 | _PLN[1] | Wirkleistung L2 | W
        aP_3 | _PLN[2] | Wirkleistung L3 | W
        - | _PSUM3 | Wirkleistung Summe L1-L3 | W
        - | _IPOS_SUM | Strom Mitsystem | A
        pC_1 | _WH_V[3] | Bezogene Wirkarbeit Summe L1-L3 | Wh
        - | _WH_Z[3] | Gelieferte Wirkarbeit Summe L1-L3 | Wh
        - | _THD_ULN[0] | THD U L1 | %
    """,
    "EM24 gateway": """
        v_1 | EM24_5 V L1-N |  | V
        v_2 | EM24_5 V L2-N |  | V
        v_3 | EM24_5 V L3-N |  | V
        c_1 | EM24_5 A L1 |  | A
        c_2 | EM24_5 A L2 |  | A
        c_3 | EM24_5 A L3 |  | A
        aP_1 | EM24_5 kW L1 |  | kW
        aP_2 | EM24_5 kW L2 |  | kW
        aP_3 | EM24_5 kW L3 |  | kW
        - | EM24_5 kW sys |  | kW
        - | EM24_5 V L-N sys |  | V
        - | EM24_5 kWdmd |  | kW
        - | EM24_5 kWdmd max |  | kW
        pC_1 | EM24_5 kWh (+) TOT |  | kWh
        - | EM24_5 kWh (-) TOT |  | kWh
        - | EM24_5 kWh (+) PAR |  | kWh
        - | EM24_5 kWh (+) T1 |  | kWh
        - | EM24_5 Hz |  | Hz
    """,
    "MC603 M-Bus": """
        value | MC603 Heat energy E1 |  | MWh
        value | MC603 Cooling energy E3 |  | MWh
        value | MC603 Volume V1 |  | m³
        value | MC603 Flow V1 |  | m³/h
        value | MC603 Power E1 | Thermal power | kW
        value | MC603 Temperature t1 |  | °C
        value | MC603 Temperature t2 |  | °C
        - | MC603 Temperature difference t1-t2 |  | K
        - | MC603 Hour counter |  | h
        - | MC603 Max power this year | Heat, maximum | kW
    """,
    "IQ4 outstation": """
        value | S12(OutsideAirTemp) | Outside Air Temp | °C
        value | S14(CHW Flow Temp) |  | °C
        - | K3(CHW Flow Setpoint) |  | °C | AV
        - | S20(LTHW Flow Temp Calc SP) |  | °C
        pC_1 | S31(Incomer kWh) | Main incomer electricity | kWh
        value | S32(Gas Meter) | Main gas meter | m³
        value | S33(Water Meter) | Mains cold water | m³
        - | D4(Boiler 1 Enable) |  |  | BV
        value | I5(AHU1 Supply Fan Status) |  |  | BI | Off/On
        - | I6(AHU1 Supply Fan Trip) |  |  | BI
    """,
    "Inverters": """
        - | SMA1 Total yield | PV inverter | kWh
        - | SMA1 Power AC | PV inverter | W
        - | SMA1 Voltage DC A |  | V
        - | SMA1 Daily yield | PV inverter | kWh
        - | Fronius2 PAC | Wechselrichter Leistung | W
        - | Fronius2 DAY_ENERGY | Wechselrichter Tagesenergie | kWh
        - | Fronius2 TOTAL_ENERGY | Wechselrichter Gesamtenergie | kWh
        - | Fronius2 UDC | Wechselrichter DC Spannung | V
        - | Batt SOC | Batteriespeicher Ladezustand | %
        - | Batt P | Batteriespeicher Leistung | kW
    """,
    "WAGO 750": """
        v_1 | UV2.EM.U_L1_N |  | V
        v_2 | UV2.EM.U_L2_N |  | V
        v_3 | UV2.EM.U_L3_N |  | V
        c_1 | UV2.EM.I_L1 |  | A
        c_2 | UV2.EM.I_L2 |  | A
        c_3 | UV2.EM.I_L3 |  | A
        aP_1 | UV2.EM.P_L1 |  | W
        aP_2 | UV2.EM.P_L2 |  | W
        aP_3 | UV2.EM.P_L3 |  | W
        - | UV2.EM.P_ges |  | W
        rP_1 | UV2.EM.Q_ges |  | VAr
        apP_1 | UV2.EM.S_ges |  | VA
        pC_1 | UV2.EM.W_Bezug |  | kWh
        - | UV2.EM.W_Lieferung |  | kWh
        - | UV2.EM.cosPhi_L1
        - | UV2.EM.W_Vormonat |  | kWh
        - | UV2.EM.I_max_L1 |  | A
        - | UV2.EM.P_15min |  | kW
    """,
    "L-INX Room meters": """
        pC_1 | Meters/Floor2/Lighting/Energy | Lighting active energy | kWh
        pC_1 | Meters/Floor2/Sockets/Energy | Socket outlets active energy | kWh
        pC_1 | Meters/Floor2/Lifts/Energy | Lift active energy | kWh
        pC_1 | Meters/Floor2/Kitchen/Energy | Kitchen electricity | kWh
        value | Meters/Floor2/Heating/Energy | Heat meter energy | kWh
        value | Meters/Floor2/Cooling/Energy | Cooling energy meter | kWh
        - | Meters/Floor2/Lighting/EnergyLastMonth | Lighting active energy last month | kWh
        - | Meters/Floor2/Lighting/Estimated | Lighting estimated energy | kWh
        - | Meters/Floor2/Virtual/Energy | Virtual meter electricity | kWh
        - | Meters/Floor2/Meter9 |  | kWh
    """,
    "Communication in words": """
        c_1 | M1 I1 |  | A
        c_2 | M1 I2 |  | A
        c_3 | M1 I3 |  | A
        valid_when | M1 Comm OK |  |  | BI | No/Yes
        c_1 | M2 I1 |  | A
        c_2 | M2 I2 |  | A
        c_3 | M2 I3 |  | A
        valid_when | M2 Comm Loss |  |  | BI | No/Yes
        c_1 | M3 I1 |  | A
        c_2 | M3 I2 |  | A
        c_3 | M3 I3 |  | A
        valid_when | M3 COMM_ERR |  |  | BI | 0/1
        value | UPS Mode | Operating mode |  | MI | Online/Battery/Bypass/Off
    """,
}
