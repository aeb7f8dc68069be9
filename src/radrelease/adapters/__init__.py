"""Everything impure: files, archives, processes, the vault. One real thing each."""
