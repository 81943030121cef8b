"""Pure values and rules: geometry, money, jobs. No I/O, no clock."""
