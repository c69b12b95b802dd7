"""A stand-in for X on loopback, to learn, demonstrate and test with."""
