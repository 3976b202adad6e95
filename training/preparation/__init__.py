"""From candidates as they are read to what trainers read: cleaned once, then tokenised, merged and split."""
