// Deliberately empty; see package.json.
