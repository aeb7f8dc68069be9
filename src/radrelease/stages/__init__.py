"""Pure functions over typed records: no file, network, model, clock or process."""
