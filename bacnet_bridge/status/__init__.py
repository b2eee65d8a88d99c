"""What the running bridge shows to browsers and to monitoring: health, metrics, documents. It changes nothing."""
