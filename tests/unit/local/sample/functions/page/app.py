"""A small web site with cookies, a redirect and a binary response."""

import base64
import json


def handler(event, context):
    """Return the response for the request's path."""
    path = event["rawPath"]
    method = event["requestContext"]["http"]["method"]
    if path == "/broken":
        raise RuntimeError("a secret that no client may read")
    if path == "/pixel":
        body = base64.b64encode(bytes(range(256))).decode()
        headers = {"content-type": "application/octet-stream"}
        return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}
    if method == "POST":
        seen = {"body": event.get("body"), "cookies": event["headers"].get("cookie")}
        return {"statusCode": 200, "body": json.dumps(seen)}
    if path == "/reviews/enter":
        cookies = ["session=abc; HttpOnly", "csrf=def"]
        return {"statusCode": 303, "headers": {"location": "/reviews/one"}, "cookies": cookies}
    seen = {"path": path, "query": event["rawQueryString"], "params": event["pathParameters"]}
    return {"statusCode": 200, "body": json.dumps(seen)}
