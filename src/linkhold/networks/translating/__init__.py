"""From a request to a document, one concern in each module: what it says of interfaces, routes, rules, name servers."""
