"""The pages of guides and delegations."""
