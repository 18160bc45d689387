"""What a host tells its centre, in the shapes of vdsm's replies: capabilities, statistics, LLDP, host devices.

Pure functions of one snapshot (state, facts, running configuration): a report is never half of a change, nothing in here
waits or looks at the host, and the same snapshot gives the same report. The wire's quirks (text numbers, ``::`` for no
gateway, ``on``/``off``) live here and nowhere else.
"""
