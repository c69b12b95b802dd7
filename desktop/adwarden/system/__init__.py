"""What the program does to and asks of the operating system it runs on."""
