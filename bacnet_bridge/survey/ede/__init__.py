"""EDE, the BIG-EU's Engineering Data Exchange: lists of points as files. Pure.

columns.py   the columns, and the headings under which they are met
tables.py    a file's rows → what it says of itself, its headings, its rows of points
states.py    texts of states: from a file of their own, or beside the object
codes.py     what a cell means: instances, types, units
lists.py     tables → a Survey; every row that is not in it with its reason
written.py   a Survey → EDE, layout 2.3, and its file of state texts

An EDE set is the list itself and up to three files beside it: state texts, units and object types.
"""
