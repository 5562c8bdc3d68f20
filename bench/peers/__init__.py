"""Side by side with peers, over the servers of the proof."""
