"""The pages of ratings: the citizen's, and the manager's."""
