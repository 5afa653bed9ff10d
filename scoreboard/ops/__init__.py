"""What those who run the program at a venue need to know and to do.

how it is
    watching.py       health, readiness, metrics; siblings.py those of all processes
    desk.py           the same at a glance, for the operator's desk
where it is
    nearby.py         ways in, QR codes, trust for HTTPS; announcing.py its name on the network
screens
    displays.py       what each shows; display_doors.py over HTTP
the worker
    child.py          a supervised child process; jobs.py what it says of its work
"""
