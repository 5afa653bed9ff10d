"""`python -m scoreboard` is the command `scoreboard`."""

from scoreboard.cli import main

if __name__ == "__main__":
    main()
