"""What people and their tools save: bytes → text → rows of cells. Pure; it knows no mapping and no BACnet.

encoding.py   the bytes of a text file → text
cells.py      a CSV text → rows of cells with their places
workbook.py   an .xlsx file → sheets of the same rows; the only import of openpyxl
"""
