"""One module per outside system; the only home of boto3 and HTTP."""
