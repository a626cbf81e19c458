"""Work contact sheets (REP-4): defects that the builder puts right, chased until the owner has accepted the work."""
