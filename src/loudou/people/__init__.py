"""Users, teams, roles, who sees what, audit."""
