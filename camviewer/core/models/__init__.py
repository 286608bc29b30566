"""What a network is: its file, its weights, its labels."""
