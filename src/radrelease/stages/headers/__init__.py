"""Headers: what of them is published, in tables and in the files of the layout ``dicom``."""
