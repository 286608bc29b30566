"""Reviews: predictions on many photos, compared with the truth."""
