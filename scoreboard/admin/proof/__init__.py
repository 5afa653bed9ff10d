"""A competition taken out with all that proves it, in one file that is checked without a server.

    layout.py    what stands in a bundle, and the words for its README
    packing.py   a zip that is made while it is sent
    bundle.py    the door: GET .../bundle.zip
    checking.py  `scoreboard verify bundle.zip`: chain, signatures, and the boards folded again

A bundle is what officials see: of a frozen competition more than the public is shown.
"""
