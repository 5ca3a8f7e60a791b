"""The routes that controllers need to distinguish, as declared in the template."""

LINK = "/r/{link}"
REVIEW = "/reviews/{generation}/{round}"
AUDIT = f"{REVIEW}/audit"
AUDIT_JSON = f"{REVIEW}/audit.json"
FRESH_LINK = f"{REVIEW}/fresh-link"
REVIEWERS = f"{REVIEW}/reviewers"
NEW_GENERATION = "/authoring/new"
SIGN_IN = "/authoring/sign-in"
CALLBACK = "/authoring/callback"
SIGN_OUT = "/authoring/sign-out"
SIGNED_OUT = "/authoring/signed-out"
API = "/authoring/api/"
UPLOADS = ("/authoring/generations",)  # the only routes that accept files
EXPORT = "/authoring/generations/{generation}/exports/{format}"
# The problem page's form is sent to the page's own address; only these routes accept it.
FRESH_LINK_OFFERS = (LINK, REVIEW)
