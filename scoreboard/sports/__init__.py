"""What facts mean: pure rules, one module or small package a sport; none knows another.

    sport.py      the contract that a sport keeps, and the words it is written in
    fact.py       what a sport is told; joining.py what devices observed and officials decided
    described.py  what its structs take, in words
    feats.py      what is worth telling: marks that may be records, milestones
    groups.py     whose table an entrant counts for, shared by sports without matches
    ties.py       rankings by a named chain of tie-breaks, shared by all
    exact.py      exact arithmetic for scores that are rounded by a rulebook, shared by all
    times.py      times as people write them, rounded up as officials do
    clock.py      clocks that every screen ticks by itself
    players.py    how players are named of whom there is but a number
    simulating.py what contests that are made up for a rehearsal are written in
    formula.py    formulas that a competition configures: arithmetic and no more
    registry.py   the sports that are installed (entry points `scoreboard.sports`)
    football/     association football
    golf/         golf and disc golf: strokes over rounds, matches by holes
    judged/       panels of judges: skating, diving, gymnastics
    lifting/      attempts and lights: powerlifting, weightlifting
    periods/      timed periods with a running score: basketball
    points.py     points that add up: quizzes, games, top tens
    predictions.py  guesses of another competition's scores
    problems/     programming contests by ICPC rules
    race/         races against the clock: waves, laps, splits, stations
    rounds/       alliances and pairs that change from match to match
    season/       points by place over rounds, best results, count-back, teams
    tennis/       sets of games or points: tennis, volleyball, table tennis, badminton

A sport of your own is a class in a package of your own, named by an entry point.
"""
