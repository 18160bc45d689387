"""One module for each table of the database that documents have words for: ``decode`` reads rows, ``encode`` writes them.

``encode(...)`` gives the columns of a row with the values they shall have; columns that documents have no words for are
never among them, and so stay as they are. The schema is described in ovs-vswitchd.conf.db(5).
"""
