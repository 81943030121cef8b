"""Values and rules, such as geometry, money and jobs, without I/O or a clock."""
