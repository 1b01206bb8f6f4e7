"""The command line. Each file is a group of sub-commands and imports its package when it runs."""
