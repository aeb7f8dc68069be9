"""Who and what is in a release: inputs to studies, studies to patients, patients to splits and shards."""
