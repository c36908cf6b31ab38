"""What programs that call `demo --once --json` may rely on."""

KEYS = {
    "id", "reference", "state", "output_sha256", "provenance_url", "prompt_versions", "model_version",
    "model_sha256", "release", "approved_by", "tokens", "tokens_in", "tokens_out", "cost", "seconds", "error",
}  # fmt: skip
