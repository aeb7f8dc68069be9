"""What an audit holds a finished release against, and what an attacker would try."""
