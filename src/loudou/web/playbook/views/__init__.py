"""Views of the playbook."""
