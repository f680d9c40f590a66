"""The Journey service: what customers do on any device, recorded, folded and resumed."""
