"""Pages of a rehearsal: each says that it is one, whatever its own script does.

What is put in stands in the page as it is sent: a note before everything else, a striped frame
around the window, on paper too, and a script that leaves the page once the rehearsal is over.
"""

import re

BODY = re.compile(rb"<body[^>]*>")
HEAD = b"""<link rel="stylesheet" href="/static/shell/rehearsal.css">
<script type="module" src="/static/shell/rehearsal.js"></script>
</head>"""
NOTE = (
    b'\n<p class="rehearsal" role="note"><strong>Rehearsal</strong> '
    b"<span>nothing here is for real</span></p>"
)


def rehearsed(page: bytes) -> bytes:
    """An HTML page as it is sent for a rehearsal."""
    body = BODY.search(page)
    assert body is not None
    marked = page[: body.end()] + NOTE + page[body.end() :]
    return marked.replace(b"</head>", HEAD, 1)
