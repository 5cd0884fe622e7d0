"""Signs the requests that stand as JSON on stdin, or says where botocore would send them. Prints one JSON value for each."""
import datetime
import json
import sys

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
from botocore.config import Config


class Sent(Exception):
    """In place of sending."""


def sign(case):
    moment = datetime.datetime.fromtimestamp(case["time"] / 1000, datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: moment.replace(tzinfo=None) if remove_tzinfo else moment
    request = botocore.awsrequest.AWSRequest(case["method"], case["url"], dict(case["headers"]), case["body"].encode())
    identity = case["identity"]
    credentials = botocore.credentials.Credentials(identity["accessKeyId"], identity["secretAccessKey"], identity.get("sessionToken"))
    botocore.auth.SigV4Auth(credentials, case["service"], case["region"]).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


def endpoint(case):
    session = botocore.session.get_session()
    config = Config(use_fips_endpoint=case["fips"], retries={"total_max_attempts": 1})
    client = session.create_client(case["service"], region_name=case["region"], aws_access_key_id="a", aws_secret_access_key="b", config=config)
    seen = []

    def before_send(request, **_):
        seen.append(request.url)
        raise Sent()

    client.meta.events.register("before-send", before_send)
    try:
        client.get_parameter(Name="x") if case["service"] == "ssm" else client.get_secret_value(SecretId="x")
    except Sent:
        pass
    return seen[0]


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(sign(case) if case["do"] == "sign" else endpoint(case)))
