"""What has changed? A target's answers, case by case, against those of an earlier run."""
