"""The pages of cases: intake at the window, papers to print, and how far a case has come."""
