"""How players are named where devices may know no more of them than the number on their back."""


def called(player: str) -> str:
    """`no. 12` for a number, any other name as it is."""
    return f"no. {player}" if player.isdecimal() else player
