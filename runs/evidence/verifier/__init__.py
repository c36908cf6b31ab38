"""What a bundle of evidence proves, examined without the portal: Python and `cryptography` are enough.

`runs.evidence.assemble` puts these files and those of `governance.merkle` together into one, `verify.py`.
"""
